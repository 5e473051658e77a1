"""The act that logs a call with the person or their family."""

from kernel.refusals import Invalid
from referrals.case.states import Action
from referrals.intake import codes
from referrals.usecases.log_contact import Call, log_contact
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct, instant_sent
from referrals.web.coordinator.casefile import CaseFile
from webkit.fields import Area, Choice, Moment, Text
from webkit.forms import Fields

RELATIVES = {
    "patient": "The person themselves",
    "next_of_kin": "Next of kin",
    "relative": "Another relative or friend",
    "carer": "Carer or care home",
    "advocate": "Attorney or advocate",
}


def _inputs(file: CaseFile) -> Fields:
    return {
        "role": Choice("Who", RELATIVES),
        "person": Text("Their name", hint="May be empty for the person themselves"),
        "outcome": Choice("What came of it", codes.CONTACT_OUTCOMES, kind="inline"),
        "text": Area("What was said", hint="Such as: what was explained, and what the person wants"),
        "direction": Choice("Direction", codes.DIRECTIONS, initial="outgoing", kind="inline"),
        "number": Text("Number", initial=file.case.patient.phone, width="10"),
        "occurred_at": Moment("When", initial=file.at),
    }


def _log(sent: SentAct) -> str:
    who = sent["role"]
    if who not in RELATIVES:
        raise Invalid("The contact is not complete", errors={"role": ["Select who it was"]})
    call = Call(
        occurred_at=instant_sent(sent, "occurred_at"),
        direction=sent["direction"],
        channel="telephone",
        person=sent["person"] or (sent.case.patient.name if who == "patient" else ""),
        role=RELATIVES[who],
        number=sent["number"],
        outcome=sent["outcome"],
        text=sent.text(),
    )
    log_contact(sent.reference, call, by=sent.by, at=sent.at)
    return "The call is logged. No clock has stopped"


RELATIVES_CALL = CaseAct(
    name="relatives",
    title="Log a call with the person or their family",
    group=ActGroup.TELL,
    action=Action.LOG_CONTACT,
    button="Log this call",
    do=_log,
    fields=_inputs,
)
