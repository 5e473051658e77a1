"""The details of lines about the service, not about a case: settings, shifts, alarms, signatures."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts import sign_in
from accounts.people import DUTY_WORDS, role_in_words
from accounts.service import SETTING_AT
from kernel.time import from_rfc3339, near
from kernel.words import Words
from ledger.kinds import Kind
from ledger.read import Entry
from oncall.alarms import ALARMS
from referrals.case.line_words import UNREADABLE
from referrals.case.openings import PURPOSES, SOUGHT_BY

Names = Mapping[str, str]


def own_details(entry: Entry, names: Names) -> tuple[str, ...]:
    """The details of a line about the service; empty for other lines. Unknown codes stay codes."""
    describe = _DETAILS.get(entry.kind)
    try:
        return tuple(map(str, describe(entry, names))) if describe else ()
    except UNREADABLE as unknown:  # the rest of the page must still open
        return (f"with {unknown}, which this version cannot put into words",)


def _label(key: str) -> str:
    return SETTING_AT[key].label if key in SETTING_AT else key


def _duty(facts: Mapping[str, Any]) -> str:
    words = {str(duty): words for duty, words in DUTY_WORDS.items()}
    return words.get(facts.get("duty", ""), facts.get("duty", ""))


def _setting(entry: Entry, names: Names) -> list[str]:
    facts = entry.facts
    return [_label(facts["setting"]), f"{facts['from']} became {facts['to']}"]


def _shift(entry: Entry, names: Names) -> list[str]:
    facts = entry.facts
    details = [_duty(facts), names.get(facts.get("holder", ""), "")]
    if "starts_at" in facts:
        times = (near(from_rfc3339(facts[name]), at=entry.at) for name in ("starts_at", "ends_at"))
        details.append(" to ".join(times))
    if facts.get("ended"):
        details.append("taken off")
    return [*details, "given at once"] if facts.get("at_once") else details


def _alarm(entry: Entry, names: Names) -> list[str]:
    kind = entry.facts["alarm"]
    details = [ALARMS[kind][0] if kind in ALARMS else kind, entry.facts.get("about", "")]
    return (
        [*details, f"to {names.get(entry.facts['recipient'], entry.facts['recipient'])}"]
        if "recipient" in entry.facts
        else details
    )


# Why a record may be deleted, as `governance.erasure` stores it.
ERASED_BECAUSE = {
    "person_asked": "the person asked for it",
    "kept_too_long": "it has been kept as long as it may be",
    "court": "a court has ordered it",
    "never_ours": "it should never have been here",
}

_DETAILS: dict[str, Callable[[Entry, Names], list[str]]] = {
    Kind.SETTING_CHANGED: _setting,
    Kind.SETTING_CONFIRMED: lambda entry, names: [_label(entry.facts["setting"])],
    Kind.CITATION_CONFIRMED: lambda entry, names: [entry.facts["row"], entry.facts["number"]],
    Kind.SIGNED_IN: lambda entry, names: list(sign_in.in_words(entry.facts)),
    Kind.SIGN_IN_FAILED: lambda entry, names: list(sign_in.in_words(entry.facts)),
    Kind.SESSION_ENDED: lambda entry, names: list(sign_in.in_words(entry.facts)),
    Kind.NHS_IDENTITY_CHANGED: lambda entry, names: [
        entry.facts["change"],
        names.get(f"user:{entry.facts['user']}", f"user {entry.facts['user']}"),
    ],
    Kind.NHS_ROLE_CHANGED: lambda entry, names: [
        f"{entry.facts['change']}: {entry.facts['code']} at {entry.facts['at']}",
        role_in_words(entry.facts["role_here"]),
    ],
    Kind.RULESET_SIGNED: lambda entry, names: [f"ruleset {entry.facts['ruleset']}"],
    Kind.SHIFT_CHANGED: _shift,
    Kind.ALARM_RAISED: _alarm,
    Kind.RECORD_NOT_FOUND: lambda entry, names: [Words(SOUGHT_BY)[entry.facts["by"]]],
    Kind.PURPOSE_STATED: lambda entry, names: [Words(PURPOSES)[entry.facts["purpose"]].lower()],
    Kind.AUDIT_VIEWED: lambda entry, names: (
        [Words(PURPOSES)[entry.facts["purpose"]].lower()] if entry.facts.get("purpose") else []
    ),
    Kind.RECORD_ERASED: lambda entry, names: [
        f"{len(entry.facts['erased'])} record{'' if len(entry.facts['erased']) == 1 else 's'}",
        Words(ERASED_BECAUSE)[entry.facts["because"]],
    ],
    Kind.RECORDS_BOUND: lambda entry, names: [
        f"{sum(entry.facts['rows'].values())} records of {len(entry.facts['rows'])} tables"
    ],
}
