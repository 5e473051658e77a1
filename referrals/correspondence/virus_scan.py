"""Attachments are held until ClamAV finds them clean. Without a scanner they stay held, and the page says so."""

import socket
import struct
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from kernel.actors import SERVICE
from ledger.append import append
from ledger.keep import keep, save_before_its_line
from ledger.kinds import Kind
from referrals.case.models import Attachment
from referrals.correspondence.files import has_scanner

AGAIN = timedelta(seconds=60)
PATIENCE = 20  # seconds
CHUNK = 64 * 1024
OK = "OK"
log = structlog.get_logger(__name__)


def scan_next(*, at: datetime) -> bool | None:
    """Scan the file that has waited longest, and return whether there is a verdict; None when none waits or no scanner runs."""
    if not has_scanner():
        return None
    row = _claim(at=at)
    if row is None:
        return None
    try:
        verdict = _verdict_on(bytes(row.content))
    except Exception as fault:  # noqa: BLE001  # a scanner that cannot be asked holds the file
        log.warning("scan_failed", attachment=row.pk, fault=type(fault).__name__)
        return False
    _judge(row, clean=verdict == OK, finding=verdict, at=at)
    return True


def _verdict_on(content: bytes) -> str:
    """The verdict of clamd on a stream (its INSTREAM command): OK, or the name of the virus."""
    address = settings.ENVIRONMENT.clamav
    family, place = (
        (socket.AF_UNIX, address)
        if address.startswith("/")
        else (socket.AF_INET, (address.rpartition(":")[0], int(address.rpartition(":")[2])))
    )
    with socket.socket(family, socket.SOCK_STREAM) as clamd:
        clamd.settimeout(PATIENCE)
        clamd.connect(place)
        clamd.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!L", 0))
        with clamd.makefile("rb") as answer:
            reply = answer.read(4096).rstrip(b"\0").decode(errors="replace").strip()
    verdict = reply.removeprefix("stream:").strip()
    if verdict == OK or verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ConnectionError("clamd gave no verdict")


@transaction.atomic
def _claim(*, at: datetime) -> Attachment | None:
    held_files = Attachment.objects.filter(state=Attachment.HELD, next_scan_at__lte=at)
    row = held_files.select_for_update(skip_locked=True).order_by("next_scan_at", "id").first()
    if row is not None:
        row.next_scan_at = at + AGAIN
        save_before_its_line(row, fields=["next_scan_at"])
    return row


@transaction.atomic
def _judge(row: Attachment, *, clean: bool, finding: str, at: datetime) -> None:
    row.state = Attachment.CLEAN if clean else Attachment.INFECTED
    row.scanned_at, row.finding, row.next_scan_at = at, "" if clean else finding[:200], None
    if not clean:
        row.content = b""  # its hash stays
    facts = {"sha256": row.sha256, "clean": clean}
    line = append(Kind.ATTACHMENT_SCANNED, by=SERVICE, at=at, case=row.referral_id, facts=facts)
    keep(row, line=line, by=SERVICE, at=at)
