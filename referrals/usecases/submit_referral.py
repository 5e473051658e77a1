"""A referral is submitted: stored and assessed, with its clocks started, all or nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import connection

from accounts.act import Act
from kernel.actors import Actor
from kernel.identifiers import Reference
from kernel.refusals import OutOfTurn
from ledger.append import append, draft
from ledger.keep import keep, keep_new
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from ledger.unit import NewEntry
from oncall.case_clocks import has_none_yet
from oncall.kinds import ClockKind
from referrals.case.case_facts import evidence_of
from referrals.case.episodes import MatchedCase, episode_for, hold_person, matches_of, person_of
from referrals.case.idempotency import use_key
from referrals.case.identity import Identity, MatchVerdict, match, names_key
from referrals.case.line_facts import BackEntered, EpisodeJoined, ReferralAcknowledged, ReferralSubmitted
from referrals.case.models import Episode, IdempotencyKey, Patient, Referral
from referrals.case.queries import find, visible_to
from referrals.case.states import Status
from referrals.correspondence.acknowledgement import acknowledge
from referrals.correspondence.notices import write_notice
from referrals.evidence.course import CourseRecord, course_of
from referrals.intake.stored import StoredLocation, StoredReferrer
from referrals.intake.validation import Intake
from referrals.promises.reassessment import (
    instants_of,
    note_result,
    page,
    start_clinical_clocks,
    start_event_clock,
)
from referrals.promises.settlement import settle_event_clocks
from triage.assess import assess
from triage.guideline.findings import as_json
from triage.models import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """The true times of a referral taken on paper: when it came, who saw it, and when."""

    received_at: datetime
    seen_by: str = ""
    seen_at: datetime | None = None


def submit_referral(
    intake: Intake,
    *,
    act: Act,
    source: str,
    key: str,
    called_at: datetime | None = None,
    answered_as_group: tuple[str, ...] = (),
    join: str = "",
    not_the_same: Collection[str] = (),
    on_paper: OnPaper | None = None,
    corrects: str = "",
    follows: str = "",
    came_with: Sequence[object] = (),
    alongside: Callable[[Referral, Assessment], None] | None = None,
) -> tuple[Referral, bool]:
    """Store a referral and say whether it is new. The same key with the same content returns the first one.

    The same key with other content is OutOfTurn. Safe to repeat after a crash at any point. `join` is the
    reference of an open case of the same person; `not_the_same` are references of cases that, as the referrer says,
    are about other people; `corrects` is the reference of a referral entered on the wrong person.
    `follows` is the reference of an ended case of the same person whose disease has come back.
    `on_paper` has the true times of a referral taken on paper, from which its clocks run.
    `came_with` is what else was sent with it, such as scans: part of the content of an idempotency key.
    `alongside` stores or notes what the door keeps about a new referral, in the same transaction; it gets the first
    assessment too.
    """
    with one_transaction("submit_referral"):
        content = [intake.content, list(came_with)] if came_with else intake.content
        use = use_key(key, content=content, by=act.by, at=act.at)
        if use.result is not None:
            return Referral.objects.select_related("patient", "episode").get(pk=use.result), False
        person = identity_of(intake)
        if person.nhs_number is not None:
            hold_person(person.nhs_number)
        matches = matches_of(person)
        joined_case = _joined(matches, join, by=act.by)
        apart = [candidate.case.pk for candidate in matches if candidate.case.reference in not_the_same]
        number, patient_number, episode_number = _next_numbers(use)
        patient = Patient(pk=patient_number, **_patient_columns(intake))
        episode = episode_for(
            person, join=joined_case, apart=apart, matches=matches, number=episode_number, at=act.at
        )
        case = _case(intake, number, patient, episode, by=act.by, at=act.at, source=source)
        case.called_at, case.not_the_same = called_at, apart
        case.answered_as_group = list(answered_as_group)
        case.corrects = _corrected(corrects, by=act.by)
        _follow(case, follows, by=act.by)
        if on_paper is not None:
            case.submitted_at, case.back_entered_at = on_paper.received_at, act.at
        lines = _draft_lines(case, joined_case, by=act.by, at=act.at)
        evidence = evidence_of(case, service=act.service, facts=())
        case.presentation = as_json(evidence.presentation)
        record = CourseRecord(clinical=case.clinical)
        assessment, result = assess(
            evidence.presentation,
            course=course_of((), record, evidence=evidence),
            case=case.pk,
            instants=instants_of(case),
            act=act,
        )
        note_result(case, evidence.presentation, result)
        case.stream = case.suggested_stream
        line = lines[0]
        _keep(case, line=line, by=act.by, at=act.at)
        page(case, since=case.submitted_at, contact=result.contact, act=act)
        start_clinical_clocks(case, act=act)
        _start_clocks_of_clinical_part(case, intake, act=act)
        settle_event_clocks(case, facts=(), record=record, act=act)
        if on_paper is not None:
            _replay(case, on_paper, act=act)
        write_notice(case, "submitted", about=line, at=act.at)
        if alongside is not None:
            alongside(case, assessment)
    return case, True


def _draft_lines(case: Referral, joined_case: Referral | None, *, by: Actor, at: datetime) -> list[int]:
    """Draft the first lines of a case, which go out with the line of its assessment: their numbers, once they do."""
    lines: list[int] = []
    submission = NewEntry(kind=Kind.REFERRAL_SUBMITTED, case=case.pk, facts=_facts(case))
    draft(submission, by=by, at=at, then=lines.append)
    if joined_case is not None:
        joining = NewEntry(kind=Kind.EPISODE_JOINED, case=case.pk, facts=EpisodeJoined(other=joined_case.pk))
        draft(joining, by=by, at=at, then=lines.append)
    return lines


def _keep(case: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Keep a new case with its patient and its episode, which may be new too."""
    if case.episode._state.adding:
        keep_new(case.episode, case.patient, case, line=line, by=by, at=at)
    else:
        keep(case.episode, line=line, by=by, at=at)
        keep_new(case.patient, case, line=line, by=by, at=at)
    has_none_yet(case.pk)


def _joined(matches: Sequence[MatchedCase], reference: str, *, by: Actor) -> Referral | None:
    """The open case to join: visible to the referrer, and perhaps about the same person."""
    if not reference:
        return None
    case = next((candidate.case for candidate in matches if candidate.case.reference == reference), None)
    return case if case is not None and visible_to(by).filter(pk=case.pk).exists() else None


def identity_of(intake: Intake) -> Identity:
    """The identity of the person in an intake."""
    values = intake.values
    return Identity(
        nhs_number=values["patient.nhs_number"],
        family_name=values["patient.family_name"] or "",
        given_name=values["patient.given_name"] or "",
        date_of_birth=values["patient.date_of_birth"],
        birth_estimated=bool(values["patient.birth_estimated"]),
        sex=values["patient.sex"],
        local_id=values["patient.local_id"] or "",
    )


def same_person(intake: Intake, *, by: Actor) -> list[MatchedCase]:
    """The open cases, visible to the referrer, that may be about the person in an intake."""
    matches = matches_of(identity_of(intake))
    if not matches:
        return []
    theirs = visible_to(by).filter(pk__in=[match.case.pk for match in matches])
    numbers = set(theirs.values_list("pk", flat=True))
    return [match for match in matches if match.case.pk in numbers]


def _corrected(reference: str, *, by: Actor) -> Referral | None:
    """The referral entered on the wrong person, which this one corrects."""
    if not reference:
        return None
    case = find(reference, by=by)
    if case.status != Status.ENTERED_IN_ERROR:
        raise OutOfTurn("Mark the wrong referral as entered in error first")
    return case


def _follow(case: Referral, reference: str, *, by: Actor) -> None:
    """Link the new episode to the earlier one, which the NHS number alone might not find."""
    if not reference or case.episode.follows_id is not None:
        return
    earlier = find(reference, by=by)
    if (
        earlier.is_over
        and earlier.episode_id != case.episode_id
        and match(person_of(earlier.patient), person_of(case.patient)).answer == MatchVerdict.SAME
    ):
        case.episode.follows = earlier.episode


def _replay(case: Referral, on_paper: OnPaper, *, act: Act) -> None:
    """Record the acknowledgement on paper at its true time, marked as entered later."""
    facts = BackEntered(received_at=on_paper.received_at, seen_at=on_paper.seen_at)
    append(Kind.BACK_ENTERED, by=act.by, at=act.at, case=case.pk, facts=facts)
    if on_paper.seen_at is not None:
        acknowledge(
            case,
            name=on_paper.seen_by,
            facts=ReferralAcknowledged(seen_at=on_paper.seen_at),
            seen_at=on_paper.seen_at,
            act=act,
        )


def _case(
    intake: Intake,
    number: int,
    patient: Patient,
    episode: Episode,
    *,
    by: Actor,
    at: datetime,
    source: str,
) -> Referral:
    """The new case, not saved."""
    values = intake.values
    return Referral(
        pk=number,
        reference=str(Reference.of(number)),
        episode=episode,
        patient=patient,
        status=str(Status.SUBMITTED),
        source=source,
        referrer=cast(StoredReferrer, intake.group("referrer")),
        referrer_organisation=values["referrer.organisation_ods"],
        location=cast(StoredLocation, intake.group("location")),
        location_organisation=values["location.organisation_ods"] or "",
        clinician_suspected_at=values["clinician_suspected_at"],
        suspected_at_defaulted=intake.suspected_at_defaulted,
        mscc_suspected_at=values["mscc_suspected_at"],
        presented_at=values["presented_at"],
        submitted_at=at,
        submitted_by=by.key,
        updated_at=at,
        referrer_concern=values["referrer_concern"],
        presentation_sent=as_json(intake.presentation),
        presentation=as_json(intake.presentation),
        clinical=intake.clinical,
        clinical_sent=intake.clinical,
        kept=dict(intake.kept),
        incomplete=list(intake.incomplete),
    )


def _next_numbers(use: IdempotencyKey) -> tuple[int, int, int]:
    """The numbers of a new case, which is the result of this use of a key, its patient and its episode."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE referrals_idempotencykey SET result = nextval(pg_get_serial_sequence('referrals_referral', 'id'))"
            " WHERE id = %s RETURNING result, nextval(pg_get_serial_sequence('referrals_patient', 'id')),"
            " nextval(pg_get_serial_sequence('referrals_episode', 'id'))",
            [use.pk],
        )
        number, patient, episode = cursor.fetchone()
    return int(number), int(patient), int(episode)


def _patient_columns(intake: Intake) -> dict[str, object]:
    columns = {
        path.rpartition(".")[2]: value for path, value in intake.values.items() if path.startswith("patient.")
    }
    names = {name: value or "" for name, value in columns.items() if name in ("family_name", "given_name")}
    return {**columns, **names, "name_key": names_key(names["family_name"], names["given_name"])}


def _facts(case: Referral) -> ReferralSubmitted:
    return {
        "source": case.source,
        "referrer_organisation": case.referrer_organisation,
        "clinician_suspected_at": case.clinician_suspected_at,
        "suspected_at_defaulted": case.suspected_at_defaulted,
        "concern": case.referrer_concern,
        "incomplete": case.incomplete,
        "episode": case.episode_id,
    }


def _start_clocks_of_clinical_part(case: Referral, intake: Intake, *, act: Act) -> None:
    """Immobilisation and dexamethasone before the referral start the same clocks as their events."""
    starts = {
        ClockKind.STABILITY_ADVICE: intake.values["clinical.immobilised_since"],
        ClockKind.STEROID_REVIEW: intake.dexamethasone_given_at
        or (case.submitted_at if intake.dexamethasone else None),
    }
    for kind, started_at in starts.items():
        if started_at is not None:
            start_event_clock(case, kind, started_at=started_at, act=act)
