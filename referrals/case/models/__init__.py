"""The tables of a case."""

from referrals.case.models.access import Opening, Restriction
from referrals.case.models.case import Episode, Patient, Referral, SharedWith
from referrals.case.models.correspondence import Attachment, Letter, LetterRead, Message, Notice
from referrals.case.models.doors import IdempotencyKey, UnmatchedFact
from referrals.case.models.downtime import DowntimePack
from referrals.case.models.place import Place
from referrals.case.models.record import (
    Addendum,
    CareAnswer,
    Contact,
    Detail,
    Disposition,
    Event,
    Merge,
    Note,
    Obligation,
    Review,
    Score,
    TriageDecision,
)
from referrals.case.models.sites import ProtectedSlot, Site

__all__ = [
    "Addendum",
    "Attachment",
    "CareAnswer",
    "Contact",
    "Detail",
    "Disposition",
    "DowntimePack",
    "Episode",
    "Event",
    "IdempotencyKey",
    "Letter",
    "LetterRead",
    "Merge",
    "Message",
    "Note",
    "Notice",
    "Obligation",
    "Opening",
    "Patient",
    "Place",
    "ProtectedSlot",
    "Referral",
    "Restriction",
    "Review",
    "Score",
    "SharedWith",
    "Site",
    "TriageDecision",
    "UnmatchedFact",
]
