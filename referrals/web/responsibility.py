"""Who works on a case and who is responsible for the patient, the same for both sides."""

from dataclasses import dataclass
from datetime import datetime

from accounts.people import Duty
from kernel.actors import Actor
from kernel.time import clock_time, near
from oncall.owners import owner_name
from oncall.rota import holder_of as duty_holder
from referrals.case.claims import holder_of
from referrals.case.models import Referral
from referrals.intake.fields import REFERRER_ROLE

_ON_DUTY = ", coordinator on duty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """One named owner at all times, and who is responsible for the patient."""

    owner: str
    claim: str
    somebody_elses: bool
    responsible: str


def responsibility(
    case: Referral,
    *,
    by: Actor | None,
    at: datetime,
    owner: str | None = None,
    on_duty: str | None = None,
) -> Responsibility:
    """Who is responsible for a case, for both sides.

    `owner` and `on_duty` are the names of the owner and of the coordinator on duty if the caller has read them, ""
    for nobody.
    """
    holder = holder_of(case, at=at)
    until = clock_time(case.claimed_until) if holder and case.claimed_until else ""
    with_whom = _owner(case, holder, owner, on_duty, at=at)
    unclaimed = "Nobody has claimed it"
    if with_whom.endswith(_ON_DUTY):
        unclaimed += f", so it is with {with_whom}"
    return Responsibility(
        owner=with_whom,
        claim=f"{case.claimed_by_name} has claimed it until {until}" if holder else unclaimed,
        somebody_elses=by is not None and holder not in ("", by.key),
        responsible=responsible_for(case, at=at),
    )


def _owner(case: Referral, holder: str, owner: str | None, on_duty: str | None, *, at: datetime) -> str:
    """The person who claimed it, else who acknowledged it while on duty, else the coordinator on duty."""
    if holder:
        return case.claimed_by_name
    if owner is None:
        owner = owner_name(case.pk, at=at)
    if owner:
        return owner
    if on_duty is None:
        duty = duty_holder(Duty.COORDINATOR, at=at)
        on_duty = duty.name if duty else ""
    if on_duty:
        return f"{on_duty}{_ON_DUTY}"
    return case.acknowledged_by or "nobody is on duty as coordinator: ring the number above"


def responsible_for(case: Referral, *, at: datetime) -> str:
    """Who is responsible for the patient: the referrer until an acceptance is recorded."""
    if case.responsible_since is not None:
        return f"{case.responsible}, who accepted {near(case.responsible_since, at=at)}"
    role = REFERRER_ROLE[case.referrer["role"]]
    return f"{case.referrer['name']} ({role}), the referrer, until somebody accepts the patient"
