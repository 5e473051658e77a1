"""The cases listed for the MDT."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from kernel.actors import Actor
from kernel.time import near
from mdt.models import Listing
from referrals.codes import MDT_QUESTIONS
from referrals.models import Referral
from referrals.queries import visible_to
from referrals.states import OVER, STATUS_WORDS, Status
from triage.guideline.rule import STREAM_WORDS, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    asked: str
    words: str
    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A case on the list, with what the MDT is asked."""

    reference: str
    patient: str
    nhs_number: str
    born: str
    stream: str
    emergency: bool
    status: str
    questions: tuple[Question, ...]


def listed(*, by: Actor) -> list[Referral]:
    """The open cases on the list, emergencies first, then as they were listed: two queries."""
    listings = Listing.objects.select_related("note").order_by("id")
    cases = (
        visible_to(by)
        .filter(listed_for_mdt_at__isnull=False)
        .exclude(status__in=[str(status) for status in OVER])
        .prefetch_related(Prefetch("listings", queryset=listings))
        .order_by("listed_for_mdt_at", "id")
    )
    return sorted(cases, key=lambda case: not case.is_emergency)


def listed_case(case: Referral, *, at: datetime) -> ListedCase:
    questions = tuple(
        Question(
            asked=MDT_QUESTIONS[listing.question],
            words=listing.note.text if listing.note else "",
            by=listing.by_name,
            at=near(listing.at, at=at),
        )
        for listing in case.listings.all()
    )
    return ListedCase(
        reference=case.reference,
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        status=STATUS_WORDS[Status(case.status)],
        questions=questions,
    )
