"""The bodies of calls and of feedback, checked in full, with every fault by its path. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.cds.refusals import NotAHook
from kernel.time import from_rfc3339

MOST_FEEDBACK, MOST_COMMENT = 100, 1000
ACCEPTED, OVERRIDDEN = "accepted", "overridden"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a service. `prefetch` has what came; nothing in it has been checked."""

    context: Mapping[str, Any]
    prefetch: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody did with a card."""

    card: UUID
    outcome: str
    outcome_at: datetime
    reason: str = ""
    comment: str = ""


def read_call(body: Any, *, hook: str) -> Call:
    """A call of this hook; NotAHook with every fault."""
    if not isinstance(body, dict):
        raise NotAHook("Send a JSON object", errors={"body": ["Send a JSON object"]})
    context, prefetch = body.get("context"), body.get("prefetch", {})
    errors: dict[str, list[str]] = {}
    if body.get("hook") != hook:
        errors["hook"] = [f"This service answers the hook {hook}"]
    if not _is_uuid(body.get("hookInstance")):
        errors["hookInstance"] = ["Send a UUID"]
    if not isinstance(context, dict):
        errors["context"] = ["Send an object"]
    else:
        errors |= {
            f"context.{name}": ["Send a text that is not empty"]
            for name in ("userId", "patientId")
            if not (isinstance(context.get(name), str) and context[name].strip())
        }
        if hook == "order-sign" and not _is_bundle(context.get("draftOrders")):
            errors["context.draftOrders"] = ["Send a Bundle"]
    if not isinstance(prefetch, dict):
        errors["prefetch"] = ["Send an object, or leave it out"]
    if "fhirAuthorization" in body and not isinstance(body.get("fhirServer"), str):
        errors["fhirServer"] = ["Send it where fhirAuthorization is sent"]
    if errors:
        raise NotAHook("Not a call of this service", errors=errors)
    return Call(context=context or {}, prefetch=prefetch)


def read_feedback(body: Any) -> tuple[Answer, ...]:
    """The answers to cards; NotAHook with every fault. Nothing is taken of a body with one."""
    sent = body.get("feedback") if isinstance(body, dict) else None
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_FEEDBACK:
        why = f"Send 1 to {MOST_FEEDBACK} answers"
        raise NotAHook("Not feedback", errors={"feedback": [why]})
    errors: dict[str, list[str]] = {}
    answers = [_answer(row, f"feedback[{number}]", errors) for number, row in enumerate(sent)]
    if errors:
        raise NotAHook("Not feedback", errors=errors)
    return tuple(answer for answer in answers if answer)


def _answer(row: Any, place: str, errors: dict[str, list[str]]) -> Answer | None:
    if not isinstance(row, dict):
        errors[place] = ["Send an object"]
        return None
    faults: dict[str, list[str]] = {}
    if not _is_uuid(row.get("card")):
        faults[f"{place}.card"] = ["Send the uuid of the card"]
    if row.get("outcome") not in (ACCEPTED, OVERRIDDEN):
        faults[f"{place}.outcome"] = [f"Choose one of: {ACCEPTED}, {OVERRIDDEN}"]
    reason, comment = _override(row.get("overrideReason"), f"{place}.overrideReason", faults)
    instant = None
    try:
        instant = from_rfc3339(str(row.get("outcomeTimestamp", "")))
    except ValueError:
        faults[f"{place}.outcomeTimestamp"] = [
            "Send an instant with its offset, such as 2026-11-20T09:30:00Z"
        ]
    errors.update(faults)
    if faults or instant is None:
        return None
    return Answer(
        card=UUID(row["card"]), outcome=row["outcome"], outcome_at=instant, reason=reason, comment=comment
    )


def _override(sent: Any, place: str, faults: dict[str, list[str]]) -> tuple[str, str]:
    """The reason's code and the words of the clinician. A card may be overridden without either."""
    if sent is None:
        return "", ""
    if not isinstance(sent, dict):
        faults[place] = ["Send an object"]
        return "", ""
    reason, comment = sent.get("reason"), sent.get("userComment")
    code = reason.get("code") if isinstance(reason, dict) else None
    is_code = isinstance(code, str) and 0 < len(code) <= 100 and code.isprintable()
    if reason is not None and not is_code:
        faults[f"{place}.reason"] = ["Send the code of a reason, of 1 to 100 printable characters"]
    if comment is not None and not (isinstance(comment, str) and len(comment) <= MOST_COMMENT):
        faults[f"{place}.userComment"] = [f"Send a text of at most {MOST_COMMENT} characters"]
    return (code if isinstance(code, str) else ""), storable(comment) if isinstance(comment, str) else ""


def storable(text: str) -> str:
    """A text without the characters that PostgreSQL cannot store."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _is_bundle(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"
