"""A draft copied from another referral: entered again for the right person, or the next episode."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from ledger.kinds import Kind
from ledger.read import of_case
from referrals.case.models import Referral
from referrals.intake.fields import FIELDS, plain
from referrals.web.answers import KIND_AT
from referrals.web.referral_draft import Writing, place_of
from triage.guideline.findings import QUESTIONS
from webkit import drafts
from webkit.typed import typed_instant, typed_of


def from_case(user: User, case: Referral, *, at: datetime) -> Writing:
    """A draft with everything from a referral that was entered for the wrong person, except the person."""
    spared = {"patient", "kept"}
    typed: dict[str, list[str]] = {}
    for spec in FIELDS:
        group = spec.path.split(".")[0]
        if group not in spared:
            typed |= typed_of(_stored(case, spec.path), spec.path, kind=KIND_AT[spec.path])
    answers: Mapping[str, Any] = case.presentation
    for question in QUESTIONS:
        group, _, name = question.path.rpartition(".")
        value = (answers[group] if group else answers)[name]
        typed |= {f"presentation.{question.path}": [str(value)]} if value is not None else {}
    typed |= typed_instant(case.submitted_at, "received_at") | {"corrects": [case.reference]}
    if case.called_at is not None:
        typed |= typed_instant(case.called_at, "called_at")
    answered = any(entry.kind == Kind.REFERRAL_ACKNOWLEDGED for entry in of_case(case.pk))
    if case.acknowledged_at is not None and answered:
        typed |= typed_instant(case.acknowledged_at, "seen_at") | {"seen_by": [case.acknowledged_by]}
    writing = Writing(id=uuid.uuid4(), typed=typed)
    drafts.save(user, place=place_of(writing.id), typed=typed, at=at)
    return writing


OF_THE_PERSON = ("patient",)
OF_THE_CANCER = ("cancer_context", "haematological_malignancy", "primary_site")


def from_earlier_episode(user: User, case: Referral, *, at: datetime) -> Writing:
    """A draft of a new referral when MSCC comes back in the same person. Findings are not copied."""
    typed: dict[str, list[str]] = {"follows": [case.reference]}
    for spec in FIELDS:
        if spec.path.split(".")[0] in OF_THE_PERSON:
            typed |= typed_of(plain(getattr(case.patient, spec.name)), spec.path, kind=KIND_AT[spec.path])
    answers: Mapping[str, Any] = case.presentation
    for name in OF_THE_CANCER:
        typed[f"presentation.{name}"] = [str(answers[name])]
    writing = Writing(id=uuid.uuid4(), typed=typed)
    drafts.save(user, place=place_of(writing.id), typed=typed, at=at)
    return writing


def _stored(case: Referral, path: str) -> Any:
    """A field of a stored referral in JSON form."""
    place: Any = {
        "referrer": case.referrer,
        "location": case.location,
        "clinical": case.clinical,
        **{
            name: plain(getattr(case, name))
            for name in ("clinician_suspected_at", "mscc_suspected_at", "presented_at", "referrer_concern")
        },
    }
    for key in path.split("."):
        place = (place or {}).get(key)
    return place
