"""A page is answered by its link: the case is acknowledged in the name of the paged person, or of another they name."""

from datetime import datetime

from accounts import service as services
from accounts.act import Act
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.text import fault, tidy
from kernel.time import clock_time
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.line_facts import PageAnswered
from oncall.models import Page
from oncall.page_links import page_of
from referrals.case.line_facts import ReferralAcknowledged
from referrals.case.models import Referral
from referrals.case.queries import find, find_and_lock, main_case_of
from referrals.case.states import STATUS_WORDS, Status
from referrals.correspondence.acknowledgement import acknowledge, acting_for, refuse_if_answered

NEWER = (
    "This case has become more urgent since this page was sent, and nobody has acknowledged it yet. "
    "Use the newest page, or sign in"
)


@one_transaction()
def answer_page(token: str, *, somebody_else: str = "", at: datetime) -> Referral:
    """Acknowledge by the link in a page. A link works once; a second acknowledgement is refused with the first person's name.

    The link of a page from before the newest news is refused: its reader does not know that news.
    """
    page = page_of(token)
    if page.clock is None:
        raise NotFound("There is no such page. Sign in and acknowledge on the worklist")
    by = acting_for(page.recipient.actor)
    case = find_and_lock(page.clock.reference, by=by)
    # Locked after the clocks of the case, as everywhere.
    page = Page.objects.select_for_update(of=("self",)).select_related("recipient", "clock").get(pk=page.pk)
    assert page.clock is not None  # as before
    name = tidy(somebody_else)
    if problem := fault(somebody_else, limit=100):
        raise Invalid("Nothing was recorded: correct the name and answer again", errors={"name": [problem]})
    if page.answered_at is not None:
        raise OutOfTurn(
            f"This link was used at {clock_time(page.answered_at)}. Sign in to go on with the case"
        )
    refuse_if_answered(case)
    news_at = page.clock.recorded_at if page.clock.about else None
    is_older = news_at is not None and page.written_at < news_at
    if page.clock.stopped_at is not None or is_older:
        raise OutOfTurn(_why_over(case) if case.is_over and page.clock.stopped_at is not None else NEWER)
    name = f"{name}, for {by.name}"[:200] if name else by.name
    facts = PageAnswered(client_reference=str(page.client_reference), somebody_else=name != by.name)
    line = append(Kind.PAGE_ANSWERED, by=by, at=at, case=case.pk, facts=facts)
    act = Act(by=by, at=at, service=services.current())
    acknowledge(case, name=name, facts=ReferralAcknowledged(page=line), act=act)
    page.answered_at = at
    page.save(update_fields=["answered_at"])
    return case


def why_stopped(page: Page) -> str:
    """Why a page needs no answer any more, as answering it would be refused; empty while its clock runs."""
    if page.clock is None or page.clock.stopped_at is None:
        return ""
    case = find(page.clock.reference, by=acting_for(page.recipient.actor))
    try:
        refuse_if_answered(case)
    except OutOfTurn as refusal:
        return refusal.sentence
    return _why_over(case) if case.is_over else NEWER


def _why_over(case: Referral) -> str:
    """That the case of a page has ended since it was sent, and where to go on."""
    if case.merged_into is not None:
        reference = main_case_of(case).reference
        return (
            f"{case.reference} was merged into {reference} since this page was sent. Go on with {reference}"
        )
    words = STATUS_WORDS[Status(case.status)].lower()
    return f"{case.reference} is {words} since this page was sent. Nothing more is needed from you to stop its pages"
