"""What rests on an imaging finding, so that it is reviewed when the finding changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.act import Act
from kernel.time import near
from referrals.case.case_facts import of_case
from referrals.case.models import Event, Letter, Obligation, Referral
from referrals.case.notes import words
from referrals.evidence.findings import Finding
from referrals.intake import codes
from referrals.intake.labels import in_sentence
from referrals.promises.obligations import start_obligation
from triage.guideline.findings import ANSWER_WORDS, ImagingFinding

LOOK_AGAIN = 1  # hours
_DECISIONS = ("decision_to_treat", "radiotherapy_started", "surgery_started")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """The acts that may rest on findings of a case: decisions and treatments, letters, and obligations."""

    decisions: Sequence[Event]
    letters: Sequence[Letter]
    obligations: Sequence[Obligation]


def acts_of(case: Referral) -> Acts:
    """The acts of a case, loaded once for any number of findings."""
    return Acts(
        decisions=tuple(Event.objects.filter(of_case(case), kind__in=_DECISIONS).order_by("occurred_at")),
        letters=tuple(Letter.objects.filter(referral=case).order_by("id")),
        obligations=tuple(Obligation.objects.filter(referral=case).order_by("id")),
    )


def acts_resting_on(acts: Acts, finding: Finding, *, at: datetime) -> Iterator[str]:
    """The decisions, letters and tasks since a finding was reported, each in words."""
    for event in (event for event in acts.decisions if event.occurred_at >= finding.at):
        modality = codes.TREATMENT_MODALITIES.get(event.data.get("modality", ""), "")
        event_words = codes.EVENT_WORDS[event.kind].lower() + (f" ({modality.lower()})" if modality else "")
        yield f"{event_words}, {near(event.occurred_at, at=at)}, by {event.by_name}"
    for letter in (letter for letter in acts.letters if letter.at >= finding.at):
        yield f"letter: {codes.LETTER_WORDS[letter.kind].lower()}, {near(letter.at, at=at)}"
    for task in (task for task in acts.obligations if task.at >= finding.at and task.due_at > at):
        yield f"{codes.OBLIGATIONS[task.kind].lower()}, asked for {near(task.at, at=at)}"


def in_words(finding: Finding, *, at: datetime) -> str:
    """A finding with its regions and its time."""
    label = in_sentence(ANSWER_WORDS[ImagingFinding][finding.finding])
    regions = ", ".join(codes.REGIONS[name].lower() for name in codes.REGIONS if name in finding.regions)
    origin = f"stated by {finding.stated_by}" if finding.stated_by else "reported"
    return f"{label}{f' ({regions})' if regions else ''}, {origin} {near(finding.at, at=at)}"


def ask_for_review(case: Referral, finding: Finding, *, act: Act) -> None:
    """Ask the coordinator to review everything that rests on a finding that was changed, contradicted or withdrawn."""
    acts = list(acts_resting_on(acts_of(case), finding, at=act.at))
    if not acts:
        return
    text = (
        f"A finding has changed: {in_words(finding, at=act.at)}. Review what rests on it and tell the people who act on it: "
        f"{'; '.join(acts)}. Nothing was undone automatically."
    )
    start_obligation(
        case,
        "review",
        owed_by="coordinator",
        note=words("obligation", text[:9000]),
        hours=LOOK_AGAIN,
        label="review of what rests on a changed finding",
        act=act,
    )
