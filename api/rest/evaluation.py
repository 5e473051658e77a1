"""The body of an evaluation: a presentation and its instants."""

from typing import Any

from kernel.refusals import Invalid
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable
from referrals.intake.instants import fault_of_future
from referrals.intake.validation import read_presentation
from triage.guideline.evaluate import Instants
from triage.guideline.findings import Presentation

FIELDS = ("presentation", "clinician_suspected_at", "mscc_suspected_at")


def read_evaluation(body: Any, *, at: Any) -> tuple[Presentation, Instants]:
    """The presentation and its instants; Invalid with every problem by path."""
    if not isinstance(body, dict):
        raise Invalid("Some of what was sent cannot be accepted", errors={"body": ["Send this as an object"]})
    errors: dict[str, list[str]] = {key: ["There is no such field"] for key in body if key not in FIELDS}
    instants: dict[str, Any] = {}
    for name in FIELDS[1:]:
        if body.get(name) is None:
            continue
        try:
            instants[name] = FIELD_AT[name].read(body[name])
        except (Unreadable, NotAllowed) as problem:
            errors[name] = [str(problem)]
            continue
        if fault := fault_of_future(instants[name], at=at):
            errors[name] = [fault]
    presentation = read_presentation(body.get("presentation"), errors)
    if errors or presentation is None:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return presentation, Instants(
        suspected_at=instants.get("clinician_suspected_at"),
        mscc_suspected_at=instants.get("mscc_suspected_at"),
    )
