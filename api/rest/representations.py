"""The JSON of a case, its clocks, its events and its timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import service as services
from accounts.people import DUTY_WORDS, Duty, role_in_words
from accounts.service import Service
from kernel.time import rfc3339
from oncall import clocks
from oncall.clocks import is_breached
from oncall.kinds import INTERNAL
from oncall.models import Clock
from referrals.arrival.notices import NOTICES
from referrals.case.case_facts import evidence_of
from referrals.case.models import Event, Referral, UnmatchedFact
from referrals.case.queries import main_case_of
from referrals.case.timeline import Happening
from referrals.evidence.facts import Fact
from referrals.evidence.imaging import SpinePicture
from referrals.intake.fields import FIELDS, plain
from triage.guideline.stored import StoredResult
from triage.models import Assessment

KEPT_UNMATCHED = (
    "The fact is kept with the person's identifiers. A coordinator links it to a referral. It refers nobody: refer, "
    "and ring the coordinator."
)


KEPT_UNREAD = (
    "The report has no result that is known here. It counts for nobody until a coordinator has read it in your system: "
    "send a code of our mri-result."
)
KEPT_MERGE = "Nothing was joined here. A coordinator looks at the referrals with these numbers."
DEATH_UNREAD = "The death on the Patient is not recorded: send the Patient alone, with deceasedDateTime."
ANOTHER_PERSON = (
    "The message names a different person from the referral with its reference: check which of the two is right, and "
    "ring the coordinator."
)
KEPT = {
    "another_person": ANOTHER_PERSON,
    "kept_unmatched": KEPT_UNMATCHED,
    "kept_unread": KEPT_UNREAD,
    "kept_merge": KEPT_MERGE,
    "death_unread": DEATH_UNREAD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The newest answer of the guideline about a case, and its clocks."""

    assessment: StoredResult
    case_clocks: Sequence[Clock]


def referral_json(case: Referral, standing: Standing, *, service: Service, at: datetime) -> dict[str, Any]:
    """The referral of contract version 1: `stream` is the decided one, `triage.stream` the suggestion."""
    in_order = sorted(standing.case_clocks, key=lambda clock: clock.pk)
    body = {
        "id": case.pk,
        "reference": case.reference,
        "status": case.status,
        "stream": case.stream,
        "patient": _patient(case),
        "referrer": dict(case.referrer),
        "location": dict(case.location),
        "clinician_suspected_at": rfc3339(case.clinician_suspected_at),
        "suspected_at_defaulted": case.suspected_at_defaulted,
        "mscc_suspected_at": _instant(case.mscc_suspected_at),
        "presented_at": _instant(case.presented_at),
        "submitted_at": rfc3339(case.submitted_at),
        "updated_at": rfc3339(case.updated_at),
        "referrer_concern": case.referrer_concern,
        "acknowledged": _acknowledgement(case),
        "presentation": case.presentation,
        "clinical": dict(case.clinical),
        "triage": standing.assessment,
        "clocks": [clock_json(clock, at=at) for clock in in_order if clock.kind not in INTERNAL],
        "incomplete": case.incomplete,
        "outcome": case.outcome or None,
        "merged_into": main_case_of(case).reference if case.merged_into else None,
        "on_call": on_call_json(service),
        "links": links(case.reference),
    }
    for path, value in case.kept.items():
        _put(body, path, value)
    return body


def _patient(case: Referral) -> dict[str, Any]:
    names = [spec.name for spec in FIELDS if spec.group == "patient"]
    return {name: plain(getattr(case.patient, name)) for name in names}


def _acknowledgement(case: Referral) -> dict[str, Any] | None:
    if case.acknowledged_at is None:
        return None
    return {"at": rfc3339(case.acknowledged_at), "by": case.acknowledged_by, "role": case.acknowledged_role}


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    """Put an unreadable value back at its path, as it was sent."""
    *groups, name = path.split(".")
    place: Any = body
    for group in groups:
        place = place.get(group) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place[name] = value


def clock_json(clock: Clock, *, at: datetime) -> dict[str, Any]:
    """One clock, with its limit in hours, its times in RFC 3339, and whether it is breached at `at`."""
    return {
        "kind": clock.kind,
        "limit_hours": clock.limit_hours,
        "started_at": rfc3339(clock.started_at),
        "due_at": rfc3339(clock.due_at),
        "stopped_at": _instant(clock.stopped_at),
        "stopped_because": clock.stopped_because or None,
        "breached": is_breached(clock, at=at),
        "formal": clock.formal,
    }


def on_call_json(service: Service) -> dict[str, str]:
    """Whom to ring about a case: the coordinator's role and telephone number."""
    return {"role": DUTY_WORDS[Duty.COORDINATOR], "telephone": service.telephone}


def links(reference: str) -> dict[str, str]:
    """The full addresses of a case: itself, its timeline and its events in the API, and its page for people."""
    base = settings.BASE_URL
    return {
        "self": base + reverse("api_referral", args=[reference]),
        "timeline": base + reverse("api_timeline", args=[reference]),
        "events": base + reverse("api_events", args=[reference]),
        "messages": base + reverse("api_messages", args=[reference]),
        "record": base + reverse("api_record", args=[reference]),
        "files": base + reverse("api_files", args=[reference]),
        "page": base + reverse("referral", args=[reference]),
    }


def standing_of(cases: Sequence[Referral]) -> dict[int, Standing]:
    """By case: two queries, however many there are."""
    numbers = [case.pk for case in cases]
    newest = Assessment.objects.filter(case__in=numbers).order_by("case", "-id").distinct("case")
    results = {assessment.case: assessment.result for assessment in newest}
    by_case: dict[int, list[Clock]] = {number: [] for number in numbers}
    for clock in Clock.objects.filter(case__in=numbers).order_by("id"):
        by_case[clock.case].append(clock)
    return {number: Standing(assessment=results[number], case_clocks=by_case[number]) for number in numbers}


def many_json(cases: list[Referral], *, service: Service, at: datetime) -> list[dict[str, Any]]:
    """Several cases: two queries, however many there are."""
    standing = standing_of(cases)
    return [referral_json(case, standing[case.pk], service=service, at=at) for case in cases]


def one_json(
    case: Referral,
    *,
    standing: Standing | None = None,
    facts: Iterable[Fact] | None = None,
    service: Service,
    at: datetime,
) -> dict[str, Any]:
    """One case, with the state of the spine; `standing` and `facts` are those of the case, if the caller has them."""
    body = referral_json(case, standing or standing_of([case])[case.pk], service=service, at=at)
    return {**body, "imaging": imaging_json(evidence_of(case, service=service, facts=facts).picture)}


def imaging_json(spine: SpinePicture) -> dict[str, Any]:
    """The state of the spine by region, and the findings that stand."""
    return {
        "ruled_out": spine.ruled_out,
        "regions": [
            {
                "region": region.name,
                "state": str(region.state),
                "finding": region.finding or None,
                "final": region.final,
                "scanned_at": _instant(region.scan_at),
                "reported_at": _instant(region.report_at),
            }
            for region in spine.regions
        ],
        "findings": [
            {
                "finding": finding.finding,
                "regions": sorted(finding.regions),
                "reported_at": rfc3339(finding.at),
                "final": finding.final,
                "stated": bool(finding.stated_by),
                "report_withdrawn": finding.report_withdrawn,
            }
            for finding in spine.findings
        ],
        "contradicted": bool(spine.contradictions),
        "stated": dict(spine.stated),
    }


def unmatched_json(row: UnmatchedFact, *, service: Service) -> dict[str, Any]:
    """A fact that waits for a coordinator to link it. It does not show whether the person is known here."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "occurred_at": rfc3339(row.occurred_at),
        "received_at": rfc3339(row.received_at),
        "data": row.data,
        "notices": notices_json(("kept_unmatched",)),
        "on_call": on_call_json(service),
    }


def notices_json(codes: Iterable[str]) -> list[dict[str, str]]:
    """The notices for the sender, in order; the notice about a case that is over has the number to ring."""
    return [{"code": code, "text": _notice_text(code)} for code in codes]


def _notice_text(code: str) -> str:
    text = KEPT[code] if code in KEPT else NOTICES[code]
    if code in ("case_is_over", "kept_unmatched", "kept_unread"):
        return f"{text} If it cannot wait, ring {services.telephone_now()}."
    return text


def event_json(
    event: Event, case: Referral, *, notices: Iterable[str] = (), addressed: str = "", at: datetime
) -> dict[str, Any]:
    """A recorded fact with its case; `addressed` is the reference that it was sent to."""
    return {
        "reference": case.reference,
        "merged_into": case.reference if addressed and addressed != case.reference else None,
        "notices": notices_json(notices),
        "id": event.pk,
        "kind": event.kind,
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.at),
        "data": event.data,
        "status": case.status,
        "stream": case.stream,
        "clocks": [
            clock_json(clock, at=at)
            for clock in sorted(clocks.of_case(case.pk), key=lambda c: c.pk)
            if clock.kind not in INTERNAL
        ],
        "links": links(case.reference),
    }


def fact_json(event: Event) -> dict[str, Any]:
    """A fact as it was reported: by whom, and for which referral."""
    return {
        "id": event.pk,
        "reference": event.referral.reference,
        "kind": event.kind,
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.at),
        "by": author_json(event.by_name, event.by_role),
        "data": event.data,
    }


def author_json(name: str, role: str) -> dict[str, str]:
    """Who recorded something, with their role in words."""
    return {"name": name, "role": role_in_words(role)}


def happening_json(line: Happening) -> dict[str, Any]:
    """One line of the timeline: what happened, when, who recorded it, and why where a reason was given."""
    return {
        "number": line.number,
        "kind": str(line.kind),
        "at": rfc3339(line.at),
        "recorded_at": rfc3339(line.recorded_at),
        "by": {"name": line.actor, "role": line.role, "organisation": line.organisation or None},
        "what": "; ".join(part for part in (line.what, *line.details) if part),
        "why": line.why or None,
    }
