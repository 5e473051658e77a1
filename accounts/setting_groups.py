"""The groups of settings on their page."""

from collections.abc import Sequence

from accounts.service import SETTINGS, SettingKind

ANSWERS, PAGING = "How soon a human answers", "Who is paged while an emergency waits"
_KEYS: dict[str, tuple[str, ...]] = {
    "The service": (
        "service_name",
        "telephone",
        "under_18_route",
        "link_domains",
        "downtime_email",
        "second_factor_roles",
    ),
    ANSWERS: ("acknowledge_", "voice_contact", "triage_decision", "claim_lease"),
    PAGING: ("rung_",),
    "When pages that are not about an emergency are sent": ("delivery_",),
    "Limits on the pathway": ("limit_",),
    "Findings": ("residual_urine",),
    "Who an MDT decision needs": ("quorum_",),
}
GROUPS: dict[str, Sequence[SettingKind]] = {
    heading: tuple(setting for setting in SETTINGS if setting.key.startswith(keys))
    for heading, keys in _KEYS.items()
}
