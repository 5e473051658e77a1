"""Somebody opens a record that is not theirs, with a reason, for an hour; the lead looks at it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from accounts.people import Duty
from accounts.queries import account_of
from kernel.actors import Actor
from kernel.identifiers import NhsNumber, Reference
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.time import in_words, rfc3339
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.alarms import OPENED, page_about
from referrals.case.line_facts import OpeningReviewed, RecordNotFound, RecordOpened
from referrals.case.models import Opening, Referral
from referrals.case.notes import NoteText, authorship, words
from referrals.case.openings import LASTS, REASONS, WHO
from referrals.case.queries import lock, visible_to
from referrals.case.states import Status

ASK = "Write why you need it. The lead reads this"
NOBODY = "No referral has this reference, or this NHS number with this date of birth. Check what you entered, or ring the coordinator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The record that somebody looks for: by its reference, or by NHS number with date of birth."""

    reference: str = ""
    nhs_number: str = ""
    born: date | None = None


class AlreadyYours(OutOfTurn):
    """The person sees this record without a reason."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} is open to you already: no reason is needed")
        self.reference = reference


@one_transaction()
def open_record(sought: Sought, *, reason: str, text: str, by: Actor, at: datetime) -> Opening:
    """Open a record for an hour. Every view in that hour names this opening; the person is paged about it."""
    if by.role not in WHO or by.own_only:
        raise Denied("Your account cannot open a record that is not yours. Ring the coordinator")
    note, cases = _checked(sought, reason=reason, text=text)
    case = cases.first()
    if case is None:
        raise NotFound(NOBODY)
    if visible_to(by).filter(pk=case.pk).exists():
        raise AlreadyYours(case.reference)
    case = lock(case)
    until = at + LASTS
    facts = RecordOpened(reason=reason, until=rfc3339(until), **note.bound)
    line = append(Kind.RECORD_OPENED, by=by, at=at, case=case.pk, facts=facts)
    row = Opening(
        referral=case,
        organisation=by.organisation,
        reason=reason,
        note=note.write(case, line=line, by=by, at=at),
        until=until,
        ledger_line=line,
        **authorship(by, at=at),
    )
    duty = by.duties[0] if by.duties else Duty.LEAD.value
    page_about(OPENED, f"{case.reference}, {in_words(at)}", person=account_of(by), duty=duty, at=at)
    opening: Opening = keep(row, line=line, by=by, at=at)
    return opening


@one_transaction()
def record_miss(sought: Sought, *, by: Actor, at: datetime) -> None:
    """Record that somebody looked for a record and found none: the lead sees who tries numbers out. The number is not kept."""
    facts = RecordNotFound(by="reference" if sought.reference else "nhs_number")
    append(Kind.RECORD_NOT_FOUND, by=by, at=at, facts=facts)


def _checked(sought: Sought, *, reason: str, text: str) -> tuple[NoteText, QuerySet[Referral]]:
    """The words, and the referrals that fit, the newest first; Invalid with every problem before anybody is looked for.

    No refusal says whether the number or the date of birth was wrong.
    """
    errors: dict[str, Sequence[str]] = {}
    fits = Q()
    try:
        fits = _fits(sought)
    except Invalid as invalid:
        errors |= invalid.errors
    if reason not in REASONS:
        errors["reason"] = ["Choose why you need it"]
    try:
        note = words("opening", text, required=True, path="text", ask=ASK)
    except Invalid as invalid:
        errors |= invalid.errors
    if errors:
        raise Invalid("Nothing was opened: correct the answers named here", errors=errors)
    cases = Referral.objects.exclude(status=Status.ENTERED_IN_ERROR.value).filter(fits)
    return note, cases.order_by("-id")


def _fits(sought: Sought) -> Q:
    """The condition on a referral; Invalid by field."""
    name = "reference"
    try:
        if sought.reference:
            return Q(reference=str(Reference.read(sought.reference)))
        if sought.nhs_number and sought.born:
            name = "nhs_number"
            number = NhsNumber.read(sought.nhs_number).digits
            return Q(patient__nhs_number=number, patient__date_of_birth=sought.born)
    except ValueError as problem:
        raise Invalid(str(problem), errors={name: [str(problem)]}) from None
    asked = "Enter the reference, or the NHS number and the date of birth"
    raise Invalid(asked, errors={"reference": [asked]})


@one_transaction()
def review_opening(number: int, *, justified: bool, text: str, by: Actor, at: datetime) -> Opening:
    """The lead says whether an opening was justified, with a sentence. Nobody reviews their own."""
    row = Opening.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("There is no such opening")
    if row.by == by.key:
        raise Denied("Somebody else reviews what you opened yourself")
    case = lock(Referral.objects.get(pk=row.referral_id))
    row.refresh_from_db()
    if row.reviewed_at is not None:
        raise OutOfTurn(f"{row.reviewed_by_name} has reviewed this already")
    note = words("verdict", text, required=True, path="text", ask="Write why, in a sentence")
    facts = OpeningReviewed(opening=row.pk, justified=justified, of=row.by, **note.bound)
    line = append(Kind.OPENING_REVIEWED, by=by, at=at, case=case.pk, facts=facts)
    row.reviewed_at, row.reviewed_by, row.reviewed_by_name = at, by.key, by.name
    row.justified, row.verdict = justified, note.write(case, line=line, by=by, at=at)
    opening: Opening = keep(row, line=line, by=by, at=at)
    return opening
