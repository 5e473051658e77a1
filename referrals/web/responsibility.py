"""Who works on a case and who is responsible for the patient, the same for both sides."""

from dataclasses import dataclass
from datetime import datetime

from kernel.actors import Actor
from kernel.time import clock_time, near
from oncall.owners import owner_name
from oncall.rota import holder_of as duty_holder
from referrals.case.claims import holder_of
from referrals.case.models import Referral
from referrals.intake.fields import REFERRER_ROLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """One named owner at all times, and who is responsible for the patient."""

    owner: str
    claim: str
    mine: bool
    somebody_elses: bool
    responsible: str
    accepted: bool


def responsibility(
    case: Referral, *, by: Actor | None, at: datetime, owner: str | None = None
) -> Responsibility:
    """How a case stands for both sides. `owner` is the owner's name if the caller has read it, "" for none."""
    holder = holder_of(case, at=at)
    until = clock_time(case.claimed_until) if holder and case.claimed_until else ""
    return Responsibility(
        owner=_owner(case, holder, owner, at=at),
        claim=f"{case.claimed_by_name} has claimed it until {until}" if holder else "Nobody has claimed it",
        mine=by is not None and holder == by.key,
        somebody_elses=by is not None and holder not in ("", by.key),
        responsible=responsible_for(case, at=at),
        accepted=case.responsible_since is not None,
    )


def _owner(case: Referral, holder: str, owner: str | None, *, at: datetime) -> str:
    """The person who claimed it, else who acknowledged it while on duty, else the coordinator on duty."""
    if holder:
        return case.claimed_by_name
    if owner is None:
        owner = owner_name(case.pk, at=at)
    if owner:
        return owner
    duty = duty_holder("coordinator", at=at)
    if duty is not None:
        return f"{duty.name}, coordinator on duty"
    return case.acknowledged_by or "nobody is on duty as coordinator: ring the number above"


def responsible_for(case: Referral, *, at: datetime) -> str:
    """Who is responsible for the patient: the referrer until an acceptance is recorded."""
    if case.responsible_since is not None:
        return f"{case.responsible}, who accepted {near(case.responsible_since, at=at)}"
    role = REFERRER_ROLE[case.referrer["role"]]
    return f"{case.referrer['name']} ({role}), the referrer, until somebody accepts the patient"
