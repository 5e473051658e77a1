"""The details of lines about the service, not about a case: settings, shifts, alarms, signatures."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from accounts import sign_in
from accounts.line_facts import NhsIdentityChanged, NhsRoleChanged, SessionEnded, SettingChanged, SignedIn
from accounts.people import DUTIES, role_in_words
from accounts.service import SETTING_AT
from governance.incident_codes import HARM, INCIDENT_KINDS, STATES
from governance.line_facts import AuditViewed, IncidentInvestigated, IncidentReported
from kernel.time import dated, from_rfc3339
from kernel.words import Words
from ledger.facts import RecordErased, RecordsBound
from ledger.kinds import Kind
from ledger.read import Entry
from oncall.alarms import ALARMS
from oncall.line_facts import AlarmRaised, ShiftChanged
from referrals.case.line_facts import PurposeStated, RecordNotFound
from referrals.case.line_words import UNREADABLE
from referrals.case.openings import PURPOSES, SOUGHT_BY
from triage.line_facts import CitationConfirmed, RulesetSigned, SettingConfirmed

Names = Mapping[str, str]


def own_details(entry: Entry, names: Names) -> tuple[str, ...]:
    """The details of a line about the service; empty for other lines. Unknown codes stay codes."""
    describe = DETAILS.get(entry.kind)
    try:
        return tuple(map(str, describe(entry.facts, names, entry.at))) if describe else ()
    except UNREADABLE as unknown:  # the rest of the page must still open
        return (f"with {unknown}, which this version cannot put into words",)


def _label(key: str) -> str:
    return SETTING_AT[key].label if key in SETTING_AT else key


def _setting(facts: SettingChanged, names: Names, at: datetime) -> list[str]:
    return [_label(facts["setting"]), f"{facts['from']} became {facts['to']}"]


def _setting_confirmed(facts: SettingConfirmed, names: Names, at: datetime) -> list[str]:
    return [_label(facts["setting"])]


def _citation(facts: CitationConfirmed, names: Names, at: datetime) -> list[str]:
    return [facts["row"], facts["number"]]


def _ruleset(facts: RulesetSigned, names: Names, at: datetime) -> list[str]:
    return [f"ruleset {facts['ruleset']}"]


def _sign_in(facts: SignedIn, names: Names, at: datetime) -> list[str]:
    return list(sign_in.in_words(facts))


def _session(facts: SessionEnded, names: Names, at: datetime) -> list[str]:
    return list(sign_in.in_words({"way": facts["way"]})) if "way" in facts else []


def _nhs_identity(facts: NhsIdentityChanged, names: Names, at: datetime) -> list[str]:
    return [facts["change"], names.get(f"user:{facts['user']}", f"user {facts['user']}")]


def _nhs_role(facts: NhsRoleChanged, names: Names, at: datetime) -> list[str]:
    return [f"{facts['change']}: {facts['code']} at {facts['at']}", role_in_words(facts["role_here"])]


def _shift(facts: ShiftChanged, names: Names, at: datetime) -> list[str]:
    duty = facts.get("duty", "")
    details = [dict(DUTIES).get(duty, duty), names.get(facts.get("holder", ""), "")]
    if "starts_at" in facts:
        times = (dated(from_rfc3339(instant), at=at) for instant in (facts["starts_at"], facts["ends_at"]))
        details.append(" to ".join(times))
    if facts.get("ended"):
        details.append("taken off")
    return [*details, "given at once"] if facts.get("at_once") else details


def _alarm(facts: AlarmRaised, names: Names, at: datetime) -> list[str]:
    kind = facts["alarm"]
    details = [ALARMS[kind][0] if kind in ALARMS else kind, facts.get("about", "")]
    if "recipient" in facts:
        details.append(f"to {names.get(facts['recipient'], facts['recipient'])}")
    return details


def _not_found(facts: RecordNotFound, names: Names, at: datetime) -> list[str]:
    return [Words(SOUGHT_BY)[facts["by"]]]


def _purpose(facts: PurposeStated, names: Names, at: datetime) -> list[str]:
    return [Words(PURPOSES)[facts["purpose"]].lower()]


def _audit(facts: AuditViewed, names: Names, at: datetime) -> list[str]:
    purpose = facts.get("purpose")
    return [Words(PURPOSES)[purpose].lower()] if purpose else []


def _erased(facts: RecordErased, names: Names, at: datetime) -> list[str]:
    count = len(facts["erased"])
    return [f"{count} record{'' if count == 1 else 's'}", Words(ERASED_BECAUSE)[facts["because"]]]


def _bound(facts: RecordsBound, names: Names, at: datetime) -> list[str]:
    return [f"{sum(facts['rows'].values())} records of {len(facts['rows'])} tables"]


def _incident(facts: IncidentReported, names: Names, at: datetime) -> list[str]:
    return [Words(INCIDENT_KINDS)[facts["kind"]], f"harm: {Words(HARM)[facts['harm']]}"]


def _investigated(facts: IncidentInvestigated, names: Names, at: datetime) -> list[str]:
    harm = f"harm: {Words(HARM)[facts['harm']]}"
    return [f"incident {facts['incident']}", Words(STATES)[facts["state"]], harm]


# Why a record may be deleted, as `governance.erasure` stores it.
ERASED_BECAUSE = {
    "person_asked": "the person asked for it",
    "kept_too_long": "the time for keeping it is over",
    "court": "a court has ordered it",
    "never_ours": "it should never have been here",
}

# Each function takes the facts of its kind, as a test checks.
DETAILS: dict[str, Callable[[Any, Names, datetime], list[str]]] = {
    Kind.SETTING_CHANGED: _setting,
    Kind.SETTING_CONFIRMED: _setting_confirmed,
    Kind.CITATION_CONFIRMED: _citation,
    Kind.RULESET_SIGNED: _ruleset,
    Kind.SIGNED_IN: _sign_in,
    Kind.SIGN_IN_FAILED: _sign_in,
    Kind.SESSION_ENDED: _session,
    Kind.NHS_IDENTITY_CHANGED: _nhs_identity,
    Kind.NHS_ROLE_CHANGED: _nhs_role,
    Kind.SHIFT_CHANGED: _shift,
    Kind.ALARM_RAISED: _alarm,
    Kind.RECORD_NOT_FOUND: _not_found,
    Kind.PURPOSE_STATED: _purpose,
    Kind.AUDIT_VIEWED: _audit,
    Kind.RECORD_ERASED: _erased,
    Kind.RECORDS_BOUND: _bound,
    Kind.INCIDENT_REPORTED: _incident,
    Kind.INCIDENT_INVESTIGATED: _investigated,
}
