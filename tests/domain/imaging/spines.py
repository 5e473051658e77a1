"""Facts of scans and reports in few words, and what a picture of them says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN, Fact
from referrals.evidence.imaging import Region, SpinePicture, picture, whole_spine_scanned_at

SINCE = datetime(2026, 11, 20, 10, tzinfo=UTC)
REGION = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}
SPINE = ("cervical", "thoracic", "lumbar")
MEANS = {
    "mscc": "mscc",
    "cauda_equina_compression": "mscc",
    "impending_compression": "impending_compression",
    "metastases_no_compression": "spinal_metastases",
    "nerve_root_only": "spinal_metastases",
    "non_malignant_compression": "non_malignant_compression",
    "no_malignant_disease": "no_malignant_disease",
}
RANK = {
    finding: rank
    for rank, finding in enumerate(
        [
            "none",
            "no_malignant_disease",
            "non_malignant_compression",
            "spinal_metastases",
            "impending_compression",
            "mscc",
        ]
    )
}
CLEAN, NON_DIAGNOSTIC = "no_malignant_disease", "non_diagnostic"
POSITIVE = {"spinal_metastases", "impending_compression", "mscc"}


def at(minute: int) -> datetime:
    return SINCE + timedelta(minutes=minute)


def named(letters: str) -> list[str]:
    return [REGION[letter] for letter in letters]


def performed(minute: int, letters: str, scan: str = "", modality: str = "mri") -> Fact:
    data: dict[str, Any] = {"modality": modality, "regions": named(letters)}
    if scan:
        data["scan"] = scan
    return Fact(kind="mri_performed", occurred_at=at(minute), data=data)


def reported(minute: int, result: str = "", status: str = "final", *, of: str = "", **names: Any) -> Fact:
    """A report; `names` are scan, report, replaces and verified, as a sender gives them."""
    data = {name: value for name, value in names.items() if value is not None and value != ""}
    if result:
        data["result"] = result
    if status:
        data["status"] = status
    if of:
        data["regions"] = named(of)
    return Fact(kind="mri_reported", occurred_at=at(minute), data=data)


def withdrawn(minute: int, **names: Any) -> Fact:
    return reported(minute, status="withdrawn", **names)


def taken_away(minute: int, finding: int) -> Fact:
    """A named person took the finding of that row away."""
    return Fact(
        kind=FINDING_WITHDRAWN,
        occurred_at=at(minute),
        data={"finding": finding},
        by_service=True,
        by_name="Dr A Marlowe",
    )


def let_stand(minute: int, finding: int, report: int) -> Fact:
    """A named person let a finding stand against a report."""
    return Fact(
        kind=FINDING_CONFIRMED,
        occurred_at=at(minute),
        data={"finding": finding, "report": report},
        by_service=True,
        by_name="Dr A Marlowe",
    )


def said(minute: int, *, by_service: bool, **data: str) -> Fact:
    return Fact(
        kind="findings_completed", occurred_at=at(minute), data=data, by_service=by_service, by_name="A B"
    )


def arrived(facts: Iterable[Fact]) -> list[Fact]:
    """The facts as rows, numbered in the order in which they came."""
    return [replace(fact, number=number) for number, fact in enumerate(facts, 1)]


def seen(*facts: Fact, worse: Sequence[int] = (), **more: Any) -> SpinePicture:
    """The picture after these facts, arrived in this order; `worse` are minutes."""
    worse_at = tuple(at(minute) for minute in worse)
    return picture(arrived(facts), since=SINCE, worse_at=worse_at, **more)


def stated(*facts: Fact, **statement: str) -> SpinePicture:
    """The picture with what the referrer stated, at the instant at which the episode began."""
    return seen(*facts, statements=statement, stated_at=SINCE)


def scanned_at(*facts: Fact, worse: Sequence[int] = (), **more: Any) -> datetime | None:
    """When the whole spine had been scanned since it last got worse."""
    worse_at = tuple(at(minute) for minute in worse)
    since = max((SINCE, *worse_at))
    return whole_spine_scanned_at(arrived(facts), since=since, worse_at=worse_at, **more)


def region(found: SpinePicture, name: str) -> Region:
    return next(one for one in found.regions if one.name == REGION.get(name, name))


def states(found: SpinePicture) -> dict[str, str]:
    return {one.name: str(one.state) for one in found.regions}


def clean(found: SpinePicture) -> set[str]:
    return {one.name for one in found.regions if one.state == "clean"}


def standing(found: SpinePicture) -> set[tuple[str, int]]:
    """Every finding that stands and is not reassuring, with the row of its report."""
    return {(str(one.finding), one.number) for one in found.findings if RANK[one.finding] > RANK[CLEAN]}
