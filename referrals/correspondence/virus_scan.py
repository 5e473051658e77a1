"""Attachments are held until ClamAV finds them clean. Without a scanner they stay held, and the page says so.

A clean picture is re-encoded here, away from every web request, before anybody can open it.
"""

import hashlib
import socket
import struct
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from kernel.actors import SERVICE
from kernel.refusals import Refusal
from ledger.append import append
from ledger.keep import keep, save_before_its_line
from ledger.kinds import Kind
from referrals.case.line_facts import AttachmentScanned
from referrals.case.models import Attachment
from referrals.correspondence.files import UNREADABLE, drawn_again, has_scanner

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
    if verdict != OK:
        _record_verdict(row, Attachment.INFECTED, finding=verdict, at=at)
    elif not row.content_type.startswith("image/"):
        _record_verdict(row, Attachment.CLEAN, at=at)
    else:
        _record_picture(row, at=at)
    return True


def _record_picture(row: Attachment, *, at: datetime) -> None:
    try:
        picture = drawn_again(bytes(row.content))
    except (*UNREADABLE, Refusal) as fault:
        log.warning("picture_unreadable", attachment=row.pk, fault=type(fault).__name__)
        _record_verdict(row, Attachment.UNREADABLE, at=at)
    else:
        row.content = picture
        _record_verdict(row, Attachment.CLEAN, at=at)


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
def _record_verdict(row: Attachment, state: str, *, finding: str = "", at: datetime) -> None:
    """Let the file go, or empty it, unless it was erased meanwhile. `sha256` stays that of the file as it was sent."""
    if not Attachment.objects.select_for_update().filter(pk=row.pk, state=Attachment.HELD).exists():
        log.info("scanned_in_vain", attachment=row.pk)
        return
    row.state, row.scanned_at, row.finding, row.next_scan_at = state, at, finding[:200], None
    if state != Attachment.CLEAN:
        row.content = b""
    facts = AttachmentScanned(sha256=row.sha256, clean=state != Attachment.INFECTED)
    if state == Attachment.UNREADABLE:
        facts["unreadable"] = True
    if state == Attachment.CLEAN:
        facts["kept_as"] = hashlib.sha256(row.content).hexdigest()
    line = append(Kind.ATTACHMENT_SCANNED, by=SERVICE, at=at, case=row.referral_id, facts=facts)
    keep(row, line=line, by=SERVICE, at=at)
