"""The browsers in which a person is signed in: listed, and ended one by one or all at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from accounts.line_facts import SessionEnded
from accounts.models import OpenSession, User
from kernel.actors import SERVICE, Actor
from kernel.refusals import NotFound
from ledger.append import append
from ledger.kinds import Kind

BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")  # as they name themselves, the narrower name first
WORDS = {"Edg": "Edge", "OPR": "Opera"}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One browser in which somebody is signed in."""

    number: int
    browser: str
    address: str
    began_at: datetime
    is_this: bool
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What an identity provider said when a session began: of whom, in which session of its own, and in words."""

    subject: str
    session: str
    words: str


def note_session(
    user: User, session_key: str, *, agent: str, address: str, proof: Proof | None = None, at: datetime
) -> None:
    """Put a session that has just begun on its owner's list."""
    too_old = at - timedelta(hours=settings.SESSION_HOURS)
    OpenSession.objects.filter(user=user, began_at__lt=too_old).delete()
    OpenSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user,
            "browser": browser_of(agent),
            "address": address[:64],
            "began_at": at,
            "subject": proof.subject if proof else "",
            "provider_session": proof.session if proof else "",
            "proof": proof.words[:200] if proof else "",
        },
    )


def browser_of(agent: str) -> str:
    """A browser in words that its owner knows again."""
    browser = next((WORDS.get(name, name) for name in BROWSERS if name in agent), "A browser")
    system = next((words for name, words in SYSTEMS.items() if name in agent), "")
    return f"{browser} on {system}" if system else browser


def sessions_of(user: User, *, this: str) -> tuple[SessionLine, ...]:
    """The sessions of a person that still work, the newest first."""
    rows = list(OpenSession.objects.filter(user=user).order_by("-began_at"))
    keys = [row.session_key for row in rows]
    working = set(Session.objects.filter(session_key__in=keys).values_list("session_key", flat=True))
    return tuple(
        SessionLine(
            number=row.pk,
            browser=row.browser,
            address=row.address,
            began_at=row.began_at,
            is_this=row.session_key == this,
            proof=row.proof,
        )
        for row in rows
        if row.session_key in working
    )


@transaction.atomic
def end_session(user: User, number: int, *, at: datetime) -> None:
    """End one session of one's own."""
    row = OpenSession.objects.filter(user=user, pk=number).first()
    if row is None:
        raise NotFound("This session has ended already")
    _end([row])
    append(Kind.SESSION_ENDED, by=user.actor, at=at, facts=SessionEnded(user=user.pk, sessions=1))


@transaction.atomic
def end_all_sessions(user: User, *, by: Actor, at: datetime) -> int:
    """End every session of a person; how many."""
    rows = list(OpenSession.objects.filter(user=user))
    if rows:
        _end(rows)
        append(Kind.SESSION_ENDED, by=by, at=at, facts=SessionEnded(user=user.pk, sessions=len(rows)))
    return len(rows)


@transaction.atomic
def end_sessions_of_subject(subject: str, provider_session: str, *, at: datetime) -> int:
    """End what an identity provider began and has ended: one session of its own, or all of a subject; how many."""
    if not subject and not provider_session:
        return 0
    by_subject = Q(subject=subject) if subject else ~Q(subject="")
    by_session = Q(provider_session=provider_session) if provider_session else Q()
    rows = list(OpenSession.objects.filter(by_subject, by_session))
    _end(rows)
    for user in sorted({row.user_id for row in rows}):
        many = sum(row.user_id == user for row in rows)
        facts = SessionEnded(user=user, sessions=many, way="nhs_identity")
        append(Kind.SESSION_ENDED, by=SERVICE, at=at, facts=facts)
    return len(rows)


def _end(rows: list[OpenSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    OpenSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
