"""Which cases a person may see, and how to find one. A case that a person may not see does not exist for them."""

from collections.abc import Iterable

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from accounts.models import Organisation
from kernel.actors import SERVICE, Actor, Role
from kernel.identifiers import Reference
from kernel.refusals import Denied, NotFound, OutOfTurn
from oncall import clocks
from referrals.case.idempotency import refuse_if_recorded
from referrals.case.models import Obligation, Referral, SharedWith
from referrals.case.openings import WHO, closed_numbers, opened_by, opening_of, restricted_numbers
from referrals.case.states import OVER
from triage.guideline.rule import STREAM_WORDS, Stream

EVERY_CASE = frozenset({Role.COORDINATOR, Role.LEAD})


def visible_to(actor: Actor) -> QuerySet[Referral]:
    """The referrals that an actor may see without giving a reason."""
    if actor.key == SERVICE.key:  # which tests itself
        return Referral.every.select_related("patient", "episode")
    referrals = Referral.objects.select_related("patient", "episode")
    return referrals.filter(_sight(actor), _not_closed(actor))


def in_sight(actor: Actor) -> QuerySet[Referral]:
    """The referrals that an actor would see if none were restricted: for cases that are known not to be."""
    return Referral.objects.filter(_sight(actor))


def closed_in_sight(actor: Actor) -> QuerySet[Referral]:
    """The restricted referrals that a person would see if they were not: each `is_closed`, and its patient is not read."""
    closed = in_sight(actor).filter(pk__in=closed_numbers(actor)).annotate(is_closed=Value(True))
    return closed.defer("referrer", "clinical", "kept")


def restricted_lines(
    actor: Actor, *, listed: bool = False, among: Iterable[int] | None = None
) -> list[tuple[str, str]]:
    """The open restricted cases that are closed to a person, each as reference and stream: those `listed` for the MDT,
    those `among` these numbers, or all."""
    cases = closed_in_sight(actor).exclude(status__in=[str(status) for status in OVER])
    if listed:
        cases = cases.filter(listed_for_mdt_at__isnull=False)
    if among is not None:
        cases = cases.filter(pk__in=among)
    streams = cases.order_by("id").values_list("reference", "stream")
    return [(reference, STREAM_WORDS[Stream(stream)]) for reference, stream in streams]


def _reachable(actor: Actor) -> QuerySet[Referral]:
    """The referrals that an actor may open one by one: also those that they opened with a reason."""
    if actor.role not in WHO or actor.key == SERVICE.key:
        return visible_to(actor)
    opened = Q(pk__in=opened_by(actor).values("referral"))
    referrals = Referral.objects.select_related("patient", "episode").annotate(opening=opening_of(actor))
    return referrals.filter(_sight(actor) & _not_closed(actor) | opened)


def _unrestricted(actor: Actor) -> QuerySet[Referral]:
    """The referrals that belong to an actor, without those of a restricted person."""
    return in_sight(actor).exclude(pk__in=restricted_numbers()).select_related("patient", "episode")


def _not_closed(actor: Actor) -> Q:
    return ~Q(pk__in=closed_numbers(actor))


def _sight(actor: Actor) -> Q:
    """The referrals that belong to a role, restricted or not."""
    if actor.role in EVERY_CASE:
        return Q()
    if actor.role == Role.MDT_MEMBER:
        theirs = {actor.specialty, *actor.duties} - {""}
        obliged = Obligation.objects.filter(owed_by__in=theirs).values("referral")
        open_ones = ~Q(status__in=[str(status) for status in OVER])
        return Q(listed_for_mdt_at__isnull=False) | Q(pk__in=obliged) & open_ones
    if actor.role in (Role.REFERRER, Role.CLIENT):
        if actor.own_only:
            return Q(submitted_by=actor.key)
        own = own_and_succeeded(actor.organisation)
        # Looked up for each case in question. As a list of numbers, all that was ever shared was read each time.
        shared = SharedWith.objects.filter(referral=OuterRef("pk"), organisation__in=own).values("pk")[:1]
        of_own = Q(referrer_organisation__in=own) | Q(location_organisation__in=own)
        return of_own | Q(IsNull(Subquery(shared), False))
    return Q(pk__in=())


def organisations_with(cases: Iterable[Referral]) -> dict[int, frozenset[str]]:
    """For each case the organisations that sent it, have the patient, or were given access: one query."""
    rows = list(cases)
    organisations: dict[int, set[str]] = {
        row.pk: {row.referrer_organisation, row.location_organisation} for row in rows
    }
    for number, code in SharedWith.objects.filter(referral__in=list(organisations)).values_list(
        "referral", "organisation"
    ):
        organisations[number].add(code)
    return {number: frozenset(codes - {""}) for number, codes in organisations.items()}


def own_and_succeeded(organisation: str) -> set[str]:
    """An organisation and all its predecessors, whose cases now belong to it."""
    successor = dict(
        Organisation.objects.filter(succeeded_by__isnull=False).values_list("ods_code", "succeeded_by")
    )
    own = {organisation}
    while predecessors := {code for code, into in successor.items() if into in own} - own:
        own |= predecessors
    return own


def find(reference: str, *, by: Actor) -> Referral:
    """A case by its typed reference; NotFound when it does not exist or the actor may not see it, Restricted when
    they may open it with a reason.
    """
    text = typed_reference(reference)
    case = _unrestricted(by).filter(reference=text).first() if by.role in WHO else None
    if case is None:  # who may see a restricted case is a long question, put only when there is one
        case = _reachable(by).filter(reference=text).first()
    if case is None:
        if by.role in WHO and Referral.objects.filter(_sight(by), reference=text).exists():
            raise Restricted(text)
        raise NotFound(f"There is no case {text} that you can see")
    return case


def find_to_oversee(reference: str, *, by: Actor) -> Referral:
    """A case for a page that names no patient of a restricted one. The patient is not read."""
    text = typed_reference(reference)
    case = Referral.objects.filter(_sight(by), reference=text).first()
    if case is None:
        raise NotFound(f"There is no case {text} that you can see")
    return case


def find_and_lock(reference: str, *, by: Actor) -> Referral:
    """The case, locked with its running clocks until the transaction ends. Refuses a form that was sent before."""
    return lock(find(reference, by=by))


def lock(case: Referral) -> Referral:
    """A case that was found, locked and read again with its running clocks. Refuses a form that was sent before."""
    # Lock the row alone first: joined to an episode that a merge has just changed, it would not be found.
    list(Referral.every.select_for_update().filter(pk=case.pk).values_list("pk"))
    case = Referral.every.select_related("patient", "episode").get(pk=case.pk)
    clocks.hold(case.pk)
    refuse_if_recorded()
    return case


class Restricted(Denied):
    """The record is restricted, and the actor is not in charge of it. `reference` is its own."""

    title = "A restricted record"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"{reference} is restricted: only those in charge of it see it. If you need it for the care of this patient, "
            "open it with a reason; it is then open to you for an hour"
        )
        self.reference = reference


def typed_reference(reference: str) -> str:
    """A reference as it is stored; NotFound when it is none."""
    try:
        return str(Reference.read(reference))
    except ValueError as problem:
        raise NotFound(str(problem)) from None


def main_case_of(case: Referral) -> Referral:
    """The case itself, or its main case where it was merged."""
    while case.merged_into is not None:
        case = case.merged_into
    return case


class Changed(OutOfTurn):
    """Another person changed the case after this page was loaded."""


def refuse_if_changed(case: Referral, *, version: int | None) -> None:
    """Refuse an act from a page that shows an older `version` of the case."""
    if version is not None and version != case.version:
        raise Changed(
            "Somebody else has changed this case since you opened it. "
            "Your change was not saved: read what changed, then decide again"
        )


def organisation_names(codes: set[str]) -> dict[str, str]:
    """The names of known organisations by ODS code."""
    return dict(Organisation.objects.filter(ods_code__in=codes).values_list("ods_code", "name"))
