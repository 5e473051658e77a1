"""The tables of a case."""

from referrals.models.case import Episode, Patient, Referral, SharedWith
from referrals.models.doors import IdempotencyKey
from referrals.models.record import Contact, Disposition, Event, Note, Review, TriageDecision

__all__ = [
    "Contact",
    "Disposition",
    "Episode",
    "Event",
    "IdempotencyKey",
    "Note",
    "Patient",
    "Referral",
    "Review",
    "SharedWith",
    "TriageDecision",
]
