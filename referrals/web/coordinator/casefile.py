"""A case as one request reads it: each part is read once, when it is first needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat, JSONObject
from django.urls import reverse

from accounts.models import Organisation
from accounts.people import Duty
from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.time import from_rfc3339
from oncall import clocks
from oncall.kinds import ClockKind
from oncall.models import Clock, Owner
from oncall.rota import holder_name
from referrals.case.case_facts import evidence_of, facts_in
from referrals.case.episodes import MatchedCase
from referrals.case.models import CareAnswer, Contact, Detail, Event, Referral, Review
from referrals.case.record import details_of
from referrals.case.timeline import Happening, timeline
from referrals.case.whereabouts import newest_heading
from referrals.evidence.case_evidence import Evidence
from referrals.web.coordinator import record_lines, same_person
from referrals.web.coordinator.obligation_lines import ObligationLine, obligation_lines
from referrals.web.responsibility import Responsibility, responsibility
from referrals.web.talk import Talk, talk
from triage.assess import latest
from triage.models import Assessment
from triage.signature import confirmed_citations
from webkit import drafts


def read_along(*, by: Actor, at: datetime) -> dict[str, Any]:
    """Annotations that every page of a case needs, read with its row: whether a decision waits for a second clinician,
    where the patient is by name and where they were to go, who owns it and who is on duty, the last call, what was
    done about advice, which numbers were confirmed in print, the forms that `by` began, the other referrals of its
    episode and those merged into it.
    """
    linked = Q(episode=OuterRef("episode")) | Q(merged_into=OuterRef("pk"))
    others = Referral.objects.filter(linked).exclude(pk=OuterRef("pk")).order_by("id")
    answers = CareAnswer.objects.filter(referral=OuterRef("pk")).order_by("id")
    confirmations = confirmed_citations()
    forms = drafts.begun_by(
        by.user_id, below=Concat(Value(reverse("worklist")), OuterRef("reference"), Value("/"))
    )
    calls = Contact.objects.filter(referral=OuterRef("pk")).order_by("-id")
    return {
        "to_review": Exists(Review.objects.filter(referral=OuterRef("pk"), done_at=None)),
        "place_name": Subquery(
            Organisation.objects.filter(pk=OuterRef("location_organisation")).values("name")
        ),
        "owner_name": Subquery(
            Owner.objects.filter(case=OuterRef("pk"), until__gt=at).values("person__name")
        ),
        "duty_name": holder_name(Duty.COORDINATOR, at=at),
        "heading": newest_heading("pk"),
        "confirmed": ArraySubquery(confirmations.values(said=JSONObject(key="key", value="value"))),
        "begun": ArraySubquery(forms.values(said=JSONObject(place="place", at="began_at"))),
        "last_call": Subquery(
            calls.values(
                said=JSONObject(
                    at="occurred_at", by="by_name", person="person", outcome="outcome", text="note__text"
                )
            )[:1]
        ),
        "care": ArraySubquery(
            answers.values(
                said=JSONObject(code="code", answer="answer", by="by_name", at="at", text="note__text")
            )
        ),
        "linked": ArraySubquery(
            others.values(told=JSONObject(reference="reference", episode="episode", into="merged_into"))
        ),
    }


@dataclass(kw_only=True)
class CaseFile:
    """The data of a case for its pages and acts. `by` reads it at `at`."""

    case: Any  # a referral with what is read along
    by: Actor
    at: datetime
    service: Service

    @property
    def last_act(self) -> int:
        """The newest line of its ledger when the case was read; 0 where nobody asked for it."""
        return getattr(self.case, "last_act", 0) or 0

    @property
    def may_act(self) -> bool:
        return self.by.role == Role.COORDINATOR

    @cached_property
    def every_clock(self) -> list[Clock]:
        return clocks.of_case(self.case.pk)

    @cached_property
    def running(self) -> list[Clock]:
        """The running clocks, the nearest deadline first."""
        running = (clock for clock in self.every_clock if clock.stopped_at is None)
        return sorted(running, key=lambda clock: clock.due_at)

    def runs(self, kind: ClockKind) -> bool:
        return any(clock.kind == kind for clock in self.running)

    @cached_property
    def assessment(self) -> Assessment:
        return latest(self.case.pk)

    @cached_property
    def evidence(self) -> Evidence:
        return evidence_of(self.case, service=self.service, facts=facts_in(self.events, self.details))

    @cached_property
    def events(self) -> list[Event]:
        return record_lines.events_of(self.case)

    @cached_property
    def details(self) -> dict[str, list[Detail]]:
        """Every recorded value by field, the newest first."""
        return details_of(self.case)

    @cached_property
    def answers(self) -> dict[str, str]:
        """What was done about each advice code, in words."""
        return {
            row["code"]: record_lines.care_answer(
                row["answer"], row["by"], from_rfc3339(row["at"]), row["text"] or "", at=self.at
            )
            for row in self.case.care
        }

    @cached_property
    def reviews(self) -> list[Review]:
        return list(self.case.reviews.select_related("decision"))

    @property
    def open_reviews(self) -> list[Review]:
        return [review for review in self.reviews if review.done_at is None]

    @cached_property
    def history(self) -> list[Happening]:
        return timeline(self.case)

    @cached_property
    def talk(self) -> Talk:
        return talk(self.case, self.every_clock, for_referrer=False, at=self.at)

    @cached_property
    def obligations(self) -> tuple[ObligationLine, ...]:
        return obligation_lines(self.case, self.every_clock, at=self.at)

    @cached_property
    def people(self) -> Sequence[MatchedCase]:
        """The other open cases that are, or may be, of the same person."""
        return same_person.same_people(self.case)

    @property
    def linked(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """References of the other referrals of the episode, and of those merged into this one."""
        case = self.case
        return (
            tuple(other["reference"] for other in case.linked if other["episode"] == case.episode_id),
            tuple(other["reference"] for other in case.linked if other["into"] == case.pk),
        )

    @cached_property
    def standing(self) -> Responsibility:
        case = self.case
        return responsibility(
            case, by=self.by, at=self.at, owner=case.owner_name or "", on_duty=case.duty_name or ""
        )

    @property
    def confirmed(self) -> dict[str, str]:
        """The numbers of recommendations that were confirmed in print, by row."""
        return {row["key"]: row["value"] for row in self.case.confirmed}

    @property
    def begun(self) -> dict[str, datetime]:
        """When each form of this case was begun and not sent, by its address; none for somebody who may not act."""
        rows = self.case.begun if self.may_act else ()
        return {row["place"]: from_rfc3339(row["at"]) for row in rows}
