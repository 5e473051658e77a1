"""Reads of questions to the MDT and its answers, for pages."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from kernel.actors import Actor
from mdt.models import Decision, Listing, Meeting, Opinion, Outcome, Plan, Treatment
from referrals.case.models import Referral
from referrals.case.queries import visible_to
from referrals.case.states import OVER


def meetings_ahead() -> list[Meeting]:
    """The meetings that have not ended, the next first."""
    return list(Meeting.objects.filter(ended_at=None).order_by("starts_at"))


def meetings_ended(*, most: int) -> list[Meeting]:
    """The meetings that have ended, the newest first."""
    return list(Meeting.objects.filter(ended_at__isnull=False).order_by("-starts_at")[:most])


def meetings_ahead_with(case: Referral) -> QuerySet[Meeting]:
    """The meetings that have not ended and have this case on their list, the next first."""
    return Meeting.objects.filter(items__referral=case, items__off_at=None, ended_at=None).order_by(
        "starts_at"
    )


def listed_cases(by: Actor) -> list[Referral]:
    """The open cases on the list, emergencies first, then as they were listed: three queries.

    Each has its `listings` and `decisions` read along, the oldest first.
    """
    cases = (
        visible_to(by)
        .filter(listed_for_mdt_at__isnull=False)
        .exclude(status__in=[str(status) for status in OVER])
        .prefetch_related(
            Prefetch("listings", queryset=Listing.objects.select_related("note").order_by("id")),
            Prefetch("decisions", queryset=Decision.objects.order_by("version")),
        )
        .order_by("listed_for_mdt_at", "id")
    )
    return sorted(cases, key=lambda case: not case.is_emergency)


def listings_of(case: Referral) -> QuerySet[Listing]:
    """The questions of a case with their notes, the oldest first."""
    return Listing.objects.filter(referral=case).select_related("note").order_by("id")


def opinions_of(case: Referral) -> QuerySet[Opinion]:
    """Every version of every opinion on a case, the oldest first."""
    return Opinion.objects.filter(referral=case).order_by("version")


def decisions_of(case: Referral) -> QuerySet[Decision]:
    """Every version of the decision with its meeting, the newest first."""
    return Decision.objects.filter(referral=case).select_related("meeting").order_by("-version")


def treatments_of(case: Referral) -> Sequence[Treatment]:
    """Every version of every treatment by modality, the newest first."""
    return list(Treatment.objects.filter(referral=case).order_by("modality", "-version"))


def plans_of(case: Referral) -> Sequence[Plan]:
    """Every version of the management plan, the newest first."""
    return list(Plan.objects.filter(referral=case).order_by("-version"))


def outcomes_of(case: Referral) -> Sequence[Outcome]:
    """Every version of every outcome, the oldest first."""
    return list(Outcome.objects.filter(referral=case).order_by("version"))
