"""The scene of the access matrix: who may see whom, every address with its parts filled in, and what a browser would send."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import service as services
from accounts.models import User
from kernel.time import now
from ledger.read import Search, entries
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.plan_meeting import plan_meeting
from mdt.usecases.put_on_agenda import put_by_hand
from oncall.models import Shift
from referrals.case.models import Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.restrict_record import restrict_record
from referrals.web.steps import STEPS
from tests.builders import acknowledged, act_by, actor, set_the_scene, submitted
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


MACHINE_DOORS = ("/api/", "/fhir/", "/hl7/", "/cds-services")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Whose cases a caller may see, and the two cases that it asks for: one that it may see, and a foreign one."""

    sees: frozenset[str] = frozenset()
    own: str = ""
    foreign: str = ""

    @property
    def asks(self) -> tuple[str, ...]:
        return tuple(family for family in (self.own, self.foreign) if family)


# First those who can open most pages, because their forms are what the others send.
# `restricted` was sent by `ward`; its MDT and the lead may know that it is there, and no more.
# `newcomer` is self-registered in the organisation of `gp`; `mdt` is of the specialty that the practice's case asks.
SIGHT: dict[str, Sight] = {
    "coordinator": Sight(sees=frozenset(FAMILIES), own="practice"),
    "lead": Sight(sees=frozenset(FAMILIES) - {"restricted"}, own="practice", foreign="restricted"),
    "gp": Sight(sees=frozenset({"practice", "newcomer"}), own="practice", foreign="hospital"),
    "newcomer": Sight(sees=frozenset({"newcomer"}), own="newcomer", foreign="practice"),
    "ward": Sight(sees=frozenset({"hospital", "restricted"}), foreign="practice"),
    "mdt": Sight(sees=frozenset({"practice"}), own="practice", foreign="hospital"),
    "admin": Sight(foreign="practice"),
    "nobody": Sight(foreign="practice"),
    "client:demo-hospital": Sight(
        sees=frozenset({"hospital", "restricted"}), own="hospital", foreign="practice"
    ),
    "client:other": Sight(sees=frozenset({"neighbour"}), own="neighbour", foreign="hospital"),
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
    """Four cases of four senders, and a restricted one; two are listed for the MDT, and one has a letter."""
    at = now()
    set_the_scene(at=at)
    gp = User.objects.get(username="gp")
    for name, code, registered in (("newcomer", "Y12345", True), ("southmoor", "RYY02", False)):
        User.objects.create(
            username=name, name=f"Dr {name.title()}", role="referrer", organisation_id=code, is_demo=True,
            self_registered=registered, password=gp.password, email=f"{name}@example.nhs.uk",
        )  # fmt: skip
    senders = {"newcomer": "newcomer", "hospital": "ward", "neighbour": "southmoor", "restricted": "ward"}
    cases = {"practice": acknowledged("weakness", at=at, patient__family_name=FAMILIES["practice"])}
    for family, sender in senders.items():
        organisation = actor(sender).organisation
        cases[family] = submitted(
            "weakness", at=at, by=sender, patient__family_name=FAMILIES[family],
            referrer__organisation_ods=organisation,
        )  # fmt: skip
    reference = cases["practice"].reference
    coordinator, service = actor("coordinator"), services.current()
    list_for_mdt(reference, question="surgery", text="Please", act=act_by(coordinator, now(), service))
    letter = issue_letter(
        reference, "gp", recipient="The practice", text="As agreed", act=act_by(coordinator, now(), service)
    )
    day = timedelta(days=1)
    meeting = plan_meeting(starts_at=at + day, cut_off_at=at + day, place="Room", by=coordinator, at=now())
    put_by_hand(meeting.pk, reference, text="On the list", by=coordinator, at=now())
    closed = acknowledge_referral(cases["restricted"].reference, act=act_by(coordinator, now())).reference
    list_for_mdt(closed, question="surgery", text="Please", act=act_by(coordinator, now(), service))
    put_by_hand(meeting.pk, closed, text="On the list", by=coordinator, at=now())
    restrict_record(closed, text="A colleague", by=coordinator, at=now())
    numbers = {
        "letter": letter.pk,
        "mdt_meeting": meeting.pk,
        "change_shift": Shift.objects.order_by("starts_at").last().pk,
        "user": gp.pk,
    }
    return Scene(cases=cases, viewers=tuple(_viewers(cases)), numbers=numbers)


def _viewers(cases: Mapping[str, Referral]) -> Iterator[Viewer]:
    """Everybody who asks; the lead has said what they look at the two records for."""
    for name in SIGHT:
        if name == "nobody":
            yield Viewer(name=name, key="anonymous")
        elif name.startswith("client:"):
            machine = Machine() if name.endswith("demo-hospital") else other_hospital()
            yield Viewer(name=name, key=_client_key(name), token=machine.token)
        else:
            browser = signed_in(name)
            if name == "lead":
                for family in SIGHT[name].asks:
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
        "slug": STEPS[0].slug, "act": "contact", "code": "rfa", "name": "3", "view": "case", "token": "0" * 64,
        OF_A_CASE: scene.cases[family].reference,
    }  # fmt: skip
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
        form for form in read(page).all("form")
        if form.get("method").lower() == "post" and form.get("action") in ("", address)
    ]  # fmt: skip
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
        entry for entry in entries(Search(actor=by), limit=20)
        if entry.number > number and "viewed" in str(entry.kind)
    ]  # fmt: skip
