"""The facts that came while a case was ended or its patient reported as dead start their clocks when it resumes."""

from collections.abc import Sequence

from accounts.act import Act
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.arrival.clock_effects import EFFECTS, Arrival
from referrals.case.case_facts import evidence_of, fact_of
from referrals.case.models import Event, Referral
from referrals.evidence.scans import FINDING_OF_RESULT
from referrals.promises.reassessment import page, reassess, start_clinical_clocks, start_from_deterioration
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.rule import ContactUrgency


def resume(case: Referral, missed: Sequence[Event], *, line: int, act: Act) -> None:
    """Start the clocks of the facts that came after the end, `missed` in order of arrival; `line` is that of the act."""
    reassess(case, act=act)
    start_clinical_clocks(case, only_new=True, act=act)
    for event in missed:
        arrival = Arrival(case=case, fact=fact_of(event), line=line, act=act)
        for effect in EFFECTS.get(event.kind, ()):
            effect(arrival)
    worse_at = evidence_of(case, service=act.service).deteriorated_at
    if worse_at and not case.provisional:
        started_at = {clock.started_at for clock in clocks.of_case(case.pk) if clock.kind == ClockKind.MRI}
        if worse_at[-1] not in started_at:
            start_from_deterioration(case, since=worse_at[-1], act=act)
    settle_clocks_of_scans(case, act=act)
    settle_event_clocks(case, act=act)


def page_for_missed_facts(case: Referral, events: Sequence[Event], *, act: Act) -> None:
    """Page once if a worsening or a positive report is among facts that paged nobody when they came."""
    worse_at = set(evidence_of(case, service=act.service).deteriorated_at)
    if any(
        FINDING_OF_RESULT.get(event.data.get("result", ""))
        or (event.kind == "neurology_changed" and event.occurred_at in worse_at)
        for event in events
    ):
        page(case, since=act.at, contact=ContactUrgency.IMMEDIATELY, act=act)
