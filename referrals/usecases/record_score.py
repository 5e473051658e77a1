"""A score is recorded: the items are entered and the total is calculated here."""

from collections.abc import Mapping
from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.append import bind
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.line_facts import ScoreRecorded
from referrals.case.models import Score
from referrals.case.move import move
from referrals.case.notes import authorship
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.fields import NotAllowed, Unreadable, read_text
from triage.scores.catalogue import SCORE_AT
from triage.scores.score import count


@one_transaction()
def record_score(
    reference: str, *, kind: str, items: Mapping[str, str], about: str, by: Actor, at: datetime
) -> Score:
    """Calculate and store a score; `about` is its lesion or moment."""
    case = find_and_lock(reference, by=by)
    scale = SCORE_AT.get(kind)
    if scale is None:
        raise Invalid("Choose the score", errors={"kind": ["Choose the score"]})
    result, errors = count(scale, items)
    try:
        about = read_text(about, limit=60)
        if scale.about and not about:
            errors["about"] = [f"Fill in “{scale.about}”"]
    except (NotAllowed, Unreadable) as problem:
        errors["about"] = [str(problem)]
    if errors or result is None:
        raise Invalid("The score is not complete", errors=errors)
    answers = {item.name: items[item.name] for item in scale.items if items.get(item.name)}
    facts = ScoreRecorded(
        score=kind,
        version=scale.version,
        total=result.total,
        bound={"score": bind([about, answers], salt=str(case.episode_id))},
    )
    line = move(case, Action.RECORD_SCORE, by=by, at=at, facts=facts)
    row = Score(
        referral=case,
        kind=kind,
        version=scale.version,
        about=about,
        items=answers,
        total=result.total,
        verdict=result.verdict,
        ledger_line=line,
        **authorship(by, at=at),
    )
    score: Score = keep(row, line=line, by=by, at=at)
    return score
