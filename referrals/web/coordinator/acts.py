"""What each form on a case page does when it is sent: reads the form, calls its use case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid
from referrals import codes
from referrals.arriving import NOTICES
from referrals.events import parse_event
from referrals.fields import FIELD_AT, Unreadable
from referrals.models import Referral
from referrals.queries import find
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.ask_for import ask_for
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.deny_death import deny_death
from referrals.usecases.end_treatment_clocks import end_treatment_clocks
from referrals.usecases.extend_lease import extend_lease
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.record_event import record_event
from referrals.usecases.redirect_referral import redirect_referral
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.review_decision import review_decision
from referrals.usecases.settle_arrival import settle_arrival
from referrals.usecases.settle_obligation import settle_obligation
from referrals.usecases.share_case import share_case
from referrals.usecases.snooze_clock import snooze_clock
from referrals.usecases.triage_referral import Decision, triage_referral
from referrals.usecases.withdraw_referral import withdraw_referral
from referrals.web.answers import Typed, instant_of, one, presentation_of
from triage.guideline.findings import QUESTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that was sent about a case."""

    reference: str
    typed: Typed
    by: Actor
    at: datetime
    service: Service

    @property
    def seen(self) -> int | None:
        """The version of the case that was on the screen."""
        return self.number("version") or None

    def __getitem__(self, name: str) -> str:
        return one(self.typed, name)

    def prefixed(self, prefix: str) -> dict[str, str]:
        """The fields whose names begin so, without their prefix."""
        return {
            name.removeprefix(prefix): one(self.typed, name) for name in self.typed if name.startswith(prefix)
        }

    def number(self, name: str) -> int:
        """A row's number; 0 for what is none."""
        text = one(self.typed, name)
        return int(text) if text.isdecimal() and len(text) < 18 else 0

    @property
    def case(self) -> Referral:
        return find(self.reference, by=self.by)

    @property
    def act(self) -> dict[str, Any]:
        return {"by": self.by, "at": self.at}


def _acknowledge(sent: Sent) -> str:
    acknowledge_referral(sent.reference, **sent.act)
    return "Acknowledged. The referrer sees your name"


def _findings(sent: Sent) -> str:
    names = {name.removeprefix("presentation.") for name in sent.typed if name.startswith("presentation.")}
    answers = presentation_of(sent.typed, [q.path for q in QUESTIONS if q.path in names])
    complete_findings(
        sent.reference, answers, source=sent["source"], service=sent.service, seen=sent.seen, **sent.act
    )
    return "The findings are kept and the guideline was asked again"


def _triage(sent: Sent) -> str:
    decision = Decision(
        stream=sent["stream"],
        override_code=sent["override_code"],
        override_text=sent["override_text"],
        investigations=tuple(sent.typed.get("investigations", ())),
        urgency=sent["urgency"],
        advice=sent.prefixed("advice."),
        deviations=sent.prefixed("deviations."),
    )
    triage_referral(sent.reference, decision, service=sent.service, seen=sent.seen, **sent.act)
    return "The decision is recorded"


def _contact(sent: Sent) -> str:
    call = Call(
        occurred_at=instant_sent(sent, "occurred_at"),
        with_referrer=bool(sent["with_referrer"]),
        text=(sent.typed.get("text") or [""])[-1],
        **{name: sent[name] for name in ("direction", "channel", "person", "role", "number", "outcome")},
    )
    log_contact(sent.reference, call, **sent.act)
    return "The contact is logged"


def in_a_sentence(words: str) -> str:
    """Words in the middle of a sentence; an abbreviation keeps its letters."""
    return words if words[:2].isupper() else words[0].lower() + words[1:]


def event(
    sent: Sent,
    kind: str,
    data: Mapping[str, Any],
    *,
    errors_at: str = "",
    text: str = "",
    alarming: bool = False,
    without_plan: str = "",
) -> str:
    """Record an event through the same check as every other door; its problems are named by form field."""
    body = {"kind": kind, "occurred_at": optional_instant(sent, "occurred_at"), "data": data}
    try:
        fact = parse_event(body, at=sent.at)
    except Invalid as invalid:
        renamed = {errors_at or path.removeprefix("data."): texts for path, texts in invalid.errors.items()}
        raise Invalid(invalid.sentence, errors=renamed) from None
    _, _, notices = record_event(
        sent.reference, fact, service=sent.service, text=text, alarming=alarming, without_plan=without_plan, **sent.act
    )  # fmt: skip
    said = [
        f"Recorded: {in_a_sentence(codes.EVENT_WORDS[kind])}",
        *(NOTICES[code].rstrip(".") for code in notices),
    ]
    return ". ".join(said)


def instant_sent(sent: Sent, name: str) -> datetime:
    text = optional_instant(sent, name)
    if text is None:
        raise Invalid("Enter when it was", errors={name: ["Enter the date and the time"]})
    try:
        value: datetime = FIELD_AT["presented_at"].read(text)
    except Unreadable as problem:
        raise Invalid("Enter when it was", errors={name: [str(problem)]}) from None
    return value


def optional_instant(sent: Sent, name: str) -> str | None:
    problems: dict[str, str] = {}
    text = instant_of(sent.typed, name, problems)
    if problems:
        raise Invalid("Enter when it was", errors={path: [why] for path, why in problems.items()})
    return text


def _redirect(sent: Sent) -> str:
    redirect_referral(sent.reference, route=sent["route"], text=sent["text"], seen=sent.seen, **sent.act)
    return "Redirected. The referrer sees where to"


def _close(sent: Sent) -> str:
    close_referral(sent.reference, outcome=sent["outcome"], text=sent["text"], seen=sent.seen, **sent.act)
    return "Closed"


def _reopen(sent: Sent) -> str:
    reopen_referral(sent.reference, text=sent["text"], **sent.act)
    return "Open again; its clocks run on from where they began"


def _withdraw(sent: Sent) -> str:
    withdraw_referral(sent.reference, text=sent["reason"], **sent.act)
    return "Withdrawn"


def _error(sent: Sent) -> str:
    mark_entered_in_error(sent.reference, text=sent["text"], seen=sent.seen, **sent.act)
    return "Marked as entered in error"


def _review(sent: Sent) -> str:
    if sent["agreed"] not in ("yes", "no"):
        raise Invalid("Say whether you agree", errors={"agreed": ["Say whether you agree"]})
    review_decision(
        sent.reference, sent.number("review"), agreed=sent["agreed"] == "yes", text=sent["text"], **sent.act
    )
    return "The review is recorded"


def _share(sent: Sent) -> str:
    share_case(sent.reference, organisation=sent["organisation"], **sent.act)
    return "That organisation can now read this case and report events"


def _promise(sent: Sent) -> str:
    keep_promise(
        sent.reference,
        kind=sent["kind"],
        done_by=sent["done_by"],
        text=(sent.typed.get("text") or [""])[-1],
        done_at=instant_sent(sent, "done_at"),
        **sent.act,
    )
    return "Recorded; its clock has stopped"


def _ask(sent: Sent) -> str:
    names = ("kind", "owed_by", "within")
    asked = {name: sent[name] for name in names}
    text = (sent.typed.get("text") or [""])[-1]
    ask_for(sent.reference, text=text, service=sent.service, **asked, **sent.act)
    return "Asked. Whoever holds the duty is paged"


def _settle(sent: Sent) -> str:
    settle_obligation(
        sent.reference,
        sent.number("obligation"),
        done_by=sent["done_by"],
        text=(sent.typed.get("text") or [""])[-1],
        done_at=instant_sent(sent, "done_at"),
        **sent.act,
    )
    return "Recorded; nothing more is owed for it"


def _snooze(sent: Sent) -> str:
    snooze_clock(
        sent.reference, sent.number("clock"), minutes=sent["minutes"], reason=sent["reason"], **sent.act
    )
    return "Kept quiet. Its limit stays where it is"


def _alive(sent: Sent) -> str:
    deny_death(sent.reference, text=sent["text"], **sent.act)
    return "The report of death is struck out; the clocks run on from where they began"


def _settle_arrival(sent: Sent) -> str:
    settle_arrival(sent.reference, text=sent["text"], **sent.act)
    return "Read. The case stays closed"


def _lease(sent: Sent) -> str:
    extend_lease(sent.reference, reason=sent["reason"], **sent.act)
    return "Ten more minutes"


def _end_clocks(sent: Sent) -> str:
    end_treatment_clocks(sent.reference, **sent.act)
    return "Those clocks have ended as not needed"


ACTS: dict[str, Callable[[Sent], str]] = {
    "acknowledge": _acknowledge,
    "findings": _findings,
    "corrections": _findings,
    "triage": _triage,
    "contact": _contact,
    "redirect": _redirect,
    "close": _close,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "error": _error,
    "review": _review,
    "share": _share,
    "end-clocks": _end_clocks,
    "alive": _alive,
    "lease": _lease,
    "settle-arrival": _settle_arrival,
    "ask": _ask,
    "settle": _settle,
    "snooze": _snooze,
    "promise": _promise,
}
