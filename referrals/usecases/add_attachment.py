"""A file is added to a case and held until it is scanned."""

import hashlib
from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.line_facts import AttachmentAdded
from referrals.case.models import Attachment
from referrals.case.move import move
from referrals.case.notes import authorship
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.correspondence.files import File
from referrals.correspondence.news import news

MOST = 30


@one_transaction()
def add_attachment(reference: str, file: File, *, by: Actor, at: datetime) -> Attachment:
    """Store a file with its case. The same file again returns the first one."""
    case = find_and_lock(reference, by=by)
    digest = hashlib.sha256(file.content).hexdigest()
    existing = case.attachments.defer("content").filter(sha256=digest).first()
    if existing is not None:
        return existing
    if case.attachments.count() >= MOST:
        raise Invalid(
            "No more files", errors={"file": [f"A case holds {MOST} files: send what matters most"]}
        )
    facts = AttachmentAdded(sha256=digest, content_type=file.content_type, bytes=len(file.content))
    line = move(case, Action.ATTACH, by=by, at=at, facts=facts, changes=news(case, by=by, at=at))
    row = Attachment(
        referral=case,
        name=file.name,
        content_type=file.content_type,
        content=file.content,
        sha256=digest,
        next_scan_at=at,
        ledger_line=line,
        **authorship(by, at=at),
    )
    attachment: Attachment = keep(row, line=line, by=by, at=at)
    return attachment
