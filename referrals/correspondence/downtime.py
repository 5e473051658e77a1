"""The downtime pack: a blank form and the telephone tree of the live rota, made in advance."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from accounts import service as services
from accounts.people import DUTY_WORDS, Duty
from accounts.service import Service
from kernel.actors import SERVICE, Actor
from kernel.patience import Patience
from kernel.time import from_london, in_words, london_date
from ledger.append import append
from ledger.kinds import Kind
from oncall.locks import PACKING, alone
from oncall.models import Shift
from oncall.rota import on_call
from referrals.case.line_facts import DowntimePackMade
from referrals.case.models import DowntimePack
from referrals.correspondence.pdf_document import pdf
from referrals.intake.fields import FIELD_AT
from referrals.intake.validation import label_of
from triage.guideline.findings import ANSWER_WORDS, NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, QUESTION_AT

MADE_AT = time(6)  # London
PACKS_TO_KEEP = 30
MOST_ROWS = 24  # of a table on one page
MOST_ANSWERS = 8  # that are printed behind a question
AHEAD = timedelta(hours=36)
COPYING, MAILING = Patience(seconds=4, most=1), Patience(seconds=4, most=1)
log = structlog.get_logger(__name__)
_FORM: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "The call, with true times",
        ("Came at (date, time)", "Taken by", "Answered by the coordinator at", "Coordinator"),
    ),
    (
        "The patient",
        (
            "patient.family_name",
            "patient.given_name",
            "patient.date_of_birth",
            "patient.nhs_number",
            "location.kind",
            "location.detail",
        ),
    ),
    (
        "The referrer",
        ("referrer.name", "referrer.role", "referrer.organisation_ods", "referrer.callback_number"),
    ),
    ("Times", ("clinician_suspected_at", "mscc_suspected_at")),
    (
        "Cancer",
        (
            "presentation.cancer_context",
            "presentation.haematological_malignancy",
            "presentation.primary_site",
        ),
    ),
    (
        "Neurology: any yes is an emergency; ring at once. Not assessed is not a no",
        (
            *tuple(f"presentation.{q.path}" for q in NEUROLOGY_QUESTIONS),
            "presentation.saddle_or_sphincter_signs",
        ),
    ),
    (
        "Pain",
        (
            *tuple(f"presentation.{q.path}" for q in PAIN_QUESTIONS),
            "presentation.pain_severity",
            "presentation.movement_pain",
            "presentation.instability_signs",
        ),
    ),
    (
        "Safety",
        (
            "presentation.mri_contraindicated",
            "presentation.dexamethasone_given",
            "clinical.anticoagulant",
            "clinical.walking_now",
            "clinical.resuscitation_and_wishes",
        ),
    ),
    (
        "Decided and advised",
        ("Stream, with reason", "MRI where and when", "Advice given", "Who accepted the patient", "Signed"),
    ),
)


def contents(*, service: Service, at: datetime) -> dict[str, Any]:
    """The content of the pack now."""
    return {
        "title": f"{service.name}: when the software is down",
        "service": service.name,
        "texts": [
            f"Made {in_words(at)} from the live rota. The number is the same as always: {service.telephone}.",
            "Ring down the list until somebody answers. Write what you do on the form, with true times.",
            "When the software is back, enter every form under Telephone referral, as taken on paper: "
            "the clocks run from the true times.",
        ],
        "tree": [list(row) for row in _tree(at=at)],
        "coming": _in_parts([list(row) for row in _coming(at=at)]),
        "form": [{"title": title, "lines": [_line(path) for path in paths]} for title, paths in _FORM],
        "footer": f"{service.name}, downtime pack of {in_words(at)}.",
    }


def _tree(*, at: datetime) -> Iterator[tuple[str, str, str, str]]:
    """Every duty with its holder now."""
    for duty in on_call(at=at):
        until = in_words(duty.until) if duty.until else ""
        yield duty.label, duty.holder or "Nobody", duty.telephone or "ask the switchboard", until


def _coming(*, at: datetime) -> Iterator[tuple[str, str, str, str, str]]:
    """The shifts that start within a day and a half."""
    shifts = Shift.objects.select_related("holder").filter(starts_at__gt=at, starts_at__lte=at + AHEAD)
    for shift in shifts.order_by("starts_at", "duty"):
        yield (
            in_words(shift.starts_at),
            DUTY_WORDS[Duty(shift.duty)],
            shift.holder.name,
            shift.holder.telephone or "ask the switchboard",
            in_words(shift.ends_at),
        )


def _in_parts(rows: list[list[str]]) -> list[list[list[str]]]:
    """The rows in parts of nearly equal length, each for one page, so that no page has a single row."""
    parts = -(-len(rows) // MOST_ROWS)
    bounds = [len(rows) * part // parts for part in range(parts + 1)] if parts else []
    return [rows[start:end] for start, end in pairwise(bounds)]


def _line(path: str) -> str:
    """One line to fill in: its label and its possible answers, if they are few."""
    answers = _answers(path)
    options = f" ({' / '.join(answers)})" if 0 < len(answers) <= MOST_ANSWERS else ""
    return f"{label_of(path)}{options}:"


def _answers(path: str) -> tuple[str, ...]:
    question = QUESTION_AT.get(path.removeprefix("presentation."))
    if question is not None:
        return tuple(ANSWER_WORDS[question.answers].values()) if question.answers else ()
    spec = FIELD_AT.get(path)
    return tuple(spec.codes.values()) if spec and spec.codes else ()


def make_pack(*, by: Actor = SERVICE, at: datetime) -> DowntimePack:
    """Make the pack, store it, and copy it to places that are reachable when this machine is not."""
    service = services.current()
    text = contents(service=service, at=at)
    content = pdf("downtime", text)
    with transaction.atomic():
        holders = sum(row[1] != "Nobody" for row in text["tree"])
        facts = DowntimePackMade(holders=holders, bytes=len(content))
        append(Kind.DOWNTIME_PACK_MADE, by=by, at=at, facts=facts)
        pack = DowntimePack.objects.create(made_at=at, content=content, holders=holders)
        old_packs = DowntimePack.objects.order_by("-id").values_list("pk", flat=True)[PACKS_TO_KEEP:]
        DowntimePack.objects.filter(pk__in=list(old_packs)).delete()
    _put_elsewhere(content, service=service)
    return pack


def make_pack_if_due(*, at: datetime) -> DowntimePack | None:
    """Make today's pack after six o'clock, unless it exists; a scheduler that was down catches up. Of several workers
    one makes it.

    A pack that its folder had no room for is put there as soon as there is.
    """
    due_at = from_london(london_date(at), MADE_AT)
    if at < due_at:
        return None
    with alone(PACKING) as mine:
        newest = DowntimePack.objects.filter(made_at__gte=due_at).order_by("-id").first()
        if newest is None:
            return make_pack(at=at) if mine else None
    _copy(bytes(newest.content))
    return None


def _put_elsewhere(content: bytes, *, service: Service) -> None:
    """Copy the pack into a folder and send it by e-mail. A failure of one is logged and does not stop the other, and
    whoever made the pack waits for neither for long: a folder of another machine may not answer at all.
    """
    _copy(content)
    addresses = str(service["downtime_email"]).replace(",", " ").split()
    if not addresses:
        return
    letter = EmailMessage(
        subject=f"{service.name}: downtime pack", body="Print this and keep it at hand.\n", to=addresses
    )
    letter.attach("downtime-pack.pdf", content, "application/pdf")
    try:
        MAILING.wait_for(letter.send)
    except OSError as fault:
        log.error("downtime_pack_not_mailed", fault=type(fault).__name__)


def _copy(content: bytes) -> None:
    """Copy the pack into the folder, and give up when it does not answer."""
    try:
        COPYING.wait_for(partial(_put_in_folder, content))
    except TimeoutError:
        log.error("downtime_pack_not_written", fault="the folder does not answer")


def _put_in_folder(content: bytes) -> None:
    """Copy the pack into the folder unless it is there. The former one stays until the new one is whole."""
    if not (folder := settings.ENVIRONMENT.downtime_folder):
        return
    place = Path(folder) / "downtime-pack.pdf"
    new_file = place.with_suffix(".new")
    try:
        if place.exists() and place.read_bytes() == content:
            return
        new_file.write_bytes(content)
        new_file.replace(place)
    except OSError as fault:
        log.error("downtime_pack_not_written", fault=type(fault).__name__)
        new_file.unlink(missing_ok=True)
