"""The same care for everybody? The figures of a period by characteristics of the person. Pure.

SVC-11 of NG234: a service looks in its own figures for inequalities. Deprivation is not among them: it needs the national
table of postcodes, which is not part of this software.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.episode import MeasuredEpisode
from governance.intervals import stretches
from governance.qs56 import MEASURE_AT, result_of
from kernel.time import LONDON
from referrals.intake.fields import REFERRER_ROLE, SEX

FEW = 5  # no share of fewer episodes than this: one person would turn it over
MEASURES = ("2a", "3", "6")  # those with a limit in time
INTERVAL = "First suspicion to whole-spine scan"
NOT_RECORDED = "Not recorded"
SEXES = {code: words for code, words in SEX.items() if code != "unknown"}
AGES = ((50, "Under 50"), (65, "50 to 64"), (80, "65 to 79"))
OLDEST = "80 and over"
# The 18 categories of the NHS data dictionary in its five groups.
ETHNIC_GROUPS: Mapping[str, str] = {
    "White": "ABC",
    "Mixed": "DEFG",
    "Asian or Asian British": "HJKL",
    "Black or Black British": "MNP",
    "Chinese or any other group": "RS",
}
NEEDS, NO_NEEDS = "An interpreter or other help", "None recorded"
IN_HOURS, OUT_OF_HOURS = "Monday to Friday, 08:00 to 18:00", "Evening, night or weekend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """What people are compared by: its groups in their order, and how the group of an episode is found."""

    title: str
    groups: Sequence[str]
    group_of: Callable[[MeasuredEpisode], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One measure of a group: how many met it, of how many; `percent` is None where there are too few."""

    met: int
    of: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.met / self.of) if self.of >= FEW else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group: its episodes suspected in the period, its measures in the order of MEASURES, and its median time to the scan.

    A measure counts an episode by the measure's own date, so it may count one that was suspected before the period.
    """

    title: str
    episodes: int
    shares: tuple[Share, ...]
    median: timedelta | None  # None where there are too few


def _age(e: MeasuredEpisode) -> str:
    age = e.person.age
    if age is None:
        return NOT_RECORDED
    return next((title for limit, title in AGES if age < limit), OLDEST)


def _ethnic_group(e: MeasuredEpisode) -> str:
    code = e.person.ethnic_category
    return next((title for title, codes in ETHNIC_GROUPS.items() if code and code in codes), NOT_RECORDED)


def _hours(e: MeasuredEpisode) -> str:
    """When the first suspicion arose, on London's clock."""
    wall = e.suspected_at.astimezone(LONDON)
    return IN_HOURS if wall.weekday() < 5 and 8 <= wall.hour < 18 else OUT_OF_HOURS


CHARACTERISTICS: tuple[Characteristic, ...] = (
    Characteristic(
        title="Sex",
        groups=(*SEXES.values(), NOT_RECORDED),
        group_of=lambda e: SEXES.get(e.person.sex, NOT_RECORDED),
    ),
    Characteristic(
        title="Age at the first suspicion",
        groups=(*(title for _, title in AGES), OLDEST, NOT_RECORDED),
        group_of=_age,
    ),
    Characteristic(title="Ethnic group", groups=(*ETHNIC_GROUPS, NOT_RECORDED), group_of=_ethnic_group),
    Characteristic(
        title="Help to communicate",
        groups=(NEEDS, NO_NEEDS),
        group_of=lambda e: NEEDS if e.person.needs_help else NO_NEEDS,
    ),
    Characteristic(
        title="First referred by",
        groups=(*REFERRER_ROLE.values(), NOT_RECORDED),
        group_of=lambda e: REFERRER_ROLE.get(e.person.referred_by, NOT_RECORDED),
    ),
    Characteristic(title="When it was suspected", groups=(IN_HOURS, OUT_OF_HOURS), group_of=_hours),
)


def groups_of(
    characteristic: Characteristic,
    episodes: Iterable[MeasuredEpisode],
    *,
    since: datetime,
    until: datetime,
    at: datetime,
) -> tuple[Group, ...]:
    """The groups with an episode that was suspected, or is counted by an adjusted measure, in a period."""
    by_group: dict[str, list[MeasuredEpisode]] = {title: [] for title in characteristic.groups}
    for episode in episodes:
        by_group[characteristic.group_of(episode)].append(episode)
    groups = (_group(title, rows, since=since, until=until, at=at) for title, rows in by_group.items())
    return tuple(group for group in groups if group.episodes or any(share.of for share in group.shares))


def _group(
    title: str, rows: list[MeasuredEpisode], *, since: datetime, until: datetime, at: datetime
) -> Group:
    counted = [
        result_of(MEASURE_AT[name], rows, since=since, until=until, at=at).adjusted for name in MEASURES
    ]
    (stretch,) = (each for each in stretches(rows, since=since, until=until) if each.title == INTERVAL)
    return Group(
        title=title,
        episodes=sum(since <= e.suspected_at < until for e in rows),
        shares=tuple(Share(met=figure.numerator, of=figure.denominator) for figure in counted),
        median=stretch.median if stretch.count >= FEW else None,
    )
