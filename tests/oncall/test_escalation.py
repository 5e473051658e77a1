"""Every ladder begins at once and ends in a last resort, whatever the service has set."""

import pytest

from accounts.service import SETTINGS
from oncall.escalation import ladder_of
from oncall.kinds import AFTERWARDS, REPORT_ONLY, ClockKind
from oncall.ladder import LOOPBACK, Rung, check

EXTREMES = {
    "default": {setting.key: setting.default for setting in SETTINGS},
    "least": {setting.key: setting.least or setting.default for setting in SETTINGS},
    "most": {setting.key: setting.most or setting.default for setting in SETTINGS},
}


@pytest.mark.parametrize("kind", [kind for kind in ClockKind if kind not in REPORT_ONLY])
@pytest.mark.parametrize("settings", EXTREMES)
@pytest.mark.parametrize("at_once", [True, False])
def test_no_setting_takes_the_last_resort_away(kind: ClockKind, settings: str, at_once: bool) -> None:
    for hours in (0.25, 1, 24, 168):
        ladder = ladder_of(kind, limit_hours=hours, paged_at_once=at_once, service=EXTREMES[settings])
        check(ladder, later=kind in AFTERWARDS)
        assert len(ladder) > 1
        assert sorted(rung.after_minutes for rung in ladder) == [rung.after_minutes for rung in ladder]


@pytest.mark.parametrize(
    "ladder",
    [
        (Rung(after_minutes=5, duty="coordinator", repeat_minutes=5),),
        (Rung(after_minutes=0, duty="coordinator"),),
        (Rung(after_minutes=0, duty="coordinator", channels=("screen",), repeat_minutes=5),),
        (Rung(after_minutes=0, duty="coordinator", channels=(LOOPBACK,)),),
    ],
    ids=["begins late", "does not repeat", "only a note", "reaches nobody"],
)
def test_a_ladder_without_a_last_resort_is_refused(ladder: tuple[Rung, ...]) -> None:
    with pytest.raises(ValueError, match="rung of a ladder"):
        check(ladder)
