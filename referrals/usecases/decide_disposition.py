"""A coordinator decides where the patient goes and how; the referrer's page shows it at once."""

from dataclasses import asdict, dataclass
from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.line_facts import DispositionDecided
from referrals.case.models import Disposition, Referral
from referrals.case.move import move
from referrals.case.notes import authorship
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.intake.codes import AMBULANCE_CATEGORIES, DISPOSITIONS, POSITIONS
from referrals.intake.fields import NotAllowed, Unreadable, read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The coordinator's entries; empty means not given."""

    kind: str
    site: str = ""
    unit: str = ""
    ambulance_category: str = ""
    position: str = ""
    told_by: str = ""


@one_transaction()
def decide_disposition(
    reference: str, destination: Destination, *, by: Actor, at: datetime, version: int | None = None
) -> Referral:
    """Record where the patient goes. A later decision replaces it; the earlier one stays in the record."""
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, version=version)
    _check(destination)
    facts = DispositionDecided(
        disposition=destination.kind,
        ambulance_category=destination.ambulance_category,
        position=destination.position,
    )
    line = move(case, Action.DECIDE_DISPOSITION, by=by, at=at, facts=facts)
    row = Disposition(referral=case, ledger_line=line, **asdict(destination), **authorship(by, at=at))
    keep(row, line=line, by=by, at=at)
    return case


def _check(destination: Destination) -> None:
    errors: dict[str, list[str]] = {}
    for path in ("site", "unit", "told_by"):
        try:
            read_text(getattr(destination, path))
        except (NotAllowed, Unreadable) as problem:
            errors[path] = [str(problem)]
    travels = destination.kind in ("attend", "ambulance")
    if destination.kind not in DISPOSITIONS:
        errors["kind"] = ["Say whether the patient stays, attends, or goes by ambulance"]
    if travels and not destination.site.strip():
        errors["site"] = ["Say which hospital the patient goes to"]
    if destination.kind == "ambulance" and destination.ambulance_category not in AMBULANCE_CATEGORIES:
        errors["ambulance_category"] = ["Choose the ambulance category"]
    if travels and destination.position not in POSITIONS:
        errors["position"] = ["Choose the patient's position for travel"]
    if errors:
        raise Invalid("The destination is not complete", errors=errors)
