"""A coordinator redirects a referral that is not suspected MSCC, with the route for the person's further care."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.claims import refuse_if_claimed
from referrals.case.downgrade import open_review, refuse_unless_neurology_answered
from referrals.case.episodes import close_episode_if_over
from referrals.case.line_facts import ReferralRedirected
from referrals.case.models import Referral, TriageDecision
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.acknowledgement import acknowledgement_columns
from referrals.correspondence.notices import write_notice
from referrals.intake.codes import REDIRECT_ROUTES
from triage.assess import latest


@one_transaction()
def redirect_referral(
    reference: str, *, route: str, text: str, by: Actor, at: datetime, version: int | None = None
) -> Referral:
    """End a case that is not suspected MSCC. For an emergency the conditions for lowering apply."""
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, version=version)
    refuse_if_claimed(case, by=by, at=at)
    if route not in REDIRECT_ROUTES:
        raise Invalid("Choose the route", errors={"route": ["Choose where the person is redirected to"]})
    note = words("redirect", text, required=True, path="text")
    is_lowering = case.is_emergency
    if is_lowering:
        refuse_unless_neurology_answered(case)
    assessment = latest(case.pk)
    line = move(
        case,
        Action.REDIRECT,
        by=by,
        at=at,
        facts=ReferralRedirected(
            route=route,
            suggested=case.suggested_stream,
            assessment=assessment.ledger_line,
            **note.bound,
        ),
        changes={
            "outcome": f"redirected_{route}",
            "provisional": False,
            **({} if case.acknowledged_at else acknowledgement_columns(by, at=at)),
        },
    )
    decision = TriageDecision(
        referral=case,
        assessment=assessment.pk,
        suggested_stream=case.suggested_stream,
        stream=case.stream,
        override_code="redirected",
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **authorship(by, at=at),
    )
    keep(decision, line=line, by=by, at=at)
    write_notice(case, "decided", about=line, at=at)
    met_clocks = [ClockKind.ACKNOWLEDGE, ClockKind.TRIAGE_DECISION]
    clocks.stop(case.pk, met_clocks, because=Stopped.MET, stopped_at=at, by=by, at=at)
    clocks.end_all(case.pk, because=Stopped.ENDED, stopped_at=at, by=by, at=at)
    close_episode_if_over(case, line=line, by=by, at=at)
    if is_lowering:
        open_review(case, decision, by=by, at=at)
    return case
