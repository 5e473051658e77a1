"""The lines of the ledger in words: what happened, and its facts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from accounts.people import DUTY_WORDS
from kernel.time import from_rfc3339, near
from kernel.words import Words
from ledger.kinds import Kind
from ledger.read import Entry
from oncall.alarms import words_of
from oncall.kinds import KIND_AT, OBLIGATIONS, STOPPED_WORDS
from referrals.case.deterioration import WORSE, in_words_of
from referrals.case.openings import REASONS
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
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.scores.catalogue import SCORE_AT

Facts = Mapping[str, Any]
KEPT = {**codes.EVENT_WORDS, **codes.KEPT_WORDS}
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)  # facts in the shape of another version


def title_of(entry: Entry) -> str:
    """What happened, in a few words. An event is named; worse neurology says what is worse and since when."""
    facts = entry.facts
    try:
        if WORSE in facts:
            since = from_rfc3339(facts["occurred_at"]) if "occurred_at" in facts else entry.at
            return in_words_of(facts[WORSE], since=since, at=entry.at)
        if entry.kind == Kind.EVENT_RECORDED:
            return codes.EVENT_WORDS.get(facts["event"]) or codes.INTERNAL_EVENT_WORDS[facts["event"]]
    except UNREADABLE:
        pass
    return entry.words


def details_of(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    """The facts of a ledger line in words. `names` has the names of actors by key."""
    describe = DETAILS.get(entry.kind)
    try:
        details = tuple(map(str, describe(entry.facts, entry.at))) if describe else ()
    except UNREADABLE as unknown:  # the rest of the timeline still opens
        details = (f"with {unknown}, which this version cannot put into words",)
    is_obligation = entry.facts.get("clock") in OBLIGATIONS
    if is_obligation and (about := names.get(f"subject:{entry.facts.get('subject')}")):
        details = (about, *details[1:])
    people = [
        f"{preposition} {names.get(entry.facts[name], entry.facts[name])}"
        for name, preposition in (("recipient", "to"), ("to", "to"), ("of", "from"))
        if is_key(entry, name)
    ]
    return (*people, *details)


def is_key(entry: Entry, name: str) -> bool:
    """Whether a fact of a line is the key of a person; in a line that changes a state, "to" is that state."""
    return str(entry.facts.get(name, "")).startswith("user:")


def _stream(code: str) -> str:
    return STREAM_WORDS[Stream(code)].lower()


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
    """The reported findings apart from what is worse: neurology, pain, and how the person walks."""
    answers = {f"{of}.{name}": it for of in ("neurology", "pain") for name, it in facts.get(of, {}).items()}
    answers |= {name: facts[name] for name in (SADDLE, INSTABILITY) if name in facts}
    worse = facts.get(WORSE, {})
    lines = [
        f"{label_of(f'presentation.{path}')}: {answer.replace('_', ' ')}"
        for path, answer in answers.items()
        if path not in worse and path.rpartition(".")[2] not in worse
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
    """A page about a clock, or about an alarm of the service."""
    lines = [KIND_AT[facts["clock"]].next_step.lower() if "clock" in facts else words_of(facts["alarm"])]
    if "duty" in facts:
        lines.append(DUTY_WORDS[facts["duty"]])
    return [*lines, ", ".join(facts.get("channels", [facts["channel"]] if "channel" in facts else []))]


def _notice(facts: Facts, at: datetime) -> list[str]:
    return [facts["notice"].replace("_", " "), facts["channel"]]


def _letter(facts: Facts, at: datetime) -> list[str]:
    return [f"{codes.LETTER_WORDS[facts['letter']]}, version {facts['version']}"]


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
    Kind.RUNG_PASSED_OVER: lambda facts, at: [DUTY_WORDS[facts["duty"]]],
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
    Kind.NOTICE_SENT: _notice,
    Kind.NOTICE_FAILED: _notice,
    Kind.ATTACHMENT_SCANNED: lambda facts, at: [
        "the picture is damaged and was removed"
        if facts.get("unreadable")
        else "no virus found"
        if facts["clean"]
        else "a virus was found"
    ],
    Kind.LETTER_ISSUED: _letter,
    Kind.LETTER_READ: _letter,
    Kind.BACK_ENTERED: lambda facts, at: [f"received {near(from_rfc3339(facts['received_at']), at=at)}"],
    Kind.PICTURE_CHANGED: _picture,
    Kind.FACT_KEPT_UNMATCHED: lambda facts, at: [KEPT[facts["event"]].lower()],
    Kind.UNMATCHED_FACT_SETTLED: lambda facts, at: [
        f"linked: {KEPT[facts['event']].lower()}" if "event" in facts else "belongs to no case here"
    ],
    Kind.PERSON_IDENTIFIED: lambda facts, at: [
        "; ".join(label_of(f"patient.{name}") for name in facts["fields"])
    ],
    Kind.RECORD_OPENED: lambda facts, at: [
        Words(REASONS)[facts["reason"]].lower(),
        f"until {near(from_rfc3339(facts['until']), at=at)}",
    ],
    Kind.OPENING_REVIEWED: lambda facts, at: ["justified" if facts["justified"] else "not justified"],
    Kind.RESTRICTION_CHANGED: lambda facts, at: [
        "one more person sees it" if facts["change"] == "named" else "one person fewer sees it"
    ],
    Kind.ORGANISATION_ADDED: lambda facts, at: [facts["organisation"]],
}
