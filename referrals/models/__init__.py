"""The tables of a case."""

from referrals.models.case import Episode, Patient, Referral, SharedWith
from referrals.models.doors import IdempotencyKey
from referrals.models.record import (
    CareAnswer,
    Contact,
    Disposition,
    Event,
    Note,
    Obligation,
    Review,
    Score,
    TriageDecision,
)

__all__ = [
    "CareAnswer",
    "Contact",
    "Disposition",
    "Episode",
    "Event",
    "IdempotencyKey",
    "Note",
    "Obligation",
    "Patient",
    "Referral",
    "Review",
    "Score",
    "SharedWith",
    "TriageDecision",
]
