"""Without MSCC on imaging the decision to treat is not needed; after a clean whole spine, neither is the plan."""

from accounts.act import Act
from kernel.refusals import OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.case_facts import evidence_of
from referrals.case.line_facts import ClocksNotNeeded
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.evidence.imaging import SpinePicture
from triage.guideline.findings import ImagingFinding

TREATMENT_CLOCKS = (ClockKind.TREATMENT_PLAN, ClockKind.DECISION_TO_TREAT)


@one_transaction()
def end_treatment_clocks(reference: str, *, act: Act) -> Referral:
    """End, as not needed, the clocks that the imaging makes unnecessary."""
    case = find_and_lock(reference, by=act.by)
    kinds = unnecessary_clocks(evidence_of(case, service=act.service).picture)
    if not kinds:
        raise OutOfTurn(
            "A finding on imaging stands, or a result is open. The clock for the decision to treat ends when no compression stands, and the clock for the plan when final reports of the whole spine show no malignant disease"
        )
    move(
        case,
        Action.END_CLOCKS,
        by=act.by,
        at=act.at,
        facts=ClocksNotNeeded(kinds=[str(kind) for kind in kinds]),
    )
    clocks.stop(case.pk, kinds, because=Stopped.NOT_NEEDED, stopped_at=act.at, by=act.by, at=act.at)
    return case


def unnecessary_clocks(picture: SpinePicture) -> tuple[ClockKind, ...]:
    """The clocks that the picture of the spine makes unnecessary."""
    if picture.ruled_out:
        return TREATMENT_CLOCKS
    is_reported = any(region.is_finally_reported for region in picture.regions)
    may_be_compression = picture.shows(ImagingFinding.MSCC) or picture.awaited
    return (ClockKind.DECISION_TO_TREAT,) if is_reported and not may_be_compression else ()
