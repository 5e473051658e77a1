"""A call or message is logged with its true instant."""

from dataclasses import dataclass
from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import earliest, is_earlier
from ledger.keep import keep
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock
from referrals.case.case_facts import symptoms_began
from referrals.case.models import Contact, Referral
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import CONTACT_CHANNELS, CONTACT_OUTCOMES, DIRECTIONS
from referrals.intake.fields import NotAllowed, Unreadable, read_text
from referrals.intake.instants import fault_of_future

BY_VOICE = frozenset({"telephone", "in_person"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The entries about a contact."""

    occurred_at: datetime
    direction: str
    channel: str
    person: str
    role: str = ""
    number: str = ""
    with_referrer: bool = False
    outcome: str = ""
    text: str = ""


@one_transaction()
def log_contact(reference: str, call: Call, *, by: Actor, at: datetime) -> Referral:
    """Log a contact. A conversation with the referrer stops the clock that asks for one, unless it came before the news
    that started the clock.
    """
    case = find_and_lock(reference, by=by)
    _check(call, since=symptoms_began(case), at=at)
    note = words("contact", call.text, path="text")
    facts = {
        "direction": call.direction,
        "channel": call.channel,
        "outcome": call.outcome,
        "with_referrer": call.with_referrer,
        "occurred_at": call.occurred_at,
        **note.bound,
    }
    line = move(case, Action.LOG_CONTACT, by=by, at=at, facts=facts)
    row = Contact(
        referral=case,
        occurred_at=call.occurred_at,
        direction=call.direction,
        channel=call.channel,
        person=call.person.strip(),
        role=call.role.strip(),
        number=call.number.strip(),
        with_referrer=call.with_referrer,
        outcome=call.outcome,
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **authorship(by, at=at),
    )
    keep(row, line=line, by=by, at=at)
    spoke = call.with_referrer and call.outcome == "spoke" and call.channel in BY_VOICE
    for clock in clocks.hold(case.pk) if spoke else ():
        if clock.kind == ClockKind.VOICE_CONTACT and not is_earlier(
            call.occurred_at, than=_news_of(case, clock)
        ):
            clocks.stop_clock(clock, because=Stopped.MET, stopped_at=call.occurred_at, by=by, at=at)
    return case


def _news_of(case: Referral, clock: Clock) -> datetime:
    """From when a conversation may be about what a clock asks for: the true instant of the fact that started it last.

    What was said on the telephone before the referral was typed is about the referral.
    """
    told_at = clock.recorded_at or clock.started_at
    facts = case.events.filter(at=told_at, at__gt=case.submitted_at)
    return earliest(facts.values_list("occurred_at", flat=True)) or symptoms_began(case)


def _check(call: Call, *, since: datetime, at: datetime) -> None:
    errors: dict[str, list[str]] = {}
    for path in ("person", "role", "number"):
        try:
            read_text(getattr(call, path))
        except (NotAllowed, Unreadable) as problem:
            errors[path] = [str(problem)]
    if not call.person.strip():
        errors["person"] = ["Enter the person you spoke to or tried to reach"]
    for path, codes, ask in (
        ("direction", DIRECTIONS, "Say who rang whom"),
        ("channel", CONTACT_CHANNELS, "Say how the contact was made"),
        ("outcome", CONTACT_OUTCOMES, "Say what came of it"),
    ):
        if getattr(call, path) not in codes:
            errors[path] = [ask]
    if fault := fault_of_future(call.occurred_at, at=at, ask="the contact was"):
        errors["occurred_at"] = [fault]
    if is_earlier(call.occurred_at, than=since):
        errors["occurred_at"] = ["This is before the symptoms began: check the date"]
    if errors:
        raise Invalid("The contact is not complete", errors=errors)
