"""Imaging and transfer step by step, as the coordinator records them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from kernel.refusals import Invalid
from kernel.time import from_rfc3339, london_date, near
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case import sites
from referrals.case.models import Event, Referral, Site
from referrals.case.states import Action
from referrals.evidence.imaging import RegionState, SpinePicture
from referrals.intake import codes
from referrals.usecases.decide_disposition import Destination, decide_disposition
from referrals.usecases.record_slot import record_slot
from referrals.usecases.record_step import STEPS, WITHOUT, PathwayStep, is_accepted, record_step
from referrals.web.coordinator.act import (
    ActGroup,
    CaseAct,
    SentAct,
    event,
    in_a_sentence,
    instant_sent,
    optional_instant,
)
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.record_lines import repeats
from webkit.fields import Choice, Field, Flag, Moment, Text
from webkit.forms import Fields

IMAGING_STEPS = ("mri_vetted", "images_requested", "images_received", "images_viewable")
TRANSFER_STEPS = ("transfer_accepted", "transport_booked", "departed", "arrived")


def _step_inputs(step: PathwayStep) -> Callable[[CaseFile], Fields]:
    def inputs(file: CaseFile) -> Fields:
        labels = step.fields if is_accepted(file.case, file.at) else step.all_fields
        fields = {name: Text(label) for name, label in labels.items()}
        flags = {name: Flag(label) for name, label in (step.flags or {}).items()}
        return {**fields, **flags, "occurred_at": Moment("When", initial=file.at)}

    return inputs


def _booking(file: CaseFile) -> Fields:
    return {
        "site": _site(sites.choices(at=file.at), file.case),
        "booked_for": Moment(
            "Appointment",
            hint="Today’s date is filled in: change it if it is another day",
            initial=_today(file.at),
        ),
        "reason": Text(
            "Why there and then",
            hint="Needed if the patient travels for the scan (NG234 1.5.2, number not confirmed), or outside the site's hours",
        ),
        "occurred_at": Moment("When it was booked", initial=file.at),
    }


def _today(at: datetime) -> dict[str, str]:
    """The date as the parts of a `Moment`, without a time."""
    day = london_date(at)
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}


def _slot_inputs(file: CaseFile) -> Fields:
    places = {"": "Choose", **sites.choices(at=file.at)}
    return {
        "site": Choice("Site", places, kind="select"),
        "refused_because": Text(
            "If it was refused: why",
            hint="Leave empty if a slot is used for this case",
        ),
    }


def _no_sites(file: CaseFile) -> str:
    return "" if sites.choices(at=file.at) else "The administrator has not added any sites"


def _site(places: Mapping[str, str], case: Referral) -> Field:
    here = case.location_organisation
    if not places:
        return Text("Site", hint="The administrator has not added any sites yet")
    return Choice("Site", {"": "Choose", **places}, initial=here if here in places else "", kind="select")


def _disposition(places: Mapping[str, str]) -> Fields:
    """Where the patient goes: a site of the table, whose receiving unit is filled in, or another hospital."""
    known_site = Choice(
        "Hospital",
        {"": "Another, or none", **places},
        kind="select",
        hint="The unit that receives patients there is filled in unless you write another",
    )
    return {
        "kind": Choice("The patient is to", codes.DISPOSITIONS),
        **({"known_site": known_site} if places else {}),
        "site": Text("Another hospital" if places else "Hospital"),
        "unit": Text("Unit or ward", hint="Where they report to, such as the emergency department"),
        "ambulance_category": Choice(
            "Ambulance",
            {"": "No ambulance", **codes.AMBULANCE_CATEGORIES},
            kind="select",
        ),
        "position": Choice("Position for travel", {"": "Not travelling", **codes.POSITIONS}, kind="select"),
        "told_by": Text("Who tells the patient and the referrer"),
    }


def _send(sent: SentAct) -> str:
    """Record where the patient goes, with the receiving unit from the table of sites."""
    names = ("kind", "site", "unit", "ambulance_category", "position", "told_by")
    typed = {name: sent[name] for name in names}
    site = sites.sites().get(sent["known_site"])
    if site is not None and not typed["site"]:
        typed["site"] = site.organisation.name
        typed["unit"] = typed["unit"] or site.receiving_unit
    decide_disposition(sent.reference, Destination(**typed), version=sent.seen, by=sent.by, at=sent.at)
    return "Recorded. The referrer sees it now"


def _step(kind: str) -> Callable[[SentAct], str]:
    def act(sent: SentAct) -> str:
        names = ("by", "site", "bed", "protocol", "transport", "unstable_told", WITHOUT)
        data = {name: sent[name] for name in names}
        record_step(
            sent.reference, kind, data, occurred_at=instant_sent(sent, "occurred_at"), by=sent.by, at=sent.at
        )
        return f"Recorded: {in_a_sentence(codes.STEP_WORDS[kind])}"

    return act


def _book(sent: SentAct) -> str:
    """A booking reads the table of sites: travelling for a scan, or outside its hours, needs a reason."""
    booked_for = optional_instant(sent, "booked_for") if sent["booked_for.time"] else None
    errors: dict[str, list[str]] = {}
    if booked_for is None:
        errors["booked_for"] = ["Enter when the scan is booked for, with its time"]
    elif booked_for < (optional_instant(sent, "occurred_at") or ""):
        errors["booked_for"] = [
            "This is before it was booked: correct the appointment, or when it was booked"
        ]
    site = sites.sites().get(sent["site"])
    why = _why_a_reason(sent, site, booked_for)
    if why and not sent["reason"]:
        errors["reason"] = [f"{why}: choose otherwise, or write why"]
    if errors:
        raise Invalid("The booking is not complete", errors=errors)
    name = site.organisation.name if site else sent["site"] or None
    return event(sent, "mri_booked", {"site": name, "booked_for": booked_for}, text=sent["reason"])


def _why_a_reason(sent: SentAct, site: Site | None, booked_for: str | None) -> str:
    if site is None:
        return ""
    if booked_for and (closed := sites.why_not_then(site, from_rfc3339(booked_for))):
        return closed
    from_where = sent.case.location_organisation or sent.case.referrer_organisation
    home_site = sites.sites().get(from_where)
    if home_site is not None and home_site.has_mri and home_site.pk != site.pk:
        return f"The patient is at {home_site.organisation.name}, which has MRI"
    return ""


def _slot(sent: SentAct) -> str:
    slot = record_slot(
        sent.reference, site=sent["site"], refused_because=sent["refused_because"], by=sent.by, at=sent.at
    )
    return "The refusal is recorded" if slot.refused_because else "A protected slot is taken for this case"


_TITLES = {
    "mri_vetted": "MRI request vetted",
    "images_requested": "Images requested",
    "images_received": "Images received",
    "images_viewable": "Images can be viewed",
    "transfer_accepted": "Transfer accepted: by whom, and the bed",
    "transport_booked": "Transport booked and instructed",
    "departed": "Departed",
    "arrived": "Arrived",
}


def _step_act(kind: str) -> CaseAct:
    group = ActGroup.SCAN if kind in IMAGING_STEPS else ActGroup.MOVE
    return CaseAct(
        name=kind,
        title=_TITLES[kind],
        group=group,
        action=Action.RECORD_EVENT,
        do=_step(kind),
        fields=_step_inputs(next(step for step in STEPS if step.kind == kind)),
    )


VETTED, REQUESTED, RECEIVED, VIEWABLE = (_step_act(kind) for kind in IMAGING_STEPS)
MRI_BOOKED = CaseAct(
    name="mri_booked",
    title="Book the scan",
    group=ActGroup.SCAN,
    action=Action.RECORD_EVENT,
    button="Record the booking",
    do=_book,
    fields=_booking,
)
SLOT = CaseAct(
    name="slot",
    title="Protected slot: used or refused",
    group=ActGroup.SCAN,
    action=Action.RECORD_SLOT,
    do=_slot,
    fields=_slot_inputs,
    unless=_no_sites,
)
TRANSFER_ACTS = (
    CaseAct(
        name="disposition",
        title="Where the patient goes",
        group=ActGroup.MOVE,
        action=Action.DECIDE_DISPOSITION,
        button="Tell the referrer",
        do=_send,
        asks_again=True,
        fields=lambda file: _disposition(sites.choices(at=file.at)),
    ),
    *(_step_act(kind) for kind in TRANSFER_STEPS),
)


def imaging_cautions(
    case: Referral, events: Sequence[Event], spine: SpinePicture, running: Iterable[Clock], *, at: datetime
) -> tuple[str, ...]:
    """Open points about the imaging of a case, beside the picture of the spine."""
    cautions = []
    kinds = {clock.kind for clock in running}
    scans = [region for region in spine.regions if region.scan_at is not None]
    gaps = [
        codes.REGIONS[region.name].lower()
        for region in spine.regions
        if region.name in codes.WHOLE_SPINE
        and region.state in (RegionState.NOT_SCANNED, RegionState.NON_DIAGNOSTIC)
    ]
    if scans and gaps and ClockKind.MRI in kinds:
        cautions.append(
            f"Only part of the spine has a readable scan: {', '.join(gaps)} still missing, and the clock is running"
        )
    if any(region.state == RegionState.NON_DIAGNOSTIC for region in spine.regions):
        cautions.append("A report is non-diagnostic: arrange another scan, or CT where MRI is not possible")
    reports = [region for region in spine.regions if region.report_at is not None]
    if any(not region.final for region in reports):
        cautions.append("A report is provisional: it rules nothing out")
    early_scans = [
        e for e in events if e.kind == "mri_performed" and e.occurred_at < case.clinician_suspected_at
    ]
    if early_scans and london_date(early_scans[0].occurred_at) <= london_date(at):
        cautions.append(
            "Imaging came before the suspicion: record the exception “Found by imaging” in the record"
        )
    repeat_numbers = repeats(events)
    for second in (row for row in events if row.pk in repeat_numbers):
        cautions.append(
            f"{codes.EVENT_WORDS.get(second.kind, 'This')} was reported twice for {near(second.occurred_at, at=at)}, the second "
            f"time by {second.by_name}, and is counted once. If it happened twice, record the other with its own time"
        )
    return tuple(cautions)
