"""What the referrer sees of a case, ready to print."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from accounts import service as services
from accounts.names import names_of
from accounts.people import ACTING_ROLE_WORDS
from kernel.actors import Actor, Role
from kernel.time import duration_in_words, in_words, near
from ledger.kinds import Kind
from ledger.read import of_case
from oncall import clocks
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case import policy
from referrals.case.case_facts import evidence_of
from referrals.case.models import Disposition, Referral
from referrals.case.queries import main_case_of, visible_to
from referrals.case.states import STATUS_WORDS, Action, Status
from referrals.correspondence.clinical_lines import place_of
from referrals.correspondence.language import language_line, speaks_welsh
from referrals.intake.codes import AMBULANCE_CATEGORIES, DISPOSITIONS, POSITIONS
from referrals.intake.fields import LOCATION_KIND
from referrals.intake.validation import label_of
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator.spine import RegionLine, headline, region_lines, stated_lines
from referrals.web.referrer.receipt import SentReferral, first_asked, paging_line, sent_referral
from referrals.web.responsibility import responsible_for
from referrals.web.talk import MessageLine, Talk, open_questions, talk
from triage.assess import as_still_said, latest
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.signature import confirmed_numbers
from triage.web.guidance import Guidance, guidance

# The clocks that a referrer sees: promises to them, not the service's internal clocks.
PROMISED = frozenset(
    {
        ClockKind.ACKNOWLEDGE,
        ClockKind.VOICE_CONTACT,
        ClockKind.COORDINATOR_ADVICE,
        ClockKind.MRI,
        ClockKind.MRI_REPORT,
        ClockKind.TREATMENT_PLAN,
        ClockKind.STABILITY_ADVICE,
        ClockKind.RADIOTHERAPY,
    }
)
RING = "contact_coordinator_immediately"  # the page shows this itself, with the number


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionScreen:
    kind: str
    headline: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One step from sent to decided, and whether it has happened."""

    name: str
    words: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralScreen:
    """One referral as its referrer follows it."""

    reference: str
    patient: str
    nhs_number: str
    born: str
    language: str  # preferred language and interpreter, as a line; empty where nothing is needed
    welsh: bool
    place: str
    status: str
    stream: str
    emergency: bool
    worried: bool
    over: bool
    submitted: str
    seen_by: str
    not_seen: str
    paging_line: str
    next_steps: Sequence[str]
    disposition: DispositionScreen | None
    clocks: Sequence[ClockLine]
    guidance: Guidance
    to_do: Guidance
    wanted: str
    sent: SentReferral
    withdrawal: str
    may_withdraw: bool
    receipts: Sequence[Receipt]
    ring: str
    ring_now: bool
    responsible: str
    talk: Talk
    questions: Sequence[MessageLine]
    same_episode: Sequence[str]
    merged_into: str
    may_add: bool
    may_tell: bool
    spine: str
    regions: Sequence[RegionLine]
    stated: Sequence[str]


def referral_screen(case: Referral, *, by: Actor, at: datetime) -> ReferralScreen:
    """The screen of one case: a constant number of queries."""
    result, _ = as_still_said(latest(case.pk))
    advice = guidance(
        result,
        at=at,
        acknowledged=case.acknowledged_at is not None,
        numbers=confirmed_numbers(),
    )
    spine = evidence_of(case, service=services.current()).picture
    every_clock = clocks.of_case(case.pk)
    promised = [clock for clock in every_clock if clock.kind in PROMISED]
    talk_so_far = talk(case, every_clock, for_referrer=True, at=at)
    ring = _ring(case, promised, at=at)
    destination = case.dispositions.order_by("-id").first()
    return ReferralScreen(
        reference=case.reference,
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        language=language_line(case.patient),
        welsh=speaks_welsh(case.patient),
        place=place_of(case),
        status=STATUS_WORDS[Status(case.status)],
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        worried=case.referrer_concern == "emergency",
        over=case.is_over,
        submitted=in_words(case.submitted_at),
        seen_by=_seen_by(case, at=at),
        not_seen=_not_seen(case, promised, at=at),
        paging_line="" if case.is_over else paging_line(case, every_clock, at=at),
        next_steps=tuple(_next_steps(case)),
        disposition=_disposition(destination, at=at) if destination else None,
        clocks=clock_lines(promised, at=at),
        guidance=advice,
        to_do=replace(advice, advice=tuple(line for line in advice.advice if line.code != RING)),
        wanted=first_asked([*advice.ask_next, *(label_of(path) for path in case.incomplete)]),
        sent=sent_referral(case),
        withdrawal="You asked to withdraw this. A coordinator has to confirm it"
        if _withdrawal_is_open(case)
        else "",
        receipts=tuple(_receipts(case, at=at)),
        ring=ring,
        ring_now=bool(ring) or (case.pages_at_once and case.acknowledged_at is None and not case.is_over),
        responsible=responsible_for(case, at=at),
        talk=talk_so_far,
        questions=tuple(talk_so_far.questions(to_referrer=True)),
        same_episode=tuple(_same_episode(case, by=by)),
        merged_into=main_case_of(case).reference if case.merged_into else "",
        may_add=by.role == Role.REFERRER and not case.is_over,
        may_tell=policy.why_not(by, Action.RECORD_EVENT, case) is None,
        spine=headline(spine),
        regions=tuple(region_lines(spine, at=at)),
        stated=tuple(stated_lines(spine)),
        may_withdraw=policy.why_not(by, Action.ASK_WITHDRAWAL, case) is None
        and not _withdrawal_is_open(case),
    )


def _receipts(case: Referral, *, at: datetime) -> Iterator[Receipt]:
    """From sent to decided: what has happened, when and by whom. A decision is work on it, claimed or not."""
    open_words = "ended before that" if case.is_over else "not yet"
    decision = case.triagedecisions.order_by("id").first()
    claimed = next((line for line in of_case(case.pk) if line.kind == Kind.CASE_CLAIMED), None)
    worker, worked_at = (decision.by_name, decision.at) if decision else ("", at)
    if claimed is not None and (decision is None or claimed.at < decision.at):
        worker, worked_at = names_of({claimed.actor})[claimed.actor], claimed.at
    yield Receipt(name="Sent", words=near(case.submitted_at, at=at), done=True)
    yield Receipt(name="On the coordinator's board", words=near(case.submitted_at, at=at), done=True)
    yield Receipt(
        name="Seen by a human", words=_seen_by(case, at=at) or open_words, done=bool(case.acknowledged_at)
    )
    yield Receipt(
        name="Somebody is working on it",
        words=f"{worker}, {near(worked_at, at=at)}" if worker else open_words,
        done=bool(worker),
    )
    yield Receipt(
        name="Decided",
        words=f"{decision.by_name}, {near(decision.at, at=at)}" if decision else open_words,
        done=decision is not None,
    )


def _ring(case: Referral, promised: Sequence[Clock], *, at: datetime) -> str:
    """A warning that nobody has seen an emergency within the promised time; empty otherwise."""
    for clock in promised:
        late = clock.kind == ClockKind.ACKNOWLEDGE and clock.stopped_at is None and clock.due_at <= at
        if late and case.pages_at_once:
            what = "what is new" if case.acknowledged_at else "this"  # the first message was seen
            return f"Nobody has seen {what} in {duration_in_words(clock.due_at - clock.started_at)}: ring now"
    return ""


def _same_episode(case: Referral, *, by: Actor) -> Iterator[str]:
    """The other referrals of this episode that the reader may open."""
    others = visible_to(by).filter(episode=case.episode_id).exclude(pk=case.pk)
    yield from others.order_by("id").values_list("reference", flat=True)


def _withdrawal_is_open(case: Referral) -> bool:
    return case.withdrawal_asked_at is not None and not case.is_over


def _seen_by(case: Referral, *, at: datetime) -> str:
    if case.acknowledged_at is None:
        return ""
    role = ACTING_ROLE_WORDS.get(case.acknowledged_role, case.acknowledged_role)
    return f"{case.acknowledged_by}, {role}, at {near(case.acknowledged_at, at=at)}"


def _not_seen(case: Referral, promised: Sequence[Clock], *, at: datetime) -> str:
    """That nobody has acknowledged the referral, or what was reported since; empty when somebody has."""
    if case.is_over:
        return ""
    nobody = "Nobody has acknowledged it yet. It was"
    if case.acknowledged_at is None:
        return f"{nobody} sent {duration_in_words(at - case.submitted_at)} ago"
    waits = [c for c in promised if c.kind == ClockKind.ACKNOWLEDGE and c.stopped_at is None]
    since = min((clock.recorded_at or clock.started_at for clock in waits), default=None)
    return f"{nobody} reported {duration_in_words(at - since)} ago" if since else ""


def _next_steps(case: Referral) -> list[str]:
    """What happens next, in order."""
    if case.is_over:
        return [
            "This referral has ended. If neurology gets worse, use the button above and ring the coordinator"
        ]
    steps = []
    if case.acknowledged_at is None:
        steps.append("The coordinator acknowledges it. This page will show who did and when")
    if case.pages_at_once:
        steps.append("The coordinator rings you back on the number you gave")
    if case.status in (Status.SUBMITTED, Status.ACKNOWLEDGED):
        steps.append("The coordinator decides the stream, advises you, and says where the patient should go")
    if case.responsible_since is None:
        steps.append("You remain responsible for the patient until somebody has accepted them")
    steps.append("If power, feeling, walking, bladder or bowel get worse, ring at once")
    return steps


def _disposition(row: Disposition, *, at: datetime) -> DispositionScreen:
    lines = [
        ("Where", ", ".join(part for part in (row.unit, row.site) if part)),
        ("How", AMBULANCE_CATEGORIES.get(row.ambulance_category, "")),
        ("Position for travel", POSITIONS.get(row.position, "")),
        ("Told by", row.told_by or row.by_name),
        ("Decided", near(row.at, at=at)),
    ]
    return DispositionScreen(
        kind=row.kind, headline=DISPOSITIONS[row.kind], lines=tuple(line for line in lines if line[1])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralLine:
    """One line of the referrer's list."""

    reference: str
    patient: str
    status: str
    stream: str
    emergency: bool
    sent: str
    seen_by: str
    where: str
    question: str


def referral_lines(cases: Sequence[Referral], *, at: datetime) -> tuple[ReferralLine, ...]:
    """One line for each case, with what the coordinator asks: two queries more."""
    questions = {
        number: f"{lines[0].words} {lines[0].due}"
        for number, lines in open_questions((case.pk for case in cases), at=at).items()
    }
    return tuple(
        ReferralLine(
            reference=case.reference,
            patient=case.patient.name,
            status=STATUS_WORDS[Status(case.status)],
            stream=STREAM_WORDS[Stream(case.stream)],
            emergency=case.is_emergency,
            sent=near(case.submitted_at, at=at),
            seen_by=_seen_by(case, at=at),
            where=case.location["detail"] or LOCATION_KIND.get(case.location["kind"], ""),
            question=questions.get(case.pk, ""),
        )
        for case in cases
    )


def summary_text(screen: ReferralScreen, *, telephone: str) -> str:
    """The case as plain text, to paste into a GP record."""
    lines = [
        f"MSCC referral {screen.reference}",
        f"Sent {screen.submitted}. {screen.status}. Stream: {screen.stream}.",
        f"Seen by: {screen.seen_by or 'nobody yet'}",
        f"MSCC coordinator, day and night: {telephone}",
    ]
    if screen.language:
        lines.append(f"{screen.language}.")
    lines.append(f"Where the patient is: {screen.place}")
    if screen.disposition:
        details = "; ".join(f"{label}: {text}" for label, text in screen.disposition.lines)
        lines.append(f"Where the patient goes: {screen.disposition.headline}. {details}")
    lines += ["", "Guideline advice:"]
    lines += [f"- {line.strength}: {line.text} [{line.sources}]" for line in screen.guidance.advice]
    if screen.clocks:
        lines += [
            "",
            "Time limits:",
            *(f"- {clock.label}: {clock.for_the_record}" for clock in screen.clocks),
        ]
    lines += ["", f"NG234 edition {screen.guidance.edition}, ruleset {screen.guidance.ruleset}."]
    return "\n".join(lines) + "\n"
