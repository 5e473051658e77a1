"""A step of imaging or transfer that no hospital system reports, such as vetting, acceptance or departure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import is_earlier, minute_after
from ledger.transaction import one_transaction
from referrals.case.case_facts import of_case, spine_may_be_unstable
from referrals.case.event_record import write_event
from referrals.case.line_facts import EventRecorded
from referrals.case.models import Event, Referral
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import STEP_WORDS
from referrals.intake.fields import NotAllowed, Unreadable, read_text
from referrals.intake.instants import fault_of_future


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayStep:
    """A kind of step: its text fields, the required ones, and the step that must come before it."""

    kind: str
    fields: Mapping[str, str]
    required: tuple[str, ...] = ()
    flags: Mapping[str, str] | None = None
    after: str = ""
    accepted_first: bool = False  # the patient moves only after an acceptance, or with a reason

    @property
    def all_fields(self) -> Mapping[str, str]:
        """Its fields, with the reason for a move before an acceptance."""
        return {**self.fields, **({WITHOUT: WHY_WITHOUT} if self.accepted_first else {})}


WITHOUT = "unaccepted_because"  # the reason for a move without a recorded acceptance
WHY_WITHOUT = "If nobody has accepted the transfer yet: why the patient goes now"
STEPS = (
    PathwayStep(kind="mri_vetted", fields={"by": "Vetted by", "protocol": "Protocol"}),
    PathwayStep(kind="images_requested", fields={"site": "From where"}, required=("site",)),
    PathwayStep(kind="images_received", fields={"site": "Where they are now"}),
    PathwayStep(kind="images_viewable", fields={"by": "Seen by"}),
    PathwayStep(
        kind="transfer_accepted",
        fields={"by": "Accepted by, with role", "site": "Hospital", "bed": "Ward and bed"},
        required=("by", "site"),
    ),
    PathwayStep(
        kind="transport_booked",
        fields={"transport": "Transport and its reference", "by": "Booked with"},
        required=("transport",),
        accepted_first=True,
        flags={"unstable_told": "Transport was told of the unstable spine"},
    ),
    PathwayStep(kind="departed", fields={"site": "From where"}, accepted_first=True),
    PathwayStep(
        kind="arrived", fields={"site": "Where", "by": "Received by"}, after="departed", accepted_first=True
    ),
)
STEP_AT = {step.kind: step for step in STEPS}


@one_transaction()
def record_step(
    reference: str, kind: str, data: Mapping[str, Any], *, occurred_at: datetime, by: Actor, at: datetime
) -> Event:
    """Record a step with its true instant. An arrival needs an earlier departure.

    Transport, departure and arrival without an earlier acceptance need a reason, `unaccepted_because`.
    """
    case = find_and_lock(reference, by=by)
    step = STEP_AT[kind]
    content = _read(step, data, occurred_at, at=at)
    _refuse_out_of_order(case, step, occurred_at, content)
    flags = {name: bool(content.get(name)) for name in step.flags or ()}
    facts = cast(EventRecorded, {"event": kind, "occurred_at": occurred_at, **flags})
    if WITHOUT in content:
        facts["unaccepted"] = True
    return write_event(
        case, Action.RECORD_EVENT, kind, occurred_at=occurred_at, data=content, facts=facts, by=by, at=at
    )


def _read(
    step: PathwayStep, data: Mapping[str, Any], occurred_at: datetime, *, at: datetime
) -> dict[str, Any]:
    content: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, label in step.all_fields.items():
        try:
            if text := read_text(data.get(name) or ""):
                content[name] = text
            elif name in step.required:
                errors[name] = [f"Fill in “{label}”"]
        except (NotAllowed, Unreadable) as fault:
            errors[name] = [str(fault)]
    for name in step.flags or ():
        content[name] = bool(data.get(name))
    if problem := fault_of_future(occurred_at, at=at):
        errors["occurred_at"] = [problem]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    return content


def _refuse_out_of_order(
    case: Referral, step: PathwayStep, occurred_at: datetime, data: Mapping[str, Any]
) -> None:
    """Refuse transport that was not told of an unstable spine, a move without acceptance, and an arrival before departure."""
    events = Event.objects.filter(of_case(case))
    untold = step.kind == "transport_booked" and not data.get("unstable_told")
    if untold and spine_may_be_unstable(case, set(events.values_list("kind", flat=True))):
        reason = "The spine may be unstable: tell the transport service, then confirm it here"
        raise Invalid(reason, errors={"unstable_told": [reason]})
    if step.accepted_first and not data.get(WITHOUT) and not is_accepted(case, occurred_at):
        reason = "Nobody has accepted the transfer, according to the record. Record who accepted it first, or write why the patient goes now"
        raise Invalid(reason, errors={WITHOUT: [reason]})
    if step.after and not _was(events, step.after, by_then=occurred_at):
        raise OutOfTurn(f"Record first: {STEP_WORDS[step.after].lower()}")


def is_accepted(case: Referral, occurred_at: datetime) -> bool:
    """Whether the patient or their transfer had been accepted by an instant."""
    by_then = case.responsible_since is not None and not is_earlier(occurred_at, than=case.responsible_since)
    return by_then or _was(Event.objects.filter(of_case(case)), "transfer_accepted", by_then=occurred_at)


def _was(events: QuerySet[Event], kind: str, *, by_then: datetime) -> bool:
    return events.filter(kind=kind, occurred_at__lt=minute_after(by_then)).exists()
