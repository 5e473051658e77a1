"""Which cases belong on the list of a meeting, and why. Pure."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaStanding:
    """What the rules of a list read of a case."""

    asked: bool = False  # listed by a coordinator since the last decision
    finding: str = "none"  # the worst that stands on imaging
    discussed: bool = False  # by the MDT, since that report
    decided: bool = False  # a decision other than that another test is needed first
    treated: bool = False
    plan_owed: bool = False  # the week's treatment plan is running
    sins: int | None = None  # the highest
    surgery_judged: bool = False
    surgery_pending: bool = False
    primary_unknown: bool = False
    without_quorum: bool = False
    dissent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule: its code, its words for the reader, and when it holds."""

    code: str
    words: str
    holds: Callable[[AgendaStanding], bool]


REASONS: tuple[Reason, ...] = (
    Reason(code="asked", words="Listed by a coordinator", holds=lambda s: s.asked),
    Reason(
        code="compression_undecided",
        words="Compression is reported and the MDT has not decided",
        holds=lambda s: s.finding == "mscc" and not s.decided and not s.treated,
    ),
    Reason(
        code="impending",
        words="Impending compression is reported and the MDT has not decided",
        holds=lambda s: s.finding == "impending_compression" and not s.decided,
    ),
    Reason(
        code="plan_owed",
        words="Metastases are reported and a plan is due within the week",
        holds=lambda s: s.plan_owed and s.finding == "spinal_metastases" and not s.decided,
    ),
    Reason(
        code="unstable",
        words="SINS is 7 or more and nobody has judged surgery",
        holds=lambda s: s.sins is not None and s.sins >= 7 and not s.surgery_judged,
    ),
    Reason(
        code="primary_unknown",
        words="The primary is unknown with metastases on imaging",
        holds=lambda s: (
            s.primary_unknown
            and s.finding in ("mscc", "impending_compression", "spinal_metastases")
            and not (s.discussed or s.decided)
        ),
    ),
    Reason(
        code="surgery_pending",
        words="Surgery was left pending",
        holds=lambda s: s.surgery_pending and not s.treated,
    ),
    Reason(
        code="without_quorum",
        words="The last decision was made without a quorum",
        holds=lambda s: s.without_quorum,
    ),
    Reason(code="dissent", words="A specialty dissented from the last decision", holds=lambda s: s.dissent),
)
BY_HAND = "by_hand"
REASON_WORDS = {**{reason.code: reason.words for reason in REASONS}, BY_HAND: "Added by hand"}


def reasons_for(standing: AgendaStanding) -> tuple[str, ...]:
    """The codes of every rule that puts a case on the list; empty when none does."""
    return tuple(reason.code for reason in REASONS if reason.holds(standing))
