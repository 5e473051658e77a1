"""Writing what is to be delivered: one row for each ledger line, subscription and case that its owner may see.

The ledger is the outbox: a line is written with its act or not at all. It is read in the order of its lines, up to the
newest before which no act can add one.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.machine_clients import may_call
from api.webhooks.kinds import KINDS
from api.webhooks.models import Delivery, Progress, Webhook
from ledger.read import Entry, lines_between
from ledger.seal import StillWriting, last_settled_line
from oncall.kinds import INTERNAL
from referrals.case.models import Referral
from referrals.case.queries import visible_to

AT_A_TIME = 500  # lines
PATIENCE = 2.0  # seconds for acts that are writing


def write_deliveries(*, at: datetime) -> int:
    """Write the deliveries of new ledger lines; how many lines were read. Safe to repeat, by one process at a time."""
    try:
        until = last_settled_line(PATIENCE)
    except StillWriting:
        return 0
    if Progress.objects.filter(last_line__gte=until).exists():
        return 0  # nothing new: nothing is locked or written
    with transaction.atomic():
        progress = Progress.objects.select_for_update().first()
        if progress is None:
            Progress.objects.create(last_line=until)
            return 0
        lines = lines_between(progress.last_line, until, kinds=KINDS, limit=AT_A_TIME)
        _write(lines, at=at)
        progress.last_line = lines[-1].number if len(lines) == AT_A_TIME else until
        progress.save(update_fields=["last_line"])
    return len(lines)


def _write(lines: list[Entry], *, at: datetime) -> None:
    lines = [
        line for line in lines if line.shared.get("clock") not in INTERNAL and "record_of" not in line.shared
    ]
    numbers = {line.case for line in lines if line.case is not None}
    if not numbers:
        return
    webhooks = Webhook.objects.filter(ended_at=None).select_related("client")
    rows = [
        row
        for webhook in webhooks
        if may_call(webhook.client)
        for row in _rows(webhook, lines, visible_to(webhook.client.actor).filter(pk__in=numbers), at=at)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _rows(
    webhook: Webhook, lines: list[Entry], visible: QuerySet[Referral], *, at: datetime
) -> list[Delivery]:
    cases = dict(visible.values_list("pk", "reference"))
    return [
        Delivery(
            webhook=webhook,
            case=line.case,
            reference=cases[line.case],
            kind=str(line.kind),
            ledger_line=line.number,
            written_at=at,
            due_since=at,
            next_attempt_at=at,
        )
        for line in lines
        if line.case in cases and (not webhook.kinds or str(line.kind) in webhook.kinds)
    ]
