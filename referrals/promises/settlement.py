"""Settlement of the clocks of a case from its facts, in whatever order they came."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import inf

from accounts.act import Act
from kernel.time import earliest
from oncall import clocks
from oncall.kinds import FOLLOW_UPS, ClockKind, Stopped, event_limit
from oncall.models import Clock
from oncall.start import move_start, run_again
from referrals.case.case_facts import course_record_of, evidence_of, facts_of, symptoms_began
from referrals.case.models import Referral
from referrals.evidence.course import CourseRecord, course_of
from referrals.evidence.facts import Fact
from referrals.evidence.imaging import whole_spine_scanned_at
from referrals.intake.codes import FINDINGS_COMPLETED
from referrals.promises.periods import PERIOD_CLOCKS, PromisePeriod, first_treatment_at, promise_periods
from referrals.promises.reassessment import (
    EMERGENCY_HOURS,
    instants_of,
    promise,
    start_clinical_clocks,
    start_clock,
    start_event_clock,
)
from triage.guideline.evaluate import clocks_of_stream
from triage.guideline.findings import Answer, ImagingFinding, from_json
from triage.guideline.radiotherapy import is_excluded
from triage.guideline.rule import Stream


def settle_clocks_of_scans(case: Referral, *, facts: Sequence[Fact] | None = None, act: Act) -> None:
    """Stop each MRI clock when its scans had covered the whole spine, or let it run again.

    A 24-hour clock counts scans since neurology last became worse while it ran. A clock that was met keeps the scans
    that met it, and the one-week clock counts all scans since the symptoms began. When a scan turns out
    not to be readable, a clock that it had met runs again from its first start. `facts` are those of the case now, if
    the caller has them.
    """
    facts = facts_of(case) if facts is None else facts
    evidence = evidence_of(case, service=act.service, facts=facts)
    contraindicated = evidence.presentation.mri_contraindicated == Answer.YES
    began_at, worse_at = symptoms_began(case), evidence.worsened_at
    mri_clocks = [clock for clock in clocks.of_case(case.pk) if clock.kind == ClockKind.MRI]
    running_limits = {clock.limit_hours for clock in mri_clocks if clock.stopped_at is None}
    for clock in mri_clocks:
        since = began_at
        if clock.limit_hours <= EMERGENCY_HOURS:
            until = clock.stopped_at
            since = max([began_at, *(worse for worse in worse_at if until is None or worse <= until)])
        scanned_at = whole_spine_scanned_at(
            facts, since=since, worse_at=worse_at, mri_contraindicated=contraindicated
        )
        if scanned_at is not None:
            clocks.meet(clock, stopped_at=scanned_at, by=act.by, at=act.at)
        elif (
            clock.stopped_because == Stopped.MET
            and clock.limit_hours not in running_limits
            and case.died_at is None
        ):
            running_limits.add(clock.limit_hours)
            run_again(clock, by=act.by, at=act.at)
    _promise_what_no_scan_covers(case, act=act)


def _promise_what_no_scan_covers(case: Referral, *, act: Act) -> None:
    """Run the MRI clock of the stream where it never ran, or ended for a scan that no longer counts."""
    if case.is_over or case.died_at is not None:
        return
    of_stream = clocks_of_stream(
        from_json(case.presentation), Stream(case.stream), instants=instants_of(case)
    )
    wanted = next((clock for clock in of_stream if clock.kind == ClockKind.MRI), None)
    if wanted is None:
        return
    alike = [
        clock
        for clock in clocks.of_case(case.pk)
        if clock.kind == ClockKind.MRI and clock.limit_hours == wanted.limit_hours
    ]
    if not alike:
        start_clinical_clocks(case, only_new=True, act=act)
    elif any(clock.stopped_at is None for clock in alike):
        return
    elif alike[-1].stopped_because == Stopped.NOT_NEEDED:
        run_again(alike[-1], by=act.by, at=act.at)
    elif alike[-1].stopped_because == Stopped.SUPERSEDED:  # it came with a merge that was undone
        start_clock(case, wanted, act=act)


def settle_event_clocks(
    case: Referral, *, facts: Sequence[Fact] | None = None, record: CourseRecord | None = None, act: Act
) -> None:
    """Start, move and stop the report, decision and radiotherapy clocks by true instants.

    `facts` and `record` are those of the case now, if the caller has them.
    """
    facts = facts_of(case) if facts is None else facts
    evidence = evidence_of(case, service=act.service, facts=facts)
    course = course_of(facts, record or course_record_of(case), evidence=evidence)
    periods = promise_periods(
        facts,
        since=symptoms_began(case),
        worse_at=evidence.deteriorated_at,
        radiotherapy_excluded=is_excluded(case.findings, course),
        stated_at=_stated_at(case, facts),
    )
    existing = clocks.of_case(case.pk, with_report_only=True)
    for kind in PERIOD_CLOCKS:
        # Running clocks first: a reopened case has both the ended clock and its successor.
        for subject in sorted(
            {c.subject for c in existing if c.kind == kind} | {period.subject for period in periods}
        ):
            of_kind = sorted(
                (c for c in existing if (c.kind, c.subject) == (kind, subject)),
                key=lambda c: (
                    c.stopped_at is not None,
                    c.stopped_because == Stopped.SUPERSEDED,
                    c.started_at,
                    c.pk or inf,
                ),
            )
            periods_of_kind = [
                period for period in periods if (period.kind, period.subject) == (kind, subject)
            ]
            for period, clock in _pairs(periods_of_kind, of_kind):
                _settle(case, period, clock, act=act)
    treated_at = first_treatment_at(facts)
    for clock in existing:
        if clock.kind == ClockKind.TOTAL_PATHWAY and treated_at is not None:
            clocks.meet(clock, stopped_at=treated_at, by=act.by, at=act.at)
    if treated_at is not None:
        _follow_up(case, existing, treated_at=treated_at, act=act)


def _stated_at(case: Referral, facts: Iterable[Fact]) -> datetime | None:
    """When MSCC was first stated: in the referral, or in a later answer to its questions."""
    if case.presentation_sent["imaging_finding"] == ImagingFinding.MSCC:
        return case.submitted_at
    completions = (
        f
        for f in facts
        if f.kind == FINDINGS_COMPLETED and f.data.get("imaging_finding") == ImagingFinding.MSCC
    )
    return earliest(fact.occurred_at for fact in completions)


def _follow_up(case: Referral, existing: list[Clock], *, treated_at: datetime, act: Act) -> None:
    """Start the follow-ups from the first treatment. A treatment reported late moves them to its true instant."""
    of_limit = {clock.limit_hours: clock for clock in existing if clock.kind == ClockKind.FOLLOW_UP}
    for hours in FOLLOW_UPS:
        clock = of_limit.get(hours)
        if clock is None:
            promise(case, ClockKind.FOLLOW_UP, limit_hours=hours, started_at=treated_at, act=act)
        elif clock.stopped_at is None and clock.started_at != treated_at:
            move_start(clock, started_at=treated_at, by=act.by, at=act.at)


def _pairs(
    periods: list[PromisePeriod], existing: list[Clock]
) -> list[tuple[PromisePeriod, Clock | None] | tuple[None, Clock]]:
    """Each period with its clock: the clock with the same start, else the next clock without a period.

    Periods with a clock of the same start come first, so that no clock is moved while another period needs it.
    """
    free = list(existing)
    pairs: list[tuple[PromisePeriod, Clock | None] | tuple[None, Clock]] = []
    starts = {period.started_at for period in periods}
    clock_starts = {c.started_at for c in free}
    for period in sorted(
        periods, key=lambda period: (period.started_at not in clock_starts, period.started_at)
    ):
        clock = next((c for c in free if c.started_at == period.started_at), None)
        clock = clock or next((c for c in free if c.started_at not in starts), None)
        if clock is not None:
            free.remove(clock)
        pairs.append((period, clock))
    return [*pairs, *((None, clock) for clock in free)]


def _settle(case: Referral, period: PromisePeriod | None, clock: Clock | None, *, act: Act) -> None:
    if period is None:
        if clock is not None and clock.stopped_at is None:  # its period no longer follows from the facts
            clocks.stop_clock(clock, because=Stopped.SUPERSEDED, stopped_at=act.at, by=act.by, at=act.at)
        return
    reasons = Stopped.SUPERSEDED, Stopped.MET
    runs_again = period.stopped_at is None and clock is not None and clock.stopped_because in reasons
    if runs_again and case.died_at is not None:
        return
    if (
        runs_again and clock is not None and clock.stopped_because == Stopped.MET
    ):  # the fact that met it was withdrawn
        run_again(clock, by=act.by, at=act.at)
        return
    if clock is not None and period.stopped_at is None and _is_too_slow(case, clock, act=act):
        clocks.stop_clock(clock, because=Stopped.SUPERSEDED, stopped_at=act.at, by=act.by, at=act.at)
        clock = None
    if clock is None or runs_again:
        start_event_clock(
            case,
            ClockKind(period.kind),
            started_at=period.started_at,
            stopped_at=period.stopped_at,
            because=period.because,
            subject=period.subject,
            act=act,
        )
        return
    if clock.started_at != period.started_at:
        move_start(clock, started_at=period.started_at, by=act.by, at=act.at)
    by_facts = clock.stopped_at is None or clock.stopped_because in (Stopped.MET, Stopped.SUPERSEDED)
    if period.stopped_at is not None and by_facts and clock.stopped_at != period.stopped_at:
        clocks.stop_clock(clock, because=period.because, stopped_at=period.stopped_at, by=act.by, at=act.at)


def _is_too_slow(case: Referral, clock: Clock, *, act: Act) -> bool:
    """Whether a first report is awaited for longer than an emergency may wait: the case was none when its scan came."""
    if clock.kind != ClockKind.MRI_REPORT or clock.subject or clock.stopped_at is not None:
        return False
    limit = event_limit(clock.kind, emergency=case.pages_at_once, service=act.service.values)
    return limit < clock.limit_hours
