"""What happened to a case, by whom, when and why: the lines of the ledger in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.names import names_of
from accounts.people import DUTY_WORDS, role_in_words
from kernel.time import from_rfc3339, near
from ledger.kinds import Kind
from ledger.read import Entry, of_case
from oncall.kinds import INTERNAL as INTERNAL_CLOCKS
from oncall.kinds import KIND_AT, OBLIGATIONS, STOPPED_WORDS
from oncall.models import Clock
from referrals.case.deterioration import WORSE, in_words_of
from referrals.case.models import Referral
from referrals.evidence.events import INSTABILITY, SADDLE
from referrals.evidence.imaging import STATE_WORDS
from referrals.evidence.scans import REPORTED, is_final
from referrals.intake import codes
from referrals.intake.fields import WALKING
from referrals.intake.validation import label_of
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.course import ANSWER_WORDS, JUDGEMENT_AT
from triage.guideline.findings import ANSWER_WORDS as IMAGING_WORDS
from triage.guideline.findings import ImagingFinding
from triage.guideline.rule import STREAM_WORDS
from triage.scores.catalogue import SCORE_AT

Facts = Mapping[str, Any]

# Pages, clocks and judgements are internal to the service; a referrer does not see them.
INTERNAL = frozenset({Kind.PAGE_WRITTEN, Kind.PAGE_SENT, Kind.PAGE_FAILED, Kind.RUNG_FOUND_NOBODY, Kind.RUNG_PASSED_OVER, Kind.REVIEW_OPENED,
                      Kind.REVIEW_DONE, Kind.LEASE_EXTENDED, Kind.CLOCK_EXTENDED, Kind.CLOCK_QUARANTINED, Kind.CLOCK_SNOOZED, Kind.SNOOZED,
                      Kind.OBLIGATION_ASKED, Kind.OBLIGATION_SETTLED, Kind.COURSE_JUDGED, Kind.CARE_ANSWERED, Kind.SCORE_RECORDED,
                      Kind.MERGE_UNDONE, Kind.FACT_KEPT_UNMATCHED, Kind.UNMATCHED_FACT_SETTLED,
                      Kind.NEWS_READ, Kind.CASE_RELEASED, Kind.CASE_HANDED_ON, Kind.HAND_ON_ACCEPTED, Kind.HAND_ON_DECLINED, Kind.CASE_TAKEN_OVER, Kind.SLOT_RECORDED})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a timeline."""

    number: int
    kind: Kind | str  # the code alone when a later version wrote it
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    organisation: str
    what: str
    details: tuple[str, ...]
    why: str
    facts: Facts


def timeline(case: Referral, *, for_referrer: bool = False, with_views: bool = False) -> list[Happening]:
    """The timeline of a case, oldest first, in a constant number of queries."""
    entries = [
        entry
        for entry in of_case(case.pk, with_views=with_views)
        if "record_of" not in entry.facts  # the second line of a merge, which exists for the ledger's check
        and not (for_referrer and (entry.kind in INTERNAL or entry.facts.get("clock") in INTERNAL_CLOCKS))
    ]
    notes = dict(case.notes.values_list("ledger_line", "text"))
    names = {**names_of(_actors(entries)), **_subjects(case, entries)}
    return [_happening(entry, notes=notes, names=names) for entry in entries]


def _subjects(case: Referral, entries: list[Entry]) -> dict[str, str]:
    """Each obligation in words by its key: one query, or none when the case has no obligations."""
    if not any(entry.facts.get("subject") for entry in entries):
        return {}
    obligations = Clock.objects.filter(case=case.pk, kind__in=OBLIGATIONS).exclude(about="")
    return {f"subject:{subject}": about for subject, about in obligations.values_list("subject", "about")}


def _actors(entries: list[Entry]) -> set[str]:
    recipients = {
        entry.facts[name] for entry in entries for name in ("recipient", "to", "of") if _is_key(entry, name)
    }
    return {entry.actor for entry in entries} | recipients


def _happening(entry: Entry, *, notes: Mapping[int, str], names: Mapping[str, str]) -> Happening:
    return Happening(
        number=entry.number,
        kind=entry.kind,
        at=entry.at,
        recorded_at=entry.witnessed_at,
        actor=names[entry.actor],
        role=role_in_words(entry.role),
        organisation=entry.organisation,
        what=title_of(entry),
        details=details_of(entry, names),
        why=notes.get(entry.number, ""),
        facts=entry.facts,
    )


def title_of(entry: Entry) -> str:
    """What happened, in a few words. An event is named; worse neurology says what is worse and since when."""
    facts = entry.facts
    try:
        if WORSE in facts:
            since = from_rfc3339(facts["occurred_at"]) if "occurred_at" in facts else entry.at
            return in_words_of(facts[WORSE], since=since, at=entry.at)
        if entry.kind == Kind.EVENT_RECORDED:
            return codes.EVENT_WORDS.get(facts["event"]) or codes.INTERNAL_EVENT_WORDS[facts["event"]]
    except KeyError:  # written by a later version
        pass
    return entry.words


def details_of(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    """The facts of a ledger line in words. `names` has the names of actors by key."""
    describe = DETAILS.get(entry.kind)
    try:
        details = tuple(describe(entry.facts, entry.at)) if describe else ()
    except KeyError as unknown:  # written by a later version: the rest of the timeline still opens
        details = (f"with {unknown}, which this version cannot put into words",)
    is_obligation = entry.facts.get("clock") in OBLIGATIONS
    if is_obligation and (about := names.get(f"subject:{entry.facts.get('subject')}")):
        details = (about, *details[1:])
    people = [
        f"{preposition} {names[entry.facts[name]]}"
        for name, preposition in (("recipient", "to"), ("to", "to"), ("of", "from"))
        if _is_key(entry, name)
    ]
    return (*people, *details)


def _is_key(entry: Entry, name: str) -> bool:
    """Whether a fact of a line is the key of a person; in a line that changes a state, "to" is that state."""
    return str(entry.facts.get(name, "")).startswith("user:")


def _stream(code: str) -> str:
    return STREAM_WORDS[code].lower()  # type: ignore[index]  # stored codes


def _assessed(facts: Facts, at: datetime) -> list[str]:
    return [
        f"the guideline suggests: {_stream(facts['stream'])}"
        + (" (provisional)" if facts["provisional"] else "")
    ]


def _triaged(facts: Facts, at: datetime) -> list[str]:
    lines = [f"decided: {_stream(facts['stream'])}"]
    if facts["stream"] != facts["suggested"]:
        lines.append(f"the guideline suggested: {_stream(facts['suggested'])}")
        lines.append(f"reason: {codes.OVERRIDE_CODES[facts['override']].lower()}")
    if facts["investigations"]:
        lines.append(
            "investigations: " + ", ".join(codes.INVESTIGATIONS[code] for code in facts["investigations"])
        )
    if facts["urgency"]:
        lines.append(f"urgency: {codes.URGENCIES[facts['urgency']].lower()}")
    topics = [codes.ADVICE_TOPICS[topic] for topic, answer in facts["advice"].items() if answer == "given"]
    return [*lines, f"advice given on: {', '.join(topics)}"] if topics else lines


def _clock(facts: Facts, at: datetime) -> list[str]:
    lines = [KIND_AT[facts["clock"]].label]
    if "due_at" in facts:
        lines.append(f"due {near(from_rfc3339(facts['due_at']), at=at)}")
    if "because" in facts:
        lines.append(STOPPED_WORDS[facts["because"]] + (", after its limit" if facts["breached"] else ""))
    return lines


def _event(facts: Facts, at: datetime) -> list[str]:
    lines = [] if WORSE in facts else [f"at {near(from_rfc3339(facts['occurred_at']), at=at)}"]
    if "regions" in facts:
        regions = ", ".join(codes.REGIONS[region].lower() for region in facts["regions"])
        lines.append(f"{codes.MODALITIES[facts['modality']]}: {regions}" if "modality" in facts else regions)
    if "result" in facts:
        lines.append(codes.MRI_RESULTS[facts["result"]].lower())
    if facts["event"] == REPORTED:  # provisional when the report does not say
        status = facts.get("status") or ("final" if is_final(facts) else "provisional")
        lines.append(codes.REPORT_STATUSES[status].lower())
    if "booked_for" in facts:
        lines.append(f"for {near(from_rfc3339(facts['booked_for']), at=at)}")
    lines += _neurology(facts)
    if facts.get("unaccepted"):
        lines.append("before an acceptance of the transfer was recorded")
    if facts.get("without_plan"):
        lines.append(f"without a signed plan: {codes.DISCHARGED_WITHOUT_PLAN[facts['without_plan']].lower()}")
    if facts["event"] == "decision_to_treat":
        lines.append(codes.TREATMENT_MODALITIES[facts["modality"]].lower())
    return lines


def _neurology(facts: Facts) -> list[str]:
    """The reported neurology apart from what is worse: findings, and how the person walks."""
    answers = {f"neurology.{name}": answer for name, answer in facts.get("neurology", {}).items()}
    answers |= {name: facts[name] for name in (SADDLE, INSTABILITY) if name in facts}
    worse = facts.get(WORSE, {})
    lines = [
        f"{label_of(f'presentation.{path}')}: {answer.replace('_', ' ')}"
        for path, answer in answers.items()
        if path.rpartition(".")[2] not in worse
    ]
    labels = [
        label_of(f"presentation.{name if name == SADDLE else f'neurology.{name}'}")
        for name in facts.get("worse", ())
        if name not in worse
    ]
    if labels:
        lines.append(f"worse: {'; '.join(labels)}")
    if "walking_now" in facts and "clinical.walking_now" not in worse:
        lines.append(f"walking: {WALKING[facts['walking_now']].lower()}")
    return lines


def _picture(facts: Facts, at: datetime) -> list[str]:
    """The worst current finding, each region in words, and whether a report contradicts a finding."""
    words = {**IMAGING_WORDS[ImagingFinding], **STATE_WORDS}
    regions = [
        f"{codes.REGIONS[name].lower()}: {words[state].lower()}" for name, state in facts["regions"].items()
    ]
    lines = [f"imaging finding: {words[facts['finding']].lower()}", "; ".join(regions)]
    return [*lines, "a report contradicts a finding"] if facts["contradictions"] else lines


def _findings(facts: Facts, at: datetime) -> list[str]:
    labels = [label_of(f"presentation.{path}") for path in facts["changed"]]
    return ["; ".join(labels), codes.NEUROLOGY_SOURCES[facts["source"]].lower()]


def _disposition(facts: Facts, at: datetime) -> list[str]:
    lines = [codes.DISPOSITIONS[facts["disposition"]].lower()]
    if facts["ambulance_category"]:
        lines.append(codes.AMBULANCE_CATEGORIES[facts["ambulance_category"]].lower())
    return lines


def _contact(facts: Facts, at: datetime) -> list[str]:
    with_whom = "with the referrer" if facts["with_referrer"] else "with somebody else"
    return [
        f"{codes.CONTACT_CHANNELS[facts['channel']].lower()} {with_whom}",
        codes.CONTACT_OUTCOMES[facts["outcome"]].lower(),
    ]


def _page(facts: Facts, at: datetime) -> list[str]:
    lines = [KIND_AT[facts["clock"]].next_step.lower()]
    if "duty" in facts:
        lines.append(DUTY_WORDS[facts["duty"]])
    return [*lines, ", ".join(facts.get("channels", [facts["channel"]] if "channel" in facts else []))]


DETAILS: dict[Kind | str, Callable[[Facts, datetime], list[str]]] = {
    Kind.REFERRAL_SUBMITTED: lambda facts, at: [
        {
            "web": "by web form",
            "api": "by a hospital system",
            "telephone": "by telephone",
            "downtime": "on paper",
            "self_test": "by the service, to test itself",
        }[facts["source"]]
    ],
    Kind.REFERRAL_ASSESSED: _assessed,
    Kind.REFERRAL_TRIAGED: _triaged,
    Kind.REFERRAL_REDIRECTED: lambda facts, at: [codes.REDIRECT_ROUTES[facts["route"]].lower()],
    Kind.REFERRAL_CLOSED: lambda facts, at: [codes.CLOSE_OUTCOMES[facts["outcome"]].lower()],
    Kind.CLOCK_STARTED: _clock,
    Kind.CLOCK_STOPPED: _clock,
    Kind.CLOCK_BREACHED: _clock,
    Kind.CLOCK_UPGRADED: lambda facts, at: [KIND_AT[facts["clock"]].label],
    Kind.EVENT_RECORDED: _event,
    Kind.FINDINGS_CHANGED: _findings,
    Kind.DISPOSITION_DECIDED: _disposition,
    Kind.CONTACT_LOGGED: _contact,
    Kind.PAGE_WRITTEN: _page,
    Kind.PAGE_SENT: _page,
    Kind.PAGE_FAILED: _page,
    Kind.RUNG_FOUND_NOBODY: lambda facts, at: [DUTY_WORDS[facts["duty"]]],
    Kind.PROMISE_KEPT: lambda facts, at: [
        KIND_AT[facts["clock"]].label,
        f"at {near(from_rfc3339(facts['done_at']), at=at)}",
    ],
    Kind.REVIEW_DONE: lambda facts, at: ["agreed" if facts["agreed"] else "disagreed"],
    Kind.COURSE_JUDGED: lambda facts, at: [
        f"{JUDGEMENT_AT[name].label}: {ANSWER_WORDS[JUDGEMENT_AT[name].answers][value].lower()}"
        for name, value in facts["judged"].items()
    ],
    Kind.CARE_ANSWERED: lambda facts, at: [
        (ADVICE_AT.get(facts["code"]) or CARE_AT[facts["code"]]).text,
        codes.CARE_ANSWERS[facts["answer"]].lower(),
    ],
    Kind.SCORE_RECORDED: lambda facts, at: [
        SCORE_AT[facts["score"]].name,
        *([f"total {facts['total']}"] if facts["total"] is not None else []),
    ],
    Kind.LEASE_EXTENDED: lambda facts, at: [codes.LEASE_REASONS[facts["reason"]].lower()],
    Kind.CLOCK_EXTENDED: _clock,
    Kind.CLOCK_QUARANTINED: lambda facts, at: [KIND_AT[facts["clock"]].label],
    Kind.DETAILS_RECORDED: lambda facts, at: ["; ".join(label_of(path) for path in facts["fields"])],
    Kind.CASE_CLAIMED: lambda facts, at: [f"until {near(from_rfc3339(facts['until']), at=at)}"],
    Kind.PATIENT_ACCEPTED: lambda facts, at: [f"at {near(from_rfc3339(facts['accepted_at']), at=at)}"],
    Kind.MESSAGE_SENT: lambda facts, at: [
        "to the referrer" if facts["to_referrer"] else "to the coordinator",
        *([f"answer needed within {codes.DUE_WITHIN[facts['within']]}"] if facts["within"] else []),
    ],
    Kind.NOTICE_SENT: lambda facts, at: [facts["notice"].replace("_", " "), facts["channel"]],
    Kind.NOTICE_FAILED: lambda facts, at: [facts["notice"].replace("_", " "), facts["channel"]],
    Kind.ATTACHMENT_SCANNED: lambda facts, at: ["no virus found" if facts["clean"] else "a virus was found"],
    Kind.LETTER_ISSUED: lambda facts, at: [
        f"{codes.LETTER_WORDS[facts['letter']]}, version {facts['version']}"
    ],
    Kind.LETTER_READ: lambda facts, at: [
        f"{codes.LETTER_WORDS[facts['letter']]}, version {facts['version']}"
    ],
    Kind.BACK_ENTERED: lambda facts, at: [f"received {near(from_rfc3339(facts['received_at']), at=at)}"],
    Kind.PICTURE_CHANGED: _picture,
    Kind.FACT_KEPT_UNMATCHED: lambda facts, at: [codes.EVENT_WORDS[facts["event"]].lower()],
    Kind.UNMATCHED_FACT_SETTLED: lambda facts, at: [
        f"linked: {codes.EVENT_WORDS[facts['event']].lower()}"
        if "event" in facts
        else "belongs to no case here"
    ],
    Kind.PERSON_IDENTIFIED: lambda facts, at: [
        "; ".join(label_of(f"patient.{name}") for name in facts["fields"])
    ],
    Kind.ORGANISATION_ADDED: lambda facts, at: [facts["organisation"]],
}
