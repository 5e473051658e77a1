"""Which accounts an NHS identity opens, and what an NHS role is here. Each change is in the ledger.

Nobody gets an account or a role by signing in: the administrator links an identity to an account, or its owner does by
an invitation. An NHS role only lets the account of the same role at the same organisation be used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from accounts.administration import refuse_unless_administrator
from accounts.backends import may_sign_in
from accounts.line_facts import NhsIdentityChanged, NhsRoleChanged
from accounts.models import NhsIdentity, NhsRole, OpenSession, Organisation, User
from accounts.nhs_identity.claims import CODE, HeldRole, identifier
from accounts.nhs_identity.provider import issuer
from accounts.one_time_links import invited_account, use_up
from accounts.open_sessions import SessionLine, end_all_sessions, sessions_of
from accounts.people import ROLE_WORDS, ROLES
from kernel.actors import SERVICE, Actor, Role
from kernel.refusals import Denied, Invalid, NotFound
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction

# These see or change the whole service: what gives them names its organisation.
NAMED_ALONE = frozenset({Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One account that somebody may use now, and the NHS role that allows it."""

    number: int
    words: str
    held: HeldRole


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """What the administrator reads of the NHS identity of an account."""

    uid: str
    linked_at: datetime
    granted_at: datetime | None
    lost_at: datetime | None


@one_transaction()
def arrive(uid: str, roles: Sequence[HeldRole], *, at: datetime) -> tuple[Choice, ...]:
    """The accounts that an identity may use with these roles, after noting which roles it has lost or has again.

    An account that the provider opened before and no longer does is closed: its sessions end, and its password stops working.
    Denied, in words for the person, if there is no account to use.
    """
    rows = NhsIdentity.objects.select_for_update(of=("self",)).select_related("user__organisation")
    linked = [row for row in rows.filter(issuer=issuer(), uid=uid) if may_sign_in(row.user)]
    if not linked:
        raise Unknown(uid)
    meanings = list(NhsRole.objects.all())
    choices = []
    for row in sorted(linked, key=lambda row: row.pk):
        held = _granting(row.user, roles, meanings)
        _note(row, is_granted=held is not None, at=at)
        if held is not None:
            user = row.user
            words = f"{ROLE_WORDS[Role(user.role)]}, {user.organisation}"
            choices.append(Choice(number=user.pk, words=words, held=held))
    return tuple(choices)


class Unknown(Denied):
    """No account is linked to this identity."""

    def __init__(self, uid: str) -> None:
        super().__init__(
            f"This service does not know your NHS identity yet. Ask the service administrator to link {uid} to your account"
        )


def _granting(user: User, roles: Sequence[HeldRole], meanings: Sequence[NhsRole]) -> HeldRole | None:
    """The first NHS role that lets this account be used; None without one."""
    return next((held for held in roles if _opens(held, user, meanings)), None)


def _opens(held: HeldRole, user: User, meanings: Sequence[NhsRole]) -> bool:
    return held.organisation == user.organisation_id and any(
        meaning.role == user.role
        and meaning.code in (held.code, held.job)
        and meaning.organisation_id in (None, held.organisation)
        for meaning in meanings
    )


def _note(row: NhsIdentity, *, is_granted: bool, at: datetime) -> None:
    """Keep when the role was last there, and say in the ledger when it goes or comes back."""
    user = row.user
    if is_granted and row.lost_at is not None:
        _record(user, "role back", by=SERVICE, at=at)
    elif not is_granted and row.lost_at is None and row.granted_at is not None:
        _record(user, "role lost", by=SERVICE, at=at)
        end_all_sessions(user, by=SERVICE, at=at)
        row.lost_at = at
    if is_granted:
        row.granted_at, row.lost_at = at, None
    row.save(update_fields=["granted_at", "lost_at"])


def account_with(uid: str, number: int) -> User | None:
    """The account with this number if the identity may use it still."""
    row = NhsIdentity.objects.select_related("user").filter(issuer=issuer(), uid=uid, user=number).first()
    return row.user if row and row.lost_at is None and may_sign_in(row.user) else None


def link_of_account(number: int) -> LinkLine | None:
    """The NHS identity of an account, for the administrator."""
    row = NhsIdentity.objects.filter(user=number).first()
    if row is None:
        return None
    return LinkLine(uid=row.uid, linked_at=row.linked_at, granted_at=row.granted_at, lost_at=row.lost_at)


def states_of_accounts() -> dict[int, str]:
    """The state of each account that has an NHS identity, in words: one query."""
    rows = NhsIdentity.objects.values_list("user", "lost_at")
    return {user: "NHS role lost" if lost_at else "NHS identity" for user, lost_at in rows}


def open_sessions_of(number: int) -> tuple[SessionLine, ...]:
    """Where somebody is signed in, for the administrator."""
    return sessions_of(User(pk=number), this="")


@one_transaction()
def link(number: int, uid: str, *, by: Actor, at: datetime) -> None:
    """Put an NHS identity behind an account. Its owner can then sign in with it."""
    refuse_unless_administrator(by)
    user = User.objects.select_for_update().filter(pk=number).first()
    if user is None:
        raise NotFound("There is no such user")
    typed = identifier("".join(uid.split()))
    if not typed:
        raise Invalid("Nothing was linked", errors={"uid": ["Enter the number of the NHS identity"]})
    _link(user, typed, by=by, at=at)


def _link(user: User, uid: str, *, by: Actor, at: datetime) -> None:
    if NhsIdentity.objects.filter(user=user).exists():
        raise Invalid("Nothing was linked", errors={"uid": ["End the present link first"]})
    NhsIdentity.objects.create(user=user, issuer=issuer(), uid=uid, linked_at=at)
    _record(user, "linked", by=by, at=at)


@one_transaction()
def unlink(number: int, *, by: Actor, at: datetime) -> None:
    """Take the NHS identity from an account, and end the sessions that it began. A password works again."""
    refuse_unless_administrator(by)
    row = NhsIdentity.objects.select_related("user").filter(user=number).first()
    if row is None:
        raise NotFound("This account has no NHS identity")
    user = row.user
    row.delete()
    _record(user, "unlinked", by=by, at=at)
    if OpenSession.objects.filter(user=user).exclude(subject="").exists():
        end_all_sessions(user, by=by, at=at)


@one_transaction()
def accept_by_invitation(token: str, uid: str, roles: Sequence[HeldRole], *, at: datetime) -> Choice:
    """Link an identity to the account of an invitation, in place of a password. Its NHS role must fit the account."""
    user = invited_account(token, at=at)
    held = _granting(user, roles, list(NhsRole.objects.all()))
    if held is None:
        raise Denied(
            f"Your NHS roles do not open the account of this invitation: {ROLE_WORDS[Role(user.role)]}, {user.organisation}. "
            "Ask the service administrator, or set a password with the same link"
        )
    present = NhsIdentity.objects.filter(user=user).first()
    if present is not None and (present.issuer, present.uid) != (issuer(), uid):
        raise Denied("Another NHS identity is linked to this account. Ask the service administrator")
    if present is None:
        _link(user, uid, by=user.actor, at=at)
    NhsIdentity.objects.filter(user=user).update(granted_at=at, lost_at=None)
    use_up(user, at=at)
    words = f"{ROLE_WORDS[Role(user.role)]}, {user.organisation}"
    return Choice(number=user.pk, words=words, held=held)


def meanings() -> list[NhsRole]:
    """What each NHS role is here, by code."""
    rows = NhsRole.objects.select_related("organisation")
    return list(rows.order_by("code", F("organisation").asc(nulls_first=True), "role"))


@one_transaction()
def add_meaning(code: str, organisation: str, role: str, *, by: Actor, at: datetime) -> None:
    """Say what an NHS role is here: at one organisation or, for referrers and the MDT, at any that is known here."""
    refuse_unless_administrator(by)
    typed, errors = code.strip().upper(), dict[str, list[str]]()
    if not CODE.match(typed):
        errors["code"] = ["Enter the code, such as R8000 or S8000:G8000:R8000"]
    if role not in dict(ROLES):
        errors["role"] = ["Choose its role here"]
    elif not organisation and Role(role) in NAMED_ALONE:
        errors["organisation"] = ["Choose the organisation: this role sees or changes the whole service"]
    if organisation and not Organisation.objects.filter(pk=organisation).exists():
        errors["organisation"] = ["Choose from the list"]
    same = Q(organisation=organisation) if organisation else Q(organisation=None)
    if not errors and NhsRole.objects.filter(same, code=typed, role=role).exists():
        errors["code"] = ["This is in the list already"]
    if errors:
        raise Invalid("Nothing was added", errors=errors)
    row = NhsRole.objects.create(code=typed, organisation_id=organisation or None, role=role)
    append(Kind.NHS_ROLE_CHANGED, by=by, at=at, facts=_facts(row, "added"))


@one_transaction()
def remove_meaning(number: int, *, by: Actor, at: datetime) -> None:
    """Remove a meaning. The people it let in are refused at their next sign-in."""
    refuse_unless_administrator(by)
    row = NhsRole.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("This is not in the list")
    append(Kind.NHS_ROLE_CHANGED, by=by, at=at, facts=_facts(row, "removed"))
    row.delete()


def _facts(row: NhsRole, change: str) -> NhsRoleChanged:
    return {"change": change, "code": row.code, "at": row.organisation_id or "any", "role_here": row.role}


def _record(user: User, change: str, *, by: Actor, at: datetime) -> None:
    append(Kind.NHS_IDENTITY_CHANGED, by=by, at=at, facts=NhsIdentityChanged(user=user.pk, change=change))
