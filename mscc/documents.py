"""The documents that are printed from code, by name."""

from collections.abc import Callable

from accounts.service import SETTINGS
from oncall import handbook as clocks
from referrals.case import states
from triage.guideline import handbook as guideline

DOCUMENTS: dict[str, Callable[[], str]] = {
    "guideline.md": guideline.markdown,
    "states.md": states.diagram,
    "clocks.md": lambda: clocks.markdown({setting.key: setting.default for setting in SETTINGS}),
}
