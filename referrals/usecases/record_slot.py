"""A protected MRI slot is used for a case, or refused with a reason."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import london_date
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.line_facts import SlotRecorded
from referrals.case.models import ProtectedSlot, Site
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def record_slot(
    reference: str, *, site: str, refused_because: str = "", by: Actor, at: datetime
) -> ProtectedSlot:
    """Take one of a site's protected slots of today for a case, or record that it was refused and why."""
    case = find_and_lock(reference, by=by)
    place = Site.objects.select_for_update().select_related("organisation").filter(pk=site).first()
    if place is None or not place.protected_slots:
        raise Invalid("Choose a site", errors={"site": ["Choose a site that keeps slots for this service"]})
    today = london_date(at)
    taken_slots = place.slots.filter(day=today, refused_because="")
    if not refused_because and taken_slots.filter(referral=case).exists():
        raise OutOfTurn("This case has a protected slot there today")
    if not refused_because and taken_slots.count() >= place.protected_slots:
        raise OutOfTurn(f"{place.organisation.name} has no protected slot left today: ring {place.telephone}")
    reason = words("slot", refused_because, path="refused_because")
    facts = SlotRecorded(site=site, day=today.isoformat(), refused=bool(reason.text), **reason.bound)
    line = move(case, Action.RECORD_SLOT, by=by, at=at, facts=facts)
    reason.write(case, line=line, by=by, at=at)
    slot = ProtectedSlot(
        site=place,
        day=today,
        referral=case,
        refused_because=reason.text[:200],
        recorded_at=at,
        recorded_by=by.key,
    )
    kept_slot: ProtectedSlot = keep(slot, line=line, by=by, at=at)
    return kept_slot
