"""A case as one request reads it: each part is read once, when it is first needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.time import from_rfc3339
from oncall import clocks
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case.case_facts import evidence_of, facts_in
from referrals.case.episodes import MatchedCase
from referrals.case.models import Detail, Event, Review
from referrals.case.reads import events_of, linked_in_sight
from referrals.case.record import details_of
from referrals.case.timeline import Happening, timeline
from referrals.evidence.case_evidence import Evidence
from referrals.web.coordinator import record_lines, same_person
from referrals.web.coordinator.obligation_lines import ObligationLine, obligation_lines
from referrals.web.responsibility import Responsibility, responsibility
from referrals.web.talk import Talk, talk
from triage.assess import latest
from triage.models import Assessment


@dataclass(kw_only=True)
class CaseFile:
    """The data of a case for its pages and acts. `by` reads it at `at`."""

    case: Any  # a referral with what is read along
    by: Actor
    at: datetime
    service: Service

    @property
    def last_act(self) -> int:
        """The newest line of its ledger when the case was read; 0 before the first."""
        return self.case.last_act or 0

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
        return events_of(self.case)

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
        return same_person.same_people(self.case, by=self.by)

    @cached_property
    def linked(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """References of the other referrals of the episode, and of those merged into this one."""
        case, others = self.case, linked_in_sight(self.case, by=self.by)
        return (
            tuple(other["reference"] for other in others if other["episode"] == case.episode_id),
            tuple(other["reference"] for other in others if other["into"] == case.pk),
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
