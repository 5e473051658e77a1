"""The facts of a ledger line in words, by its kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.people import DUTIES
from kernel.time import dated, from_rfc3339
from kernel.words import Words
from ledger.kinds import Kind
from oncall import line_facts as clock_facts
from oncall.alarms import words_of
from oncall.kinds import KIND_AT, STOPPED_WORDS
from referrals.case import line_facts
from referrals.case.deterioration import WORSE
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
from triage.line_facts import ReferralAssessed
from triage.scores.catalogue import SCORE_AT

DOORS = {
    "web": "by web form",
    "api": "by a hospital system",
    "telephone": "by telephone",
    "downtime": "on paper",
    "self_test": "by the service, to test itself",
}
DUTY_WORDS = dict(DUTIES)
KEPT = {**codes.EVENT_WORDS, **codes.KEPT_WORDS}


def _stream(code: str) -> str:
    return STREAM_WORDS[Stream(code)].lower()


def _assessed(facts: ReferralAssessed, at: datetime) -> list[str]:
    return [
        f"the guideline suggests: {_stream(facts['stream'])}"
        + (" (provisional)" if facts["provisional"] else "")
    ]


def _triaged(facts: line_facts.ReferralTriaged, at: datetime) -> list[str]:
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


def _clock(facts: clock_facts.ClockChanged, at: datetime) -> list[str]:
    lines = [KIND_AT[facts["clock"]].label]
    if "due_at" in facts:
        lines.append(f"due {dated(from_rfc3339(facts['due_at']), at=at)}")
    return lines


def _stopped(facts: clock_facts.ClockStopped, at: datetime) -> list[str]:
    late = ", after its limit" if facts["breached"] else ""
    return [KIND_AT[facts["clock"]].label, f"{STOPPED_WORDS[facts['because']]}{late}"]


def _event(facts: line_facts.EventRecorded, at: datetime) -> list[str]:
    lines = [] if WORSE in facts else [f"at {dated(from_rfc3339(facts['occurred_at']), at=at)}"]
    if "regions" in facts:
        regions = ", ".join(codes.REGIONS[region].lower() for region in facts["regions"])
        lines.append(f"{codes.MODALITIES[facts['modality']]}: {regions}" if "modality" in facts else regions)
    if "result" in facts:
        lines.append(codes.MRI_RESULTS[facts["result"]].lower())
    if facts["event"] == REPORTED:  # provisional when the report does not say
        status = facts.get("status") or ("final" if is_final(facts) else "provisional")
        lines.append(codes.REPORT_STATUSES[status].lower())
    if "booked_for" in facts:
        lines.append(f"for {dated(from_rfc3339(facts['booked_for']), at=at)}")
    lines += _neurology(facts)
    if facts.get("unaccepted"):
        lines.append("before an acceptance of the transfer was recorded")
    if facts.get("without_plan"):
        lines.append(f"without a signed plan: {codes.DISCHARGED_WITHOUT_PLAN[facts['without_plan']].lower()}")
    if facts["event"] == "decision_to_treat":
        lines.append(codes.TREATMENT_MODALITIES[facts["modality"]].lower())
    return lines


def _neurology(facts: line_facts.EventRecorded) -> list[str]:
    """The reported findings apart from what is worse: neurology, pain, and how the person walks."""
    answers = {f"neurology.{name}": answer for name, answer in facts.get("neurology", {}).items()}
    answers |= {f"pain.{name}": answer for name, answer in facts.get("pain", {}).items()}
    answers |= {SADDLE: facts[SADDLE]} if SADDLE in facts else {}
    answers |= {INSTABILITY: facts[INSTABILITY]} if INSTABILITY in facts else {}
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


def _picture(facts: line_facts.PictureChanged, at: datetime) -> list[str]:
    """The worst current finding, each region in words, and whether a report contradicts a finding."""
    words = {**IMAGING_WORDS[ImagingFinding], **STATE_WORDS}
    regions = [
        f"{codes.REGIONS[name].lower()}: {words[state].lower()}" for name, state in facts["regions"].items()
    ]
    lines = [f"imaging finding: {words[facts['finding']].lower()}", "; ".join(regions)]
    return [*lines, "a report contradicts a finding"] if facts["contradictions"] else lines


def _findings(facts: line_facts.FindingsChanged, at: datetime) -> list[str]:
    labels = [label_of(f"presentation.{path}") for path in facts["changed"]]
    return ["; ".join(labels), codes.NEUROLOGY_SOURCES[facts["source"]].lower()]


def _disposition(facts: line_facts.DispositionDecided, at: datetime) -> list[str]:
    lines = [codes.DISPOSITIONS[facts["disposition"]].lower()]
    if facts["ambulance_category"]:
        lines.append(codes.AMBULANCE_CATEGORIES[facts["ambulance_category"]].lower())
    return lines


def _contact(facts: line_facts.ContactLogged, at: datetime) -> list[str]:
    with_whom = "with the referrer" if facts["with_referrer"] else "with somebody else"
    return [
        f"{codes.CONTACT_CHANNELS[facts['channel']].lower()} {with_whom}",
        codes.CONTACT_OUTCOMES[facts["outcome"]].lower(),
    ]


def _page_written(facts: clock_facts.PageWritten, at: datetime) -> list[str]:
    words = KIND_AT[facts["clock"]].next_step.lower()
    return [words, DUTY_WORDS[facts["duty"]], ", ".join(facts["channels"])]


def _page_sent(facts: clock_facts.PageSent, at: datetime) -> list[str]:
    """A page about a clock, or about an alarm of the service."""
    words = KIND_AT[facts["clock"]].next_step.lower() if "clock" in facts else words_of(facts["alarm"])
    return [words, facts["channel"]]


def _notice(facts: line_facts.NoticeSent, at: datetime) -> list[str]:
    return [facts["notice"].replace("_", " "), facts["channel"]]


def _letter(facts: line_facts.LetterIssued, at: datetime) -> list[str]:
    return [f"{codes.LETTER_WORDS[facts['letter']]}, version {facts['version']}"]


def _submitted(facts: line_facts.ReferralSubmitted, at: datetime) -> list[str]:
    return [DOORS[facts["source"]]]


def _redirected(facts: line_facts.ReferralRedirected, at: datetime) -> list[str]:
    return [codes.REDIRECT_ROUTES[facts["route"]].lower()]


def _closed(facts: line_facts.ReferralClosed, at: datetime) -> list[str]:
    return [codes.CLOSE_OUTCOMES[facts["outcome"]].lower()]


def _rung(facts: clock_facts.RungFoundNobody, at: datetime) -> list[str]:
    return [DUTY_WORDS[facts["duty"]]]


def _promise(facts: line_facts.PromiseKept, at: datetime) -> list[str]:
    return [KIND_AT[facts["clock"]].label, f"at {dated(from_rfc3339(facts['done_at']), at=at)}"]


def _review(facts: line_facts.ReviewDone, at: datetime) -> list[str]:
    return ["agreed" if facts["agreed"] else "disagreed"]


def _judged(facts: line_facts.CourseJudged, at: datetime) -> list[str]:
    return [
        f"{JUDGEMENT_AT[name].label}: {ANSWER_WORDS[JUDGEMENT_AT[name].answers][value].lower()}"
        for name, value in facts["judged"].items()
    ]


def _care(facts: line_facts.CareAnswered, at: datetime) -> list[str]:
    prompt = ADVICE_AT.get(facts["code"]) or CARE_AT[facts["code"]]
    return [prompt.text, codes.CARE_ANSWERS[facts["answer"]].lower()]


def _score(facts: line_facts.ScoreRecorded, at: datetime) -> list[str]:
    name, total = SCORE_AT[facts["score"]].name, facts["total"]
    return [name] if total is None else [name, f"total {total}"]


def _lease(facts: line_facts.LeaseExtended, at: datetime) -> list[str]:
    return [codes.LEASE_REASONS[facts["reason"]].lower()]


def _details(facts: line_facts.DetailsRecorded, at: datetime) -> list[str]:
    return ["; ".join(label_of(path) for path in facts["fields"])]


def _claimed(facts: line_facts.CaseClaimed, at: datetime) -> list[str]:
    return [f"until {dated(from_rfc3339(facts['until']), at=at)}"]


def _accepted(facts: line_facts.PatientAccepted, at: datetime) -> list[str]:
    return [f"at {dated(from_rfc3339(facts['accepted_at']), at=at)}"]


def _message(facts: line_facts.MessageSent, at: datetime) -> list[str]:
    lines = ["to the referrer" if facts["to_referrer"] else "to the coordinator"]
    return [*lines, f"answer needed within {codes.DUE_WITHIN[facts['within']]}"] if facts["within"] else lines


def _scanned(facts: line_facts.AttachmentScanned, at: datetime) -> list[str]:
    if facts.get("unreadable"):
        return ["the picture is damaged and was removed"]
    return ["no virus found" if facts["clean"] else "a virus was found"]


def _back_entered(facts: line_facts.BackEntered, at: datetime) -> list[str]:
    return [f"received {dated(from_rfc3339(facts['received_at']), at=at)}"]


def _kept(facts: line_facts.FactKeptUnmatched, at: datetime) -> list[str]:
    return [KEPT[facts["event"]].lower()]


def _settled(facts: line_facts.UnmatchedFactSettled, at: datetime) -> list[str]:
    return [f"linked: {KEPT[facts['event']].lower()}" if "event" in facts else "belongs to no case here"]


def _identified(facts: line_facts.PersonIdentified, at: datetime) -> list[str]:
    return ["; ".join(label_of(f"patient.{name}") for name in facts["fields"])]


def _opened(facts: line_facts.RecordOpened, at: datetime) -> list[str]:
    until = dated(from_rfc3339(facts["until"]), at=at)
    return [Words(REASONS)[facts["reason"]].lower(), f"until {until}"]


def _opening_reviewed(facts: line_facts.OpeningReviewed, at: datetime) -> list[str]:
    return ["justified" if facts["justified"] else "not justified"]


def _restricted(facts: line_facts.RestrictionChanged, at: datetime) -> list[str]:
    return ["one more person sees it" if facts["change"] == "named" else "one person fewer sees it"]


def _organisation(facts: line_facts.OrganisationAdded, at: datetime) -> list[str]:
    return [facts["organisation"]]


# Each function takes the facts of its kind, as a test checks.
DETAILS: dict[Kind | str, Callable[[Any, datetime], list[str]]] = {
    Kind.REFERRAL_SUBMITTED: _submitted,
    Kind.REFERRAL_ASSESSED: _assessed,
    Kind.REFERRAL_TRIAGED: _triaged,
    Kind.REFERRAL_REDIRECTED: _redirected,
    Kind.REFERRAL_CLOSED: _closed,
    Kind.CLOCK_STARTED: _clock,
    Kind.CLOCK_STOPPED: _stopped,
    Kind.CLOCK_BREACHED: _clock,
    Kind.CLOCK_UPGRADED: _clock,
    Kind.CLOCK_EXTENDED: _clock,
    Kind.CLOCK_QUARANTINED: _clock,
    Kind.EVENT_RECORDED: _event,
    Kind.FINDINGS_CHANGED: _findings,
    Kind.DISPOSITION_DECIDED: _disposition,
    Kind.CONTACT_LOGGED: _contact,
    Kind.PAGE_WRITTEN: _page_written,
    Kind.PAGE_SENT: _page_sent,
    Kind.PAGE_FAILED: _page_sent,
    Kind.RUNG_FOUND_NOBODY: _rung,
    Kind.RUNG_PASSED_OVER: _rung,
    Kind.PROMISE_KEPT: _promise,
    Kind.REVIEW_DONE: _review,
    Kind.COURSE_JUDGED: _judged,
    Kind.CARE_ANSWERED: _care,
    Kind.SCORE_RECORDED: _score,
    Kind.LEASE_EXTENDED: _lease,
    Kind.DETAILS_RECORDED: _details,
    Kind.CASE_CLAIMED: _claimed,
    Kind.PATIENT_ACCEPTED: _accepted,
    Kind.MESSAGE_SENT: _message,
    Kind.NOTICE_SENT: _notice,
    Kind.NOTICE_FAILED: _notice,
    Kind.ATTACHMENT_SCANNED: _scanned,
    Kind.LETTER_ISSUED: _letter,
    Kind.LETTER_READ: _letter,
    Kind.BACK_ENTERED: _back_entered,
    Kind.PICTURE_CHANGED: _picture,
    Kind.FACT_KEPT_UNMATCHED: _kept,
    Kind.UNMATCHED_FACT_SETTLED: _settled,
    Kind.PERSON_IDENTIFIED: _identified,
    Kind.RECORD_OPENED: _opened,
    Kind.OPENING_REVIEWED: _opening_reviewed,
    Kind.RESTRICTION_CHANGED: _restricted,
    Kind.ORGANISATION_ADDED: _organisation,
}
