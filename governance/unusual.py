"""Unusual looks at records, for the lead: each rule with its threshold. A rule raises a question and accuses nobody."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from accounts.names import names_of
from accounts.people import role_in_words
from accounts.queries import Account, accounts_of
from kernel.actors import Actor, Role
from kernel.identifiers import Reference
from kernel.time import LONDON, in_words
from ledger.read import Entry, views_between
from oncall.queries import shifts_between
from referrals.case.identity import name_key
from referrals.case.models import Referral
from referrals.case.openings import is_closed, mark_closed
from referrals.case.queries import organisations_with, own_and_succeeded

MANY, WITHIN = 40, timedelta(hours=1)  # different records of one person
NIGHT_FROM, NIGHT_TO = time(22), time(6)  # London
MOST = 50_000  # views that are read, the newest
ON_ROTA = frozenset({Role.COORDINATOR.value, "covering_clinician", "other_designated", Role.MDT_MEMBER.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at one record, with what is known of both."""

    entry: Entry
    viewer: Account | None
    family: str  # of the patient, in the form for comparison
    names: str
    is_outside: bool  # the reader's organisation has nothing to do with the case
    on_shift: bool
    is_closed: bool  # to the reader of the report


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes a look unusual, in a sentence with its threshold."""

    code: str
    title: str
    threshold: str
    holds: Callable[[View], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualLine:
    """What one person did under one rule: on which records, how often, and when last."""

    rule: str
    who: str
    role: str
    references: tuple[str, ...]
    times: int
    last: str


def _own_name(view: View) -> bool:
    own = set(name_key(view.viewer.name).split()) if view.viewer else set()
    return bool(view.names) and set(view.names.split()) <= own


def _same_surname(view: View) -> bool:
    """A family name may be of several words, such as Smith-Jones or van der Berg: the last names of the reader are those."""
    family = view.family.split()
    names = name_key(view.viewer.name).split() if view.viewer else []
    return bool(family) and names[-len(family) :] == family


def _outside(view: View) -> bool:
    """People who opened it with a reason are in the lead's queue already."""
    return view.entry.role == Role.REFERRER and view.is_outside and not view.entry.shared.get("opening")


def _after_leaving(view: View) -> bool:
    ended_at = view.viewer.ended_at if view.viewer else None
    return ended_at is not None and view.entry.at > ended_at


def _at_night(view: View) -> bool:
    wall = view.entry.at.astimezone(LONDON).time()
    is_night = wall >= NIGHT_FROM or wall < NIGHT_TO
    return view.entry.role in ON_ROTA and is_night and not view.on_shift


RULES: tuple[Rule, ...] = (
    Rule(
        code="own_name",
        title="Their own name",
        threshold="every name of the patient is a name of the reader",
        holds=_own_name,
    ),
    Rule(
        code="same_surname",
        title="The same surname",
        threshold="the last name of the reader is the patient's family name",
        holds=_same_surname,
    ),
    Rule(
        code="outside",
        title="From outside the organisations of the case",
        threshold="a referrer whose organisation neither sent the case, nor has the patient, nor was given access",
        holds=_outside,
    ),
    Rule(
        code="after_leaving",
        title="After they left",
        threshold="any look after their account was ended",
        holds=_after_leaving,
    ),
    Rule(
        code="at_night",
        title="At night without a shift",
        threshold=f"between {NIGHT_FROM:%H:%M} and {NIGHT_TO:%H:%M}, by a coordinator or a member of the MDT with no shift then",
        holds=_at_night,
    ),
)
# The title of a rule about names would tell the reader of the report whose the restricted record is.
CLOSED_WORDS = (
    "A restricted record",
    "any of the rules above, on a record that is closed to you. Open it with a reason, then compare",
)
MANY_WORDS = ("Many records in an hour", f"more than {MANY} different records of one person within an hour")


def unusual(*, since: datetime, until: datetime, by: Actor) -> tuple[UnusualLine, ...]:
    """The unusual looks of a period, by rule and person, the latest first: a constant number of queries.

    On a record that is closed to the reader, no rule is named.
    """
    entries = views_between(since, until, limit=MOST)
    return (*_many(entries), *_by_rule(_views(entries, since=since, until=until, by=by)))


def _views(entries: Sequence[Entry], *, since: datetime, until: datetime, by: Actor) -> Iterator[View]:
    people = accounts_of({entry.actor for entry in entries})
    numbers = {entry.case for entry in entries if entry.case is not None}
    cases = {case.pk: case for case in Referral.objects.filter(pk__in=numbers).select_related("patient")}
    mark_closed(cases.values(), by=by)
    involved = organisations_with(cases.values())
    own = {code: own_and_succeeded(code) for code in {entry.organisation for entry in entries}}
    shifts = shifts_between(since, until)
    for entry in entries:
        case = cases.get(entry.case or 0)
        if case is None:
            continue
        yield View(
            entry=entry,
            viewer=people.get(entry.actor),
            family=name_key(case.patient.family_name),
            names=name_key(f"{case.patient.given_name} {case.patient.family_name}")
            if case.patient.given_name
            else "",
            is_outside=not involved[case.pk] & own[entry.organisation],
            is_closed=is_closed(case),
            on_shift=any(start <= entry.at < end for start, end in shifts.get(entry.actor, ())),
        )


def _by_rule(views: Iterable[View]) -> list[UnusualLine]:
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for view in views:
        held = [rule.code for rule in RULES if rule.holds(view)]
        for code in (["closed"] if held else []) if view.is_closed else held:
            groups[code, view.entry.actor].append(view.entry)
    names = names_of(actor for _, actor in groups)
    titles = {rule.code: rule.title for rule in RULES} | {"closed": CLOSED_WORDS[0]}
    return [
        _line(titles[code], entries, names)
        for (code, _), entries in sorted(groups.items(), key=lambda item: item[1][0].at, reverse=True)
    ]


def _many(entries: Sequence[Entry]) -> list[UnusualLine]:
    """Who opened more than the threshold of different records within an hour, once for each person."""
    by_person: dict[str, list[Entry]] = defaultdict(list)
    for entry in reversed(entries):
        by_person[entry.actor].append(entry)
    busiest = {actor: busy for actor, looks in by_person.items() if (busy := _busiest(looks))}
    names = names_of(busiest)
    return [_line(MANY_WORDS[0], busy, names) for busy in busiest.values()]


def _busiest(looks: Sequence[Entry]) -> list[Entry]:
    """The first hour, from the oldest look on, in which one person opened too many records; empty without one."""
    first, counts = 0, defaultdict[int | None, int](int)
    for last, entry in enumerate(looks):
        counts[entry.case] += 1
        while entry.at - looks[first].at > WITHIN:
            counts[looks[first].case] -= 1
            if not counts[looks[first].case]:
                del counts[looks[first].case]
            first += 1
        if len(counts) > MANY:
            return list(reversed(looks[first : last + 1]))
    return []


def _line(title: str, entries: Sequence[Entry], names: Mapping[str, str]) -> UnusualLine:
    references = sorted({str(Reference.of(entry.case)) for entry in entries if entry.case is not None})
    newest = max(entries, key=lambda entry: entry.at)
    return UnusualLine(
        rule=title,
        who=names[newest.actor],
        role=role_in_words(newest.role),
        references=tuple(references),
        times=len(entries),
        last=in_words(newest.at),
    )
