"""Erasing a person's identity by law: identity, files and earlier versions of both, and the names that hospital systems sent,
with a ledger line."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.db.models import Q, QuerySet

from governance.audit_words import ERASED_BECAUSE
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, OutOfTurn
from ledger.erase import erase
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.models import Attachment, Detail, Episode, Patient, Referral, UnmatchedFact
from referrals.case.queries import find, lock
from referrals.evidence.event_data import KeptData

IDENTITY = (
    "nhs_number",
    "nhs_number_unknown_reason",
    "local_id",
    "date_of_birth",
    "identity_salt",
    "ethnic_category",
)
NUMBERS = ("retired", "retired_nhs")  # of a person whose numbers a hospital has joined
NAMES = (
    "family_name",
    "given_name",
    "name_key",
    "postcode",
    "phone",
    "preferred_language",
    "communication_needs",
)


@one_transaction()
def erase_person(
    reference: str, *, because: str, confirmed: str, by: Actor, at: datetime
) -> Sequence[Referral]:
    """Erase the identity of the person of a case, on every referral of its episode; `because` is a code of ERASED_BECAUSE.

    The clinical facts, their words and the letters stay, as the record of what was decided. Nothing brings back what is
    erased. OutOfTurn while a referral of the episode is open: somebody may still have to be found.
    """
    if by.role != Role.LEAD:
        raise Denied("Only the lead can erase by law")
    case = find(reference, by=by)
    errors = {}
    if because not in ERASED_BECAUSE:
        errors["because"] = ["Choose why"]
    if confirmed.strip().upper() != case.reference:
        errors["confirmed"] = [f"Type {case.reference}, to be sure that it is the right one"]
    if errors:
        raise Invalid("Nothing was erased", errors=errors)
    numbers = (
        Referral.objects.filter(episode=case.episode_id).order_by("pk").values_list("reference", flat=True)
    )
    cases = [lock(find(each, by=by)) for each in numbers]
    if still_open := [each.reference for each in cases if not each.is_over]:
        raise OutOfTurn(f"{', '.join(still_open)} is still open: close it first")
    _erase(cases, case.episode, because=because, by=by, at=at)
    return cases


def _erase(cases: Sequence[Referral], episode: Episode, *, because: str, by: Actor, at: datetime) -> None:
    for case in cases:
        files = Attachment.objects.filter(referral=case).order_by("pk").values_list("pk", flat=True)
        details = Detail.objects.filter(referral=case, path__startswith="patient.").order_by("pk")
        gone = [
            *(("referrals_attachment", number) for number in files),
            *(("referrals_detail", number) for number in details.values_list("pk", flat=True)),
        ]
        if gone:
            erase(gone, case=case.pk, because=because, by=by, at=at)
        _erase_kept_facts(case, because=because, by=by, at=at)
        emptied = [("referrals_patient", case.patient_id)]
        line = erase(emptied, case=case.pk, because=because, keep_rows=True, by=by, at=at)
        keep(_emptied(case.patient), line=line, by=by, at=at)
    line = erase(
        [("referrals_episode", episode.pk)], case=cases[0].pk, because=because, keep_rows=True, by=by, at=at
    )
    episode.person_key = None
    keep(episode, line=line, by=by, at=at)


def _erase_kept_facts(case: Referral, *, because: str, by: Actor, at: datetime) -> None:
    """Empty what hospital systems sent of the person before it was known whose it is. What it says of the spine stays."""
    for fact in _kept_facts_of(case).select_for_update().order_by("pk"):
        line = erase(
            [("referrals_unmatchedfact", fact.pk)],
            case=case.pk,
            because=because,
            keep_rows=True,
            by=by,
            at=at,
        )
        kept = {name: value for name, value in fact.data.items() if name not in NUMBERS}
        fact.patient, fact.data, fact.salt = {}, cast(KeptData, kept), uuid.uuid4()
        keep(fact, line=line, by=by, at=at)


def _kept_facts_of(case: Referral) -> QuerySet[UnmatchedFact]:
    """The facts that were linked to a referral or name it, and those settled ones that name the person's NHS number."""
    number = case.patient.nhs_number
    of_case = Q(linked_to=case) | Q(data__reference=case.reference)
    if number:
        named = Q(patient__nhs_number=number) | Q(data__retired_nhs__contains=[number])
        of_case |= named & Q(settled_at__isnull=False)
    return UnmatchedFact.objects.filter(of_case).exclude(patient={})


def _emptied(patient: Patient) -> Patient:
    """The row with nothing in it that says who it is about."""
    for name in IDENTITY:
        setattr(patient, name, None)
    for name in NAMES:
        setattr(patient, name, "")
    patient.identity_unknown = True
    return patient
