"""The combined answers of two referrals about one person: a yes in either counts, and the more urgent answer. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from referrals.evidence.event_data import EventData
from referrals.evidence.events import NEUROLOGY, SADDLE
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.neurology import WALKING_ORDER
from referrals.intake.stored import StoredClinical
from triage.guideline.findings import Answer
from triage.guideline.stored import StoredPresentation

# The most serious answer first. For a question not listed, the main case keeps its own answer.
_ORDER: dict[str, tuple[str, ...]] = {
    "cancer_context": ("current", "past", "suspected", "none_known"),
    "haematological_malignancy": ("confirmed", "suspected", "no", "unknown"),
    "movement_pain": ("severe", "moderate", "mild", "none", "not_assessed"),
    "imaging_finding": (
        "mscc",
        "impending_compression",
        "spinal_metastases",
        "non_malignant_compression",
        "no_malignant_disease",
        "none",
    ),
    "pain_controlled_by_analgesia": ("no", "yes", "not_assessed"),
}
_FINDING = ("yes", "no", "not_assessed")
_OWN = frozenset({"whole_spine_imaged"})  # the scans of both cases are in their events


def merge_presentations(presentation: StoredPresentation, addition: Mapping[str, Any]) -> StoredPresentation:
    """The presentation of the main case with the answers that the other referral adds."""
    answers = {key: _of(key, value, addition.get(key)) for key, value in presentation.items()}
    return cast(StoredPresentation, answers)


def later_neurology(
    earlier: Mapping[str, Any], later: Mapping[str, Any], *, walking_earlier: str, walking_later: str
) -> EventData:
    """The neurology that only the referral with the later suspicion has: each finding with yes, and walking if it differs.

    It is no older than that suspicion, so a scan from before it does not rule anything out.
    """
    new = [name for name in NEUROLOGY if _is_new(earlier["neurology"][name], later["neurology"][name])]
    news = EventData()
    if new:
        news["neurology"] = dict.fromkeys(new, str(Answer.YES))
    if _is_new(earlier[SADDLE], later[SADDLE]):
        news["saddle_or_sphincter_signs"] = str(Answer.YES)
    if walking_later in WALKING_ORDER and walking_later != walking_earlier:
        news["walking_now"] = walking_later
    return news


def without_later(
    merged: StoredPresentation, earlier: Mapping[str, Any], news: EventData
) -> StoredPresentation:
    """The answers of both referrals as of the earlier suspicion: the neurology of the later one is not among them."""
    own = {name: earlier["neurology"][name] for name in news.get("neurology", ())}
    answers = {**merged, "neurology": {**merged["neurology"], **own}}
    if SADDLE in news:
        answers[SADDLE] = earlier[SADDLE]
    return cast(StoredPresentation, answers)


def _is_new(earlier: str, later: str) -> bool:
    return later == Answer.YES and earlier != Answer.YES


def _of(key: str, mine: Any, theirs: Any) -> Any:
    if isinstance(mine, Mapping):
        return {name: _first(_FINDING, value, (theirs or {}).get(name)) for name, value in mine.items()}
    if key in _OWN or theirs is None:
        return mine
    if key == "pain_severity":
        return max(value for value in (mine, theirs) if value is not None)
    if key == "primary_site":
        return theirs if mine == "not_recorded" else mine
    return _first(_ORDER.get(key, _FINDING), mine, theirs)


def _first(order: tuple[str, ...], *answers: Any) -> Any:
    known_answers = [answer for answer in answers if answer in order]
    return min(known_answers, key=order.index) if known_answers else answers[0]


def changed_answers(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of `later`, which may be a part, that differ from `earlier`; nested as in a presentation."""
    return _chosen(later, lambda key, name, answer: _at(earlier, key, name) != answer)


def shared_answers(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of `later`, which may be a part, that `earlier` has too; nested as in a presentation."""
    return _chosen(later, lambda key, name, answer: _at(earlier, key, name) == answer)


def _chosen(answers: Mapping[str, Any], holds: Callable[[str, str, Any], bool]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for key, value in answers.items():
        if isinstance(value, Mapping):
            group = {name: answer for name, answer in value.items() if holds(key, name, answer)}
            chosen |= {key: group} if group else {}
        elif holds(key, "", value):
            chosen[key] = value
    return chosen


def _at(presentation: Mapping[str, Any], key: str, name: str) -> Any:
    return presentation[key][name] if name else presentation[key]


def stated_finding(picture: SpinePicture) -> str:
    """The finding that stands by the statement of the referral itself; empty without one."""
    return next((finding.finding for finding in picture.findings if finding.number == 0), "")


def fill_gaps(mine: StoredClinical, theirs: StoredClinical) -> StoredClinical:
    """The clinical part of the main case, with its gaps filled from the other referral."""
    silent: tuple[Any, ...] = (None, "", [], "unknown", "not_assessed")
    filled = {key: theirs.get(key, value) if value in silent else value for key, value in mine.items()}
    return cast(StoredClinical, filled)
