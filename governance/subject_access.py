"""Everything held about one patient, readable, for the copy that the person may ask for."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.template.loader import render_to_string

from governance.line_facts import SubjectCopyMade
from governance.models import Incident, IncidentStep
from governance.readers import Reader, readers_of
from kernel.actors import Actor
from kernel.time import in_words, long_date
from ledger.append import append
from ledger.kinds import Kind
from oncall.models import Clock
from referrals.case.access_log import record_view
from referrals.case.episodes import matches_of, person_of
from referrals.case.identity import MatchVerdict
from referrals.case.models import Attachment, Note, Referral
from referrals.case.queries import Restricted, find
from referrals.case.timeline import Happening, timeline
from referrals.correspondence.letters import pdf_of
from referrals.intake.validation import label_of
from triage.models import Assessment

# Who reported an incident about the person is not for the person to read.
OF_REPORTERS = frozenset({"by", "by_name", "by_role", "organisation"})
# Columns that say nothing about the person: keys, hashes, and forms for comparison.
LEFT_OUT = frozenset({"id", "salt", "identity_salt", "name_key", "ledger_line", "sha256"})
# Of other people: referrals that are not of this person, keys of who may see the record, and numbers and addresses of
# colleagues and relatives.
OF_OTHERS = frozenset(
    {"not_the_same", "named", "address", "number", "referrer.callback_number", "referrer.email"}
)
DERIVED = frozenset({"place", "sent_as"})  # made from the rest, or a memory of an interface
PARTS = {"presentation_sent": "presentation", "clinical_sent": "clinical"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One stored row: its columns in words, each with its value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one kind."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCopy:
    """All that is held on one referral."""

    reference: str
    tables: tuple[Table, ...]
    history: Sequence[Happening]
    readers: Sequence[Reader]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCopy:
    """All that is held about one person: every referral of theirs, and those that the maker may not see."""

    cases: tuple[CaseCopy, ...]
    closed: tuple[str, ...]


def cases_of_person(case: Referral, *, by: Actor) -> tuple[tuple[Referral, ...], tuple[str, ...]]:
    """The referrals of the same person, this one first, and the references of those closed to the reader."""
    same = [
        match.case
        for match in matches_of(person_of(case.patient), without=case.pk, with_closed=True)
        if match.match.answer == MatchVerdict.SAME and not _said_apart(case, match.case)
    ]
    linked = Referral.objects.filter(models.Q(episode=case.episode_id) | models.Q(merged_into=case))
    others = {other.pk: other for other in (*same, *linked) if other.pk != case.pk}
    seen, closed = [case], list[str]()
    for _, other in sorted(others.items()):
        try:
            seen.append(find(other.reference, by=by))
        except Restricted:
            closed.append(other.reference)
    return tuple(seen), tuple(closed)


def _said_apart(case: Referral, other: Referral) -> bool:
    """Whether somebody who knows said that these two are not one person."""
    return other.pk in case.not_the_same or case.pk in other.not_the_same


def make_copy(reference: str, *, by: Actor, at: datetime) -> bytes:
    """A ZIP file with everything held about the person of a case: one readable page, the files and the letters.

    The ledger has a line for the copy, and one view for each referral in it.
    """
    case = find(reference, by=by)
    cases, closed = cases_of_person(case, by=by)
    copy = SubjectCopy(cases=tuple(map(_copy, cases)), closed=closed)
    page = render_to_string(
        "governance/subject-copy.jinja", {"copy": copy, "patient": case.patient.name, "at": at}
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("record.html", page)
        for name, content in _files(cases):
            archive.writestr(name, content)
    _record(cases, by=by, at=at)  # last: drawing the letters takes seconds, and nobody may wait for it
    return written.getvalue()


@transaction.atomic
def _record(cases: Sequence[Referral], *, by: Actor, at: datetime) -> None:
    numbers = sorted(case.pk for case in cases)
    for case in sorted(cases, key=lambda each: each.pk):
        record_view(case, by=by, at=at, kind=Kind.DOCUMENT_VIEWED, part="subject access copy")
        append(Kind.SUBJECT_COPY_MADE, by=by, at=at, case=case.pk, facts=SubjectCopyMade(cases=numbers))


def _files(cases: Iterable[Referral]) -> Iterator[tuple[str, bytes]]:
    """The scanned files and the letters. Their names begin with a number, so that no name leads out of the archive."""
    for case in cases:
        for row in Attachment.objects.filter(referral=case, state=Attachment.CLEAN).order_by("id"):
            yield f"{case.reference}/file-{row.pk}-{_plain(row.name)}", bytes(row.content)
        for letter in case.letters.select_related("referral").order_by("id"):
            yield f"{case.reference}/letter-{letter.pk}-{letter.kind}.pdf", pdf_of(letter)


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).lstrip(".")[-80:]


def _copy(case: Referral) -> CaseCopy:
    return CaseCopy(
        reference=case.reference,
        tables=tuple(table for table in _tables(case) if table.rows),
        history=timeline(case),
        readers=readers_of(case),
    )


def _tables(case: Referral) -> Iterator[Table]:
    """The person, the referral, and every table that refers to it: a new one is in the copy by itself."""
    yield _table("The person", [case.patient])
    yield _table("The referral", [case])
    for relation in Referral._meta.related_objects:
        name = relation.get_accessor_name()
        if relation.related_model is Referral or name in DERIVED or name is None:
            continue
        model: Any = relation.related_model
        rows = model._default_manager.filter(**{relation.field.name: case.pk}).order_by("pk")
        deferred = rows.defer("content") if model is Attachment else rows
        yield _table(str(model._meta.verbose_name_plural).capitalize(), deferred)
    steps = IncidentStep.objects.filter(incident__referral=case.pk).order_by("id")
    yield _table("What was found out about incidents", steps)
    yield _table("Assessments against the guideline", Assessment.objects.filter(case=case.pk).order_by("id"))
    yield _table("Time limits", Clock.objects.filter(case=case.pk).order_by("id"))


def _table(title: str, rows: Iterable[models.Model]) -> Table:
    return Table(title=title, rows=tuple(Row(pairs=tuple(_pairs(row))) for row in rows))


def _pairs(row: models.Model) -> Iterator[tuple[str, str]]:
    left_out = LEFT_OUT | OF_OTHERS | (OF_REPORTERS if isinstance(row, Incident) else frozenset())
    for field in row._meta.concrete_fields:
        is_left_out = field.name in left_out or field.attname in ("referral_id", "patient_id", "incident_id")
        if is_left_out or isinstance(field, models.BinaryField):
            continue
        if field.is_relation:
            related = getattr(row, field.attname) and getattr(row, field.name)
            if isinstance(related, Note):
                yield "Words", related.text
            continue
        value = getattr(row, field.attname)
        if isinstance(value, dict | list):
            yield from _leaves(value, PARTS.get(field.name, field.name))
        elif value not in (None, ""):
            yield str(field.verbose_name).capitalize(), _words(value)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The leaves of stored JSON, under the labels of the form where there are any."""
    if path in OF_OTHERS:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif value not in (None, "", []):
        label = label_of(path)
        words = label if label != path else path.replace(".", ", ").replace("_", " ").capitalize()
        yield words, json.dumps(value, ensure_ascii=False) if isinstance(value, list) else _words(value)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return in_words(value)
    return long_date(value) if isinstance(value, date) else str(value)
