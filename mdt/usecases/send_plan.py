"""The signed plan goes to the GP and, in plain words, to the person."""

from datetime import datetime

from accounts.act import Act
from accounts.service import Service
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import in_words, london_date, long_date
from ledger.transaction import one_transaction
from mdt.content import lines
from mdt.management_plan import PARTS
from mdt.models import Plan
from referrals.case.models import Letter, Referral
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Status
from referrals.case.stored import StoredBody, StoredLetter
from referrals.correspondence.letter_issue import issue
from referrals.intake.codes import PLAN_LETTERS

# The words of each part of the plan for the person; the rest is for clinicians.
PLAIN = {
    "key_worker": "The person who looks after your care is",
    "key_worker_telephone": "You can ring them on",
    "goals": "What you told us you want",
    "ongoing_care": "Care that goes on",
    "rehabilitation": "Help to move and do things yourself",
    "holistic": "Other things that matter to you",
    "carer": "Help for the person who cares for you",
    "bracing": "Your brace",
    "equipment": "Things that help you at home",
    "pain": "Your pain medicines",
    "steroid": "Your steroid tablets (dexamethasone)",
    "bladder": "Passing urine",
    "bowel": "Opening your bowels",
    "skin": "Looking after your skin",
    "clots": "Preventing blood clots",
    "referrals": "We have asked these services to help",
    "follow_up": "When you will be seen again",
}
WARNING = (
    "Ring at once, day or night, if you get new or worse back pain, weakness or numbness in your arms or legs, "
    "trouble walking, or trouble passing urine or opening your bowels. Do not wait."
)


@one_transaction()
def send_plan(reference: str, kind: str, *, recipient: str, act: Act) -> Letter:
    """Issue a copy of the plan as it was last signed."""
    case = find_and_lock(reference, by=act.by)
    errors: dict[str, list[str]] = {}
    if kind not in PLAN_LETTERS:
        errors["kind"] = ["Choose who the copy is for"]
    to = words("recipient", recipient, path="recipient")
    if not to.text or len(to.text) > 200:
        errors["recipient"] = ["Enter who it is for, on one line"]
    if errors:
        raise Invalid("The copy is not complete", errors=errors)
    if case.status in (Status.ENTERED_IN_ERROR, Status.WITHDRAWN):
        raise OutOfTurn("This case was withdrawn or entered in error: its plan cannot be sent")
    if kind == "plan_person" and case.died_at is not None:
        raise OutOfTurn("A death is reported on this case: the plan cannot be sent to the person")
    plan = Plan.objects.filter(referral=case, signed=True).order_by("-version").first()
    if plan is None:
        raise OutOfTurn("Sign the plan first: only a signed plan is sent")
    compose = _for_the_person if kind == "plan_person" else _for_the_gp
    body = compose(case, plan, to.text, service=act.service, at=act.at)
    content: StoredLetter = {
        "title": "Your plan" if kind == "plan_person" else "Management plan",
        "service": act.service.name,
        "telephone": f"MSCC coordinator, day and night: {act.service.telephone}",
        "facts": body["facts"],
        "sections": body["sections"],
    }
    return issue(case, kind, content, recipient=to.text, act=act)


def _for_the_gp(case: Referral, plan: Plan, recipient: str, *, service: Service, at: datetime) -> StoredBody:
    sections = [
        {
            "title": part.title,
            "items": [f"{label}: {text}" for label, text in lines(part.fields, plan.content)],
        }
        for part in PARTS
    ]
    return {
        "facts": [
            ["To", recipient],
            ["Patient", f"{case.patient.name}, born {case.patient.born}, {case.patient.nhs_number_words}"],
            ["Reference", case.reference],
            ["Plan signed", f"{in_words(plan.at)} by {plan.by_name} (version {plan.version})"],
            ["Issued", in_words(at)],
        ],
        "sections": [section for section in sections if section["items"]],
    }


def _for_the_person(
    case: Referral, plan: Plan, recipient: str, *, service: Service, at: datetime
) -> StoredBody:
    texts = {
        spec.name: words
        for part in PARTS
        for spec, words in zip(
            [spec for spec in part.fields if plan.content.get(spec.name) is not None],
            [words for _, words in lines(part.fields, plan.content)],
            strict=True,
        )
    }
    watch = [WARNING, *([texts["red_flags"]] if "red_flags" in texts else [])]
    return {
        "facts": [["For", recipient], ["Date", long_date(london_date(at))], ["Reference", case.reference]],
        "sections": [
            {
                "title": "If your symptoms come back",
                "texts": [*watch, f"Ring: {texts['who_to_call']}. You can always ring {service.telephone}."],
            },
            *({"title": title, "texts": [texts[name]]} for name, title in PLAIN.items() if name in texts),
        ],
    }
