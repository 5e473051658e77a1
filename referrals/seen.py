"""Who has seen a case, as its referrer is told."""

from datetime import datetime

from kernel.actors import Actor


def seen_by(by: Actor, *, at: datetime) -> dict[str, object]:
    """The columns that say who acknowledged, in what role, and when."""
    return {
        "acknowledged_at": at,
        "acknowledged_by": by.name,
        "acknowledged_role": str(by.acting_role or by.role),
    }
