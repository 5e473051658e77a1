"""One meeting: its list with every reason, late additions, the order, and its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, NotFound
from kernel.time import near, now
from mdt.agenda import REASON_WORDS
from mdt.codes import OFF_REASONS
from mdt.endings import Ending, endings
from mdt.models import Item, Meeting
from mdt.usecases.change_agenda import approve, move_up, take_off
from mdt.usecases.plan_meeting import end_meeting, find_meeting, plan_meeting
from mdt.usecases.put_on_agenda import assemble, put_by_hand
from mdt.web.discussion_lines import decision_line, meeting_words
from mdt.web.draft import confirmations_at, done, send, thrown_away, unsent
from mdt.web.lists import MeetingForm
from mdt.web.obligation_lines import AwaitedOpinion, awaited_opinions
from referrals.case.access_log import record_list
from referrals.case.models import Referral
from referrals.case.queries import restricted_lines, visible_to
from triage.guideline.rule import STREAM_WORDS, Stream
from webkit import drafts
from webkit.attempt import Attempt, attempt
from webkit.fields import Text
from webkit.forms import PlainForm
from webkit.inputs import Input
from webkit.typed import Typed, text_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """A case on the list: why, in which place, and what was decided."""

    number: int
    reference: str
    patient: str
    born: str
    stream: str
    emergency: bool
    reasons: Sequence[str]
    words: str
    added: str
    to_approve: bool
    mine: bool
    obligations: Sequence[str]
    ended: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingScreen:
    """A meeting, ready to print."""

    number: int
    words: str
    cut_off: str
    closed: bool
    ended: str
    assembled: str
    items: Sequence[ItemLine]
    decided: Sequence[ItemLine]
    late: Sequence[ItemLine]
    off: Sequence[str]
    reasons: Sequence[tuple[str, str]]
    may_plan: bool
    to_put: Sequence[Input]
    inputs: Sequence[Input]
    moving: bool


def _assemble(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    if by.role != Role.COORDINATOR:
        raise Denied("Only a coordinator may assemble the list")
    added = assemble(find_meeting(number), at=at)
    return f"{added} case{'' if added == 1 else 's'} added by rule"


def _put(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    try:
        item = put_by_hand(number, text_at(typed, "reference"), text=text_at(typed, "text"), by=by, at=at)
    except NotFound as missing:
        raise Invalid(str(missing), errors={"reference": [str(missing)]}) from None
    return "Added. Somebody else has to approve it" if item.late else "Added to the list"


def _approve(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    approve(number, text_at(typed, "reference"), by=by, at=at)
    return "Approved"


def _off(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    take_off(number, text_at(typed, "reference"), reason=text_at(typed, "reason"), by=by, at=at)
    return "Taken off the list"


def _withdraw(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    take_off(number, text_at(typed, "reference"), reason="in_error", by=by, at=at)
    return "Taken off the list"


def _up(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    move_up(number, text_at(typed, "reference"), by=by, at=at)
    return "Moved up"


def _end(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    end_meeting(number, by=by, at=at)
    return "The meeting has ended"


def _move(number: int, typed: Typed, by: Actor, at: datetime) -> str:
    starts_at, cut_off_at = MeetingForm(Attempt(typed=typed)).times()
    plan_meeting(
        starts_at=starts_at,
        cut_off_at=cut_off_at,
        place=text_at(typed, "place"),
        number=number,
        by=by,
        at=at,
    )
    return "Moved"


ACTS: dict[str, Callable[[int, Typed, Actor, datetime], str]] = {
    "assemble": _assemble,
    "put": _put,
    "approve": _approve,
    "off": _off,
    "withdraw": _withdraw,
    "up": _up,
    "end": _end,
    "move": _move,
}
WRITTEN = frozenset({"put", "move"})  # what is typed rather than pressed


@never_cache
@only(Role.MDT_MEMBER, Role.COORDINATOR)
def meeting(request: HttpRequest, number: int) -> HttpResponse:
    """The list of a meeting, and what is done with it."""
    back = reverse("mdt_meeting", args=[number])
    if request.method != "POST":
        typed = drafts.typed_at(request.user, back)
        return _page(request, number, Attempt(form=text_at(typed, "do"), typed=typed))
    if answer := thrown_away(request, back, at_part="agenda"):
        return answer
    typed, by, at = dict(request.POST.lists()), actor_of(request), now()
    act = ACTS.get(text_at(typed, "do"))
    if act is None:
        raise Invalid("There is no such button", errors={"do": ["There is no such button"]})
    sentences: list[str] = []
    do = text_at(typed, "do")
    if do in WRITTEN:
        failed = send(request, do, lambda: sentences.append(act(number, typed, by, at)), at=at)
    else:
        failed = attempt(do, typed, lambda: sentences.append(act(number, typed, by, at)))
    if failed is not None:
        return _page(request, number, failed)
    return done(request, sentences[0], back, at_part="agenda")


def _page(request: HttpRequest, number: int, tried: Attempt) -> HttpResponse:
    by, at = actor_of(request), now()
    meeting = find_meeting(number)
    numbers = list(meeting.items.filter(off_at=None).values_list("referral_id", flat=True))
    cases = visible_to(by).in_bulk(list(meeting.items.values_list("referral_id", flat=True)))
    record_list(cases.values(), by=by, at=at, page="mdt_meeting")
    return render(
        request,
        "mdt/meeting.jinja",
        status=tried.status,
        title=meeting_words(meeting, at=at),
        screen=_screen(meeting, cases, tried, by=by, at=at),
        restricted=restricted_lines(by, among=numbers),
        off_reasons=OFF_REASONS,
        unsent=unsent(request, reverse("mdt_meeting", args=[number]), at=at),
        **confirmations_at(request),
        errors=bool(tried.errors),
        problems=[
            (text, f"#{path.replace('_', '-') or 'agenda'}")
            for path, texts in tried.errors.items()
            for text in texts
        ],
    )


def _screen(
    meeting: Meeting, cases: dict[int, Referral], tried: Attempt, *, by: Actor, at: datetime
) -> MeetingScreen:
    rows = list(meeting.items.select_related("note").order_by("position"))
    ended, opinions = endings(meeting), awaited_opinions(at=at)
    lines = [
        (row, _line(row, cases[row.referral_id], ended.get(row.referral_id), opinions, by=by, at=at))
        for row in rows
        if row.referral_id in cases
    ]
    current = [(row, line) for row, line in lines if row.off_at is None]
    moving = tried.of("move")
    initial = {"starts_at": meeting.starts_at, "cut_off_at": meeting.cut_off_at, "place": meeting.place}
    return MeetingScreen(
        number=meeting.pk,
        words=meeting_words(meeting, at=at),
        cut_off=near(meeting.cut_off_at, at=at),
        closed=at > meeting.cut_off_at,
        ended=f"{meeting.ended_by_name}, {near(meeting.ended_at, at=at)}" if meeting.ended_at else "",
        assembled=near(meeting.assembled_at, at=at) if meeting.assembled_at else "",
        items=tuple(line for _, line in current if not (line.to_approve or line.ended)),
        decided=tuple(sorted((line for _, line in current if line.ended), key=lambda line: line.over)),
        late=tuple(line for _, line in current if line.to_approve),
        off=tuple(
            f"{line.reference}, {line.patient}: {OFF_REASONS[row.off_because].lower()}"
            for row, line in lines
            if row.off_at is not None
        ),
        reasons=tuple(REASON_WORDS.items()),
        may_plan=by.role == Role.COORDINATOR,
        to_put=_to_put(tried.of("put"), closed=at > meeting.cut_off_at),
        inputs=MeetingForm(moving, initial=initial).inputs,
        moving=bool(moving.typed),
    )


def _to_put(attempt: Attempt, *, closed: bool) -> Sequence[Input]:
    """Which case is put on the list, and why."""
    fields = {
        "reference": Text("Add a case by its reference"),
        "text": Text("Why it cannot wait" if closed else "Why", width="full"),
    }
    return PlainForm(attempt, fields=fields).inputs


def _line(
    row: Item,
    case: Referral,
    ending: Ending | None,
    opinions: Sequence[AwaitedOpinion],
    *,
    by: Actor,
    at: datetime,
) -> ItemLine:
    approved = f"; approved by {row.approved_by_name}" if row.approved_at else ""
    return ItemLine(
        number=row.position,
        reference=case.reference,
        patient=case.patient.name,
        born=case.patient.born,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        reasons=tuple(REASON_WORDS[code] for code in row.reasons),
        words=row.note.text if row.note else "",
        added=f"{'Late: ' if row.late else ''}{row.by_name}, {near(row.at, at=at)}{approved}",
        to_approve=row.late and row.approved_at is None and ending is None,
        mine=row.by == by.key,
        obligations=tuple(line.words for line in opinions if line.case == case.pk),
        ended=_ended(ending, at=at),
        over=bool(ending and ending.over),
    )


def _ended(ending: Ending | None, *, at: datetime) -> str:
    if ending is None or ending.decision is None:
        return ending.over if ending else ""
    decided = decision_line(ending.decision, at=at)
    return f"Decided: {decided.outcomes}, {decided.when}"
