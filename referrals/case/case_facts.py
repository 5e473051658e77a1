"""The facts in the rows of a case, read as evidence."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.service import Service
from kernel.actors import Role
from kernel.time import from_rfc3339
from referrals.case.models import Detail, Event, Referral
from referrals.evidence.case_evidence import Evidence, SentFindings, evidence
from referrals.evidence.course import PROGRESSING, CourseRecord, course_of
from referrals.evidence.event_data import EventData
from referrals.evidence.examination import READ_AS_EVIDENCE, Limits
from referrals.evidence.facts import EXAMINED, Fact
from referrals.intake.instants import SKEW
from triage.guideline.course import Course
from triage.guideline.findings import Answer

OUTSIDE = frozenset({Role.REFERRER.value, Role.CLIENT.value})  # roles outside the service


def symptoms_began(case: Referral) -> datetime:
    """When the present symptoms began: the earliest instant on record."""
    onset = case.clinical.get("neurology_onset_at")
    instants = (case.presented_at, case.mscc_suspected_at, from_rfc3339(onset) if onset else None)
    return min(instant for instant in (case.clinician_suspected_at, *instants) if instant is not None)


def mscc_suspected_when_sent(case: Referral) -> datetime | None:
    """When MSCC was suspected as the referral says. One from after it was sent comes from a later fact, with its own time."""
    suspected_at = case.mscc_suspected_at
    return None if suspected_at is not None and suspected_at > case.submitted_at + SKEW else suspected_at


def neurology_since(case: Referral) -> datetime:
    """When the neurology of a referral was suspected: with the first suspicion, or later if its times say so."""
    onset = case.clinical.get("neurology_onset_at")
    later = (mscc_suspected_when_sent(case), from_rfc3339(onset) if onset else None)
    instants = (instant for instant in later if instant is not None and has_neurology(case))
    return max((case.clinician_suspected_at, *instants))


def has_neurology(case: Referral) -> bool:
    """Whether the referral itself has neurology, as it was sent."""
    sent = case.presentation_sent
    return Answer.YES in (*sent["neurology"].values(), sent["saddle_or_sphincter_signs"])


_EVERY_MERGED = """
WITH RECURSIVE own(id) AS (
    SELECT %s::bigint UNION SELECT case_.id FROM referrals_referral case_ JOIN own ON case_.merged_into_id = own.id
) SELECT id FROM own
"""


# For a statement about many cases: `own` has each of them, and every referral merged into it, with its "case".
OWN_OF_CASES = """
WITH RECURSIVE own(id, "case") AS (
    SELECT id, id FROM unnest(%s::bigint[]) AS id
    UNION SELECT merged.id, own."case" FROM referrals_referral AS merged JOIN own ON merged.merged_into_id = own.id
)
"""
_EVENTS_OF_CASES = f"""{OWN_OF_CASES}
SELECT event.*, own."case" FROM referrals_event AS event JOIN own ON own.id = event.referral_id
WHERE event.kind = ANY(%s) ORDER BY event.occurred_at, event.id
"""  # noqa: S608  # every part is written here


def events_of_cases(cases: Iterable[int], *, kinds: Iterable[str]) -> list[Any]:
    """The events of many cases and of the referrals merged into them, in true order, each with its `case`: one query."""
    return list(Event.objects.raw(_EVENTS_OF_CASES, [list(cases), list(kinds)]))


def of_case(case: Referral) -> Q:
    """Rows of a case and of every referral merged into it, directly or through another."""
    return Q(referral__in=RawSQL(_EVERY_MERGED, [case.pk]))  # noqa: S611  # the number is a parameter


def facts_of(case: Referral) -> list[Fact]:
    """Every fact reported about a case and the referrals merged into it, in order of arrival."""
    details = Detail.objects.filter(of_case(case), path__in=READ_AS_EVIDENCE)
    return _facts(Event.objects.filter(of_case(case)).order_by("id"), details.order_by("id"))


def facts_in(events: Iterable[Event], details: Mapping[str, Iterable[Detail]]) -> list[Fact]:
    """The same facts from rows already in memory: every event of a case, and every detail by field."""
    rows = (row for path in READ_AS_EVIDENCE if path in details for row in details[path])
    return _facts(sorted(events, key=_number), sorted(rows, key=_number))


def _number(row: Event | Detail) -> int:
    return int(row.pk)


def _facts(events: Iterable[Event], details: Iterable[Detail]) -> list[Fact]:
    return [*(fact_of(event) for event in events), *examinations_in(details)]


def fact_of(event: Event) -> Fact:
    """An event as evidence reads it."""
    return Fact(
        kind=event.kind,
        occurred_at=event.occurred_at,
        data=event.data,
        number=event.pk or 0,
        by_service=event.by_role not in OUTSIDE,
        by_name=event.by_name,
    )


def examinations_in(details: Iterable[Detail]) -> Iterator[Fact]:
    """One examination for each time a person filled in fields of the record that are evidence."""
    rows_of_line: dict[int, list[Detail]] = {}
    for detail in details:
        rows_of_line.setdefault(detail.ledger_line, []).append(detail)
    for rows in rows_of_line.values():
        first_row = rows[0]
        yield Fact(
            kind=EXAMINED,
            occurred_at=first_row.at,
            data=cast(EventData, {row.path: row.value for row in rows if row.value is not None}),
            by_service=first_row.by_role not in OUTSIDE,
            by_name=first_row.by_name,
        )


def spine_may_be_unstable(case: Referral, kinds: Container[str]) -> bool:
    """Whether an answer, the record or an event means that the spine may be unstable; `kinds` are those of its facts."""
    has_signs = case.presentation["instability_signs"] == Answer.YES
    return has_signs or bool(case.clinical.get("immobilised_since")) or "immobilised" in kinds


def limits_of(service: Service) -> Limits:
    """The thresholds, set by the service, at which a measurement is a finding."""
    return {"residual_ml": service["residual_urine"]}


def sent_findings_of(case: Referral) -> SentFindings:
    """The findings of the referral, from which evidence starts."""
    return SentFindings(
        presentation=case.presentation_sent,
        referred_at=case.clinician_suspected_at,
        symptoms_began=symptoms_began(case),
        walking=case.clinical_sent.get("walking_now", ""),
        neurology_since=neurology_since(case),
        progressing=case.clinical_sent.get("progression") in PROGRESSING and has_neurology(case),
    )


def course_record_of(case: Referral) -> CourseRecord:
    """The part of the record that the course of a case depends on."""
    surgery = Detail.objects.filter(of_case(case), path="record.previous_spinal_surgery")
    newest = surgery.order_by("-id").values_list("value", flat=True).first()
    return CourseRecord(clinical=case.clinical, previous_spinal_surgery=newest or "")


def course_of_case(case: Referral, *, service: Service) -> Course:
    """The course of a case now, from all its evidence."""
    facts = facts_of(case)
    return course_of(facts, course_record_of(case), evidence=evidence_of(case, service=service, facts=facts))


def evidence_of(case: Referral, *, service: Service, facts: Iterable[Fact] | None = None) -> Evidence:
    """The evidence of a case now; with `facts`, from those facts alone."""
    return evidence(
        sent_findings_of(case), facts_of(case) if facts is None else facts, limits=limits_of(service)
    )
