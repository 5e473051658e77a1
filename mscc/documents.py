"""The documents that are printed from code, by name."""

from collections.abc import Callable

from django.apps import apps

from accounts.service import SETTINGS
from ledger.forms import declare
from oncall import handbook as clocks
from referrals.case import states
from triage.guideline import handbook as guideline

OURS = (
    "accounts",
    "exchange",
    "governance",
    "ledger",
    "mdt",
    "oncall",
    "referrals",
    "triage",
    "webhooks",
    "webkit",
)
DOCUMENTS: dict[str, Callable[[], str]] = {
    "guideline.md": guideline.markdown,
    "states.md": states.diagram,
    "clocks.md": lambda: clocks.markdown({setting.key: setting.default for setting in SETTINGS}),
    "../ledger/forms.json": lambda: declare(
        model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS
    ),
}
