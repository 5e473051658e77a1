"""Reads of what a case holds, for pages: rows in true order, and what one query can read along."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat, JSONObject
from django.urls import reverse

from accounts.models import Organisation
from accounts.people import Duty
from kernel.actors import Actor
from ledger.read import last_act
from oncall.models import Owner
from oncall.rota import holder_name
from referrals.case.case_facts import of_case
from referrals.case.models import (
    Attachment,
    CareAnswer,
    Contact,
    Detail,
    DowntimePack,
    Event,
    Letter,
    Message,
    Obligation,
    Referral,
    Review,
    Score,
    UnmatchedFact,
)
from referrals.case.openings import closed_among, restricted_numbers
from referrals.case.queries import find, typed_reference
from referrals.case.statements import NO_TIME, NOBODY, values_for
from referrals.case.whereabouts import newest_heading
from referrals.intake.codes import EVENT_KINDS
from triage.signature import confirmed_citations
from webkit import drafts


def events_of(case: Referral) -> list[Event]:
    """Every fact of a case and of those merged into it, in true order."""
    return list(Event.objects.filter(of_case(case)).order_by("occurred_at", "id"))


def reported_events(case: Referral) -> list[Event]:
    """The facts that people and hospital systems reported about a case and those merged into it, in order of arrival."""
    rows = Event.objects.filter(of_case(case), kind__in=EVENT_KINDS)
    return list(rows.select_related("referral").order_by("id"))


def messages_of(case: Referral) -> list[Message]:
    """The messages of a case with their notes and questions, the oldest first."""
    return list(Message.objects.filter(referral=case).select_related("note", "question").order_by("id"))


def files_of(case: Referral) -> list[Attachment]:
    """The files of a case without their content, the oldest first."""
    return list(Attachment.objects.filter(referral=case).defer("content").order_by("id"))


def details_at(case: Referral, *paths: str) -> list[Detail]:
    """The recorded values of these fields, the oldest first."""
    return list(Detail.objects.filter(referral=case, path__in=paths).order_by("id"))


def scores_of(case: Referral, kind: str) -> QuerySet[Score]:
    """The scores of one kind, the oldest first."""
    return Score.objects.filter(referral=case, kind=kind).order_by("id")


def obligations_at(numbers: Iterable[int]) -> dict[int, Obligation]:
    """The obligations with these numbers, with their notes: one query."""
    rows = Obligation.objects.filter(pk__in=list(numbers)).select_related("note")
    return {row.pk: row for row in rows}


def questions_to_referrer(obligations: Iterable[int]) -> dict[int, tuple[Message, bool]]:
    """The question of each of these obligations, with its note, and whether it was answered: one query."""
    answers = Message.objects.filter(answers=OuterRef("pk"))
    rows = Message.objects.filter(question__in=list(obligations), to_referrer=True).select_related("note")
    annotated = rows.annotate(answered=Exists(answers))
    return {row.question_id or 0: (row, vars(row)["answered"]) for row in annotated}


def open_unmatched_facts() -> Sequence[UnmatchedFact]:
    """The facts of hospital systems that nobody has matched to a case or put aside."""
    return list(UnmatchedFact.objects.filter(settled_at=None))


def letter_with(code: str) -> Letter | None:
    """The letter with this verification code, with its case."""
    return Letter.objects.select_related("referral").filter(code=code).first()


def newest_letter_like(letter: Letter) -> Letter | None:
    """The newest letter of the same kind on the same case."""
    of_kind = Letter.objects.filter(referral=letter.referral_id, kind=letter.kind)
    return of_kind.order_by("-version").first()


def newest_pack(*, with_content: bool) -> DowntimePack | None:
    """The newest downtime pack; its PDF is read only `with_content`."""
    packs = DowntimePack.objects.order_by("-id")
    return (packs if with_content else packs.defer("content")).first()


def find_as_it_stands(reference: str, *, by: Actor, at: datetime) -> Any:
    """The case as `find` finds it, with all that each of its pages needs: its `last_act`, whether a decision waits for a
    second clinician, where the patient is by name and where they were to go, who owns it and who is on duty, the last
    call, what was done about advice, which numbers were confirmed in print, the forms that `by` began, and what
    `linked_in_sight` reads. The case is read last: an act in between is news for the page, and never missed.
    """
    text = typed_reference(reference)
    beside = _beside(text, by=by, at=at)
    case = find(text, by=by)
    vars(case).update(beside or _beside(text, by=by, at=at))
    return case


def _beside(reference: str, *, by: Actor, at: datetime) -> dict[str, Any]:
    sql, marks = _statement_beside()
    with connection.cursor() as cursor:
        cursor.execute(sql, values_for(marks, by=by, at=at, also={_NO_REFERENCE: reference}))
        row = cursor.fetchone()
    return dict(json.loads(row[0])) if row else {}


def linked_in_sight(case: Any, *, by: Actor) -> list[dict[str, Any]]:
    """The other referrals of a case's episode and those merged into it, as far as a person may see them: number,
    reference, episode, and the case that each was merged `into`. A query only where one of them is restricted.
    """
    closed = closed_among([other["number"] for other in case.linked if other["restricted"]], by=by)
    return [other for other in case.linked if other["number"] not in closed]


_NO_REFERENCE = "MSCC-NONE"


@cache
def _statement_beside() -> tuple[str, tuple[Any, ...]]:
    """The statement for what is beside a case, as one object, with marks in place of the reader and the time."""
    linked = Q(episode=OuterRef("episode")) | Q(merged_into=OuterRef("pk"))
    others = Referral.objects.filter(linked).exclude(pk=OuterRef("pk")).order_by("id")
    restricted = Case(When(pk__in=restricted_numbers(), then=True), default=False)
    answers = CareAnswer.objects.filter(referral=OuterRef("pk")).order_by("id")
    confirmations = confirmed_citations()
    calls = Contact.objects.filter(referral=OuterRef("pk")).order_by("-id")
    forms = drafts.begun_by(
        NOBODY.user_id, below=Concat(Value(reverse("worklist")), OuterRef("reference"), Value("/"))
    )
    beside = {
        "last_act": last_act(),
        "owner_name": Subquery(
            Owner.objects.filter(case=OuterRef("pk"), until__gt=NO_TIME).values("person__name")
        ),
        "duty_name": holder_name(Duty.COORDINATOR, at=NO_TIME),
        "begun": ArraySubquery(forms.values(said=JSONObject(place="place", at="began_at"))),
        "linked": ArraySubquery(
            others.values(
                said=JSONObject(
                    number="pk",
                    reference="reference",
                    episode="episode",
                    into="merged_into",
                    restricted=restricted,
                )
            )
        ),
        "to_review": Exists(Review.objects.filter(referral=OuterRef("pk"), done_at=None)),
        "place_name": Subquery(
            Organisation.objects.filter(pk=OuterRef("location_organisation")).values("name")
        ),
        "heading": newest_heading("pk"),
        "confirmed": ArraySubquery(confirmations.values(said=JSONObject(key="key", value="value"))),
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
    }
    case = Referral.every.filter(reference=_NO_REFERENCE)
    return case.values_list(JSONObject(**beside)).query.sql_with_params()
