"""The adjusted count of pain, where a CT stands in for an MRI that is contraindicated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.episode import MeasuredEpisode, MeasuredScan
from governance.populations import pain, pain_adjusted

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BY_CT = MeasuredScan(at=NOON + 2 * DAY, modality="ct", regions=frozenset({"cervical", "thoracic", "lumbar"}))
ACCEPTED = MeasuredEpisode(
    reference="MSCC-7K3QF-X",
    suspected_at=NOON,
    began_at=NOON,
    pain=True,
    accepted_for_week=True,
    mri_contraindicated=True,
    scans=(BY_CT,),
)


def test_a_ct_within_the_week_is_counted_as_soon_as_it_is_done() -> None:
    literal, adjusted = pain(ACCEPTED, NOON + 3 * DAY), pain_adjusted(ACCEPTED, NOON + 3 * DAY)
    assert literal is not None
    assert literal.excluded  # no MRI yet, and its week runs
    assert adjusted is not None
    assert (adjusted.met, adjusted.took) == (True, 2 * DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"accepted_for_week": False},
        {"mri_contraindicated": False},
        {"scans": ()},
        {"neurology_open": True},
        {"metastases_at": NOON - DAY, "scans": (replace(BY_CT, at=NOON - DAY),)},
        {"pain": False},
    ],
)
def test_what_is_not_accepted_still_waits_or_is_excluded_is_not_in_the_adjusted_count(
    changes: dict[str, Any],
) -> None:
    assert pain_adjusted(replace(ACCEPTED, **changes), NOON + 3 * DAY) is None
