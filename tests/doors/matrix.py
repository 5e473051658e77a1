"""The scene of the access matrix: who may see whom, every address with its parts filled in, and what a browser would send."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from kernel.time import now
from ledger.read import Search, entries, of_case
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.plan_meeting import plan_meeting
from mdt.usecases.put_on_agenda import put_by_hand
from oncall.models import Shift
from referrals.case.models import Referral, TriageDecision
from referrals.case.openings import LASTS
from referrals.case.worklist import SAVED
from referrals.correspondence.files import File
from referrals.evidence.facts import Fact
from referrals.intake.codes import REPORT_UNREAD
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.add_addendum import add_addendum
from referrals.usecases.add_attachment import add_attachment
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact
from referrals.usecases.open_record import Sought, open_record
from referrals.usecases.restrict_record import restrict_record
from referrals.usecases.send_message import send_message
from referrals.usecases.triage_referral import triage_referral
from referrals.web.steps import STEPS
from tests.builders import acknowledged, act_by, actor, decision, set_the_scene, submitted
from tests.doors.forms import signed_in, state_purpose
from tests.doors.machines import Machine, other_hospital
from tests.doors.markup import Element, read

FAMILIES = {
    "practice": "Quillfeather",
    "newcomer": "Nuttlebury",
    "hospital": "Wardlebrook",
    "neighbour": "Southgately",
    "restricted": "Featherstonehaugh",
}


# What else says who the restricted person is. `joined` is a second referral of the same person, and `restricted` the one
# that somebody restricted.
RESTRICTED = {
    "given_name": "Wilhelmina",
    "nhs_number": "9990773416",
    "date_of_birth": "1931-07-19",
    "local_id": "LOC77123",
    "postcode": "ZZ99 4WZ",
    "phone": "07700900987",
}
MARKS = (*(value.lower() for value in RESTRICTED.values()), "19 july 1931", "19 jul 1931", "hidden-words")
SAME_PERSON = {"joined": "restricted"}

MACHINE_DOORS = ("/api/", "/fhir/", "/hl7/", "/cds-services")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Whose cases a caller may see, and the cases that it asks for: one that it may see, and foreign ones."""

    sees: frozenset[str] = frozenset()
    own: str = ""
    foreign: tuple[str, ...] = ()

    @property
    def asks(self) -> tuple[str, ...]:
        return (*([self.own] if self.own else []), *self.foreign)


CLOSED = ("restricted", "joined")
# First those who can open most pages, because their forms are what the others send.
# `restricted` was sent by `ward`; `offduty`, a coordinator without a shift, a colleague of `ward`, its MDT and the lead may
# know that it is there, and no more.
# `newcomer` is self-registered in the organisation of `gp`; `mdt` is of the specialty that the practice's case asks.
SIGHT: dict[str, Sight] = {
    "coordinator": Sight(sees=frozenset(FAMILIES), own="practice"),
    "lead": Sight(sees=frozenset(FAMILIES) - {"restricted"}, own="practice", foreign=CLOSED),
    "offduty": Sight(sees=frozenset(FAMILIES) - {"restricted"}, foreign=CLOSED),
    "gp": Sight(sees=frozenset({"practice", "newcomer"}), own="practice", foreign=("hospital",)),
    "newcomer": Sight(sees=frozenset({"newcomer"}), own="newcomer", foreign=("practice",)),
    "ward": Sight(sees=frozenset({"hospital", "restricted"}), foreign=("practice",)),
    "colleague": Sight(sees=frozenset({"hospital"}), foreign=("restricted",)),
    "mdt": Sight(sees=frozenset({"practice"}), own="practice", foreign=("hospital", "restricted")),
    "admin": Sight(foreign=("practice",)),
    "nobody": Sight(foreign=("practice",)),
    "client:demo-hospital": Sight(
        sees=frozenset({"hospital", "restricted"}), own="hospital", foreign=("practice",)
    ),
    "client:other": Sight(sees=frozenset({"neighbour"}), own="neighbour", foreign=("hospital",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """One caller: a browser's cookies or a hospital system's token, and what its acts are called in the ledger."""

    name: str
    key: str
    cookies: Any = None
    token: str = ""

    def ask(self, method: str, address: str, body: Any = None) -> Any:
        """One request from a browser of its own, so that no answer changes the next one."""
        client = Client(raise_request_exception=False)
        if self.cookies is not None:
            client.cookies.load(self.cookies)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if address.startswith(MACHINE_DOORS) and method == "post":
            headers["Idempotency-Key"] = uuid4().hex
            return client.post(address, body or {}, content_type="application/json", headers=headers)
        return getattr(client, method)(address, body or {}, headers=headers)


@dataclass(slots=True)
class Scene:
    """The cases by their family, the callers, and numbers of things that exist."""

    cases: dict[str, Referral]
    viewers: tuple[Viewer, ...]
    numbers: dict[str, int]


def build() -> Scene:
    """Four cases of four senders, and two of a restricted person; three are listed for the MDT, and two have a letter."""
    at = now()
    set_the_scene(at=at)
    gp = User.objects.get(username="gp")
    people = (
        ("newcomer", "Y12345", "referrer", True),
        ("southmoor", "RYY02", "referrer", False),
        ("colleague", User.objects.get(username="ward").organisation_id, "referrer", False),
        ("offduty", "RXX01", "coordinator", False),
    )
    for name, code, role, registered in people:
        User.objects.create(
            username=name,
            name=f"Dr {name.title()}",
            role=role,
            organisation_id=code,
            is_demo=True,
            self_registered=registered,
            password=gp.password,
            email=f"{name}@example.nhs.uk",
        )
    senders = {
        "newcomer": "newcomer",
        "hospital": "ward",
        "neighbour": "southmoor",
        "restricted": "ward",
        "joined": "ward",
    }
    cases = {"practice": acknowledged("weakness", at=at, patient__family_name=FAMILIES["practice"])}
    for family, sender in senders.items():
        person = SAME_PERSON.get(family, family)
        identity = (
            {f"patient__{name}": value for name, value in RESTRICTED.items()}
            if person == "restricted"
            else {}
        )
        cases[family] = submitted(
            "weakness",
            at=at,
            by=sender,
            patient__family_name=FAMILIES[person],
            referrer__organisation_ods=actor(sender).organisation,
            **identity,
        )
    reference = cases["practice"].reference
    coordinator = actor("coordinator")
    list_for_mdt(reference, question="surgery", text="Please", act=act_by(coordinator, now()))
    letter = issue_letter(
        reference, "gp", recipient="The practice", text="As agreed", act=act_by(coordinator, now())
    )
    day = timedelta(days=1)
    meeting = plan_meeting(starts_at=at + day, cut_off_at=at + day, place="Room", by=coordinator, at=now())
    put_by_hand(meeting.pk, reference, text="On the list", by=coordinator, at=now())
    numbers = {
        "letter": letter.pk,
        "mdt_meeting": meeting.pk,
        "change_shift": Shift.objects.order_by("starts_at").last().pk,
        "user": gp.pk,
    }
    numbers |= _close(cases, meeting.pk)
    return Scene(cases=cases, viewers=tuple(_viewers(cases)), numbers=numbers)


def _close(cases: Mapping[str, Referral], meeting: int) -> dict[str, int]:
    """Fill the two cases of the restricted person with words that name them, and restrict the first."""
    by, words = actor("coordinator"), f"{FAMILIES['restricted']} hidden-words"
    for family in CLOSED:
        reference = acknowledge_referral(cases[family].reference, act=act_by(by, now())).reference
        list_for_mdt(reference, question="surgery", text=words, act=act_by(by, now()))
        put_by_hand(meeting, reference, text=words, by=by, at=now())
        send_message(reference, words, act=act_by(by, now()))
        add_addendum(reference, about=next(of_case(cases[family].pk)).number, text=words, by=by, at=now())
        reported = Fact(kind=REPORT_UNREAD, occurred_at=now(), data={"reference": reference})
        keep_unmatched_fact({"family_name": words}, reported, key=family, by=actor("client"), at=now())
    closed = cases["restricted"]
    picture = File(name=f"{words}.pdf", content_type="application/pdf", content=b"%PDF-1.4 hidden-words")
    file = add_attachment(closed.reference, picture, by=by, at=now())
    triage_referral(closed.reference, decision(closed), act=act_by(by, now()))
    restrict_record(closed.reference, text=words, by=by, at=now())
    seen_by_another = Sought(reference=closed.reference)
    opening = open_record(
        seen_by_another, reason="other", text="She is here", by=actor("gp"), at=now() - 2 * LASTS
    )
    made = TriageDecision.objects.get(referral=closed)
    return {"attachment": file.pk, "decision": made.ledger_line, "opening": opening.pk}


def _viewers(cases: Mapping[str, Referral]) -> Iterator[Viewer]:
    """Everybody who asks; the lead has said what they look at each record for."""
    for name in SIGHT:
        if name == "nobody":
            yield Viewer(name=name, key="anonymous")
        elif name.startswith("client:"):
            machine = Machine() if name.endswith("demo-hospital") else other_hospital()
            yield Viewer(name=name, key=_client_key(name), token=machine.token)
        else:
            browser = signed_in(name)
            if name == "lead":
                for family in (*FAMILIES, *SAME_PERSON):
                    state_purpose(browser, cases[family])
            yield Viewer(name=name, key=actor(name).key, cookies=browser.cookies.output(header=""))


def _client_key(name: str) -> str:
    from accounts.models import ApiClient

    return ApiClient.objects.get(client_id=name.partition(":")[2]).actor.key


def every_pattern(inside: Any = None) -> Iterator[URLPattern]:
    """Every address of the product, from its URL configuration."""
    for pattern in (inside or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from every_pattern(pattern)
        else:
            yield pattern


OF_A_CASE = "reference"
FHIR_OF_A_CASE = frozenset({"fhir_resource", "fhir_version"})  # their number is the reference
# Pages that ask for no person and no case.
SAME_FOR_ALL = frozenset(
    {
        "api_schema",
        "api_docs",
        "about",
        "guideline",
        "guideline_drawing",
        "guideline_rules",
        "live",
        "ready",
        "service",
        "push_worker",
    }
)


def address_of(pattern: URLPattern, scene: Scene, family: str) -> str:
    """The address with its parts filled in; a reference is that of this family's case."""
    if pattern.name == "fhir_nowhere":
        return "/fhir/R4/no/such/place/at/all"
    names = set(pattern.pattern.converters)
    values = {
        "number": scene.numbers.get(pattern.name, 1),
        "slug": STEPS[0].slug,
        "act": "contact",
        "code": "rfa",
        "name": "3",
        "view": "case",
        "token": "0" * 64,
        OF_A_CASE: scene.cases[family].reference,
    }
    values |= {"kind": "ServiceRequest", "version": "1", "delivery": 1}
    if pattern.name in FHIR_OF_A_CASE:
        values["number"] = values[OF_A_CASE]
    if "uuid" in str(pattern.pattern):
        values["number"] = "9f1c7d04-7f6c-4a57-8f6c-6e43ff8a4a1e"
    assert names <= set(values), f"{pattern.name}: say in the matrix what {names - set(values)} may be"
    return reverse(pattern.name, kwargs={name: values[name] for name in names})


def asked_for(pattern: URLPattern, viewer: Viewer) -> tuple[str, ...]:
    """The families whose case a caller asks for at this address; "" for an address of no case.

    What is the same for everybody is asked for by two of them.
    """
    if OF_A_CASE in pattern.pattern.converters or pattern.name in FHIR_OF_A_CASE:
        return SIGHT[viewer.name].asks
    return ("",) if pattern.name not in SAME_FOR_ALL or viewer.name in ("nobody", "coordinator") else ()


def body_of(page: str, address: str) -> dict[str, Any]:
    """What somebody would send who fills in the first form of this page that goes to the address."""
    forms = [
        form
        for form in read(page).all("form")
        if form.get("method").lower() == "post" and form.get("action") in ("", address)
    ]
    return _filled(forms[0]) if forms else {}


def _filled(form: Element) -> dict[str, Any]:
    """Every field: as it stands, else its first choice, else a word."""
    sent: dict[str, Any] = dict(form.fields())
    for element in form:
        name, kind = element.get("name"), element.get("type")
        if not name or any(sent.get(name, [""])) or kind in ("file", "hidden"):
            continue
        if element.tag == "select":
            options = [option.get("value") for option in element.all("option") if option.get("value")]
            sent[name] = options[:1]
        elif kind in ("radio", "checkbox"):
            sent[name] = [element.get("value") or "on"]
        elif element.tag in ("input", "textarea") and kind not in ("submit", "button"):
            sent[name] = ["1"]
    return sent


def views_since(number: int, *, by: str) -> list[Any]:
    """The lines after a number in which this caller viewed something."""
    return [
        entry
        for entry in entries(Search(actor=by), limit=20)
        if entry.number > number and "viewed" in str(entry.kind)
    ]


# What is asked for at addresses of no case besides: parts of a page, and what somebody would look for.
QUERIES: dict[str, tuple[str, ...]] = {
    "worklist": tuple(f"?show={show}" for show in SAVED),
    "worklist_rows": tuple(f"?show={show}" for show in SAVED),
    "open_record": ("?case={reference}",),
    "purpose": ("?case={reference}",),
    "audit": (
        "?case={reference}&show=all",
        "?show=decisions",
        "?kind=message_sent",
        "?kind=addendum_written",
    ),
    "openings": ("?show=reviewed",),
    "governance": ("?from=2026-01-01",),
    "exports": ("?file=measures", "?file=inequalities"),
    "inequalities": ("?from=2026-01-01",),
    "report_incident": ("?case={reference}",),
    "measure": ("?part=missed", "?part=running"),
    "mdt": ("?part=decided",),
}
