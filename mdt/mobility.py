"""How somebody walks over time: the points of the picture. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.time import london_date, long_date
from mdt.follow_up import GRADES, HEIGHT
from referrals.intake.fields import WALKING

WIDTH, HEIGHT_OF_GRADE, LEFT, TOP = 560, 40, 215, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MobilityPoint:
    """One grade at one instant, and where it is known from."""

    at: datetime
    grade: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: int
    y: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MobilityPicture:
    """The picture as coordinates: a line of steps, its dots, the grades beside it, and the same in words."""

    path: str
    dots: Sequence[Dot]
    grades: Sequence[tuple[int, str]]
    left: int
    width: int
    height: int
    words: str
    began: str
    ended: str


def picture(points: Iterable[MobilityPoint]) -> MobilityPicture | None:
    """The picture of these points, oldest first; None when nothing is known."""
    series = sorted((point for point in points if point.grade in HEIGHT), key=lambda point: point.at)
    if not series:
        return None
    first, last = series[0].at, series[-1].at
    span = max((last - first).total_seconds(), 1.0)
    dots = [
        Dot(
            x=LEFT + round((point.at - first).total_seconds() / span * (WIDTH - LEFT - 20)),
            y=_y(point.grade),
            words=f"{long_date(london_date(point.at))}: {WALKING[point.grade].lower()} ({point.source})",
        )
        for point in series
    ]
    steps = f"M{dots[0].x} {dots[0].y}" + "".join(f" H{dot.x} V{dot.y}" for dot in dots[1:])
    return MobilityPicture(
        path=steps,
        dots=tuple(dots),
        grades=tuple((_y(grade.code), WALKING[grade.code]) for grade in GRADES),
        left=LEFT,
        width=WIDTH,
        height=TOP * 2 + HEIGHT_OF_GRADE * (len(GRADES) - 1) + 24,
        words="; ".join(dot.words for dot in dots),
        began=long_date(london_date(first)),
        ended=long_date(london_date(last)),
    )


def _y(grade: str) -> int:
    return TOP + (len(GRADES) - 1 - HEIGHT[grade]) * HEIGHT_OF_GRADE
