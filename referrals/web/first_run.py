"""The first steps of an installation: the first administrator, then what is still missing."""

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import queries
from accounts import service as services
from accounts.administration import Person, add_organisation, save_user
from accounts.models import User
from accounts.people import DUTY_WORDS
from accounts.web.actor import only
from accounts.web.entry import enter
from accounts.web.page import render
from accounts.web.settings import settings_page
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, NotFound
from kernel.time import now
from oncall.rota import gaps_ahead
from referrals.case.sites import sites
from triage.signature import release
from webkit.fields import Secret, Text
from webkit.forms import Form, PlainForm

INSTALLER = Actor(key="service", role=Role.ADMINISTRATOR, name="Installation")


def first_token() -> str:
    """The secret of the first address: known to the people who run the service, and valid until there is an administrator.

    It changes with every account that is added, so that one which was used never works again.
    """
    about = f"first administrator after {queries.newest_account()}"
    return hmac.new(settings.SECRET_KEY.encode(), about.encode(), "sha256").hexdigest()


def has_administrator() -> bool:
    """Whether an active administrator exists; a demo account counts only where the demo is on."""
    return queries.has_active(Role.ADMINISTRATOR, with_demo=settings.DEMO)


@never_cache
@sensitive_post_parameters("password")
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the address that `manage.py prepare` prints: makes the first administrator, once."""
    _refuse_used(token)
    form = FirstAdministrator.sent(request)
    if request.method == "POST":
        try:
            user = _make(form, token)
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            enter(request, user, way="link")
            return redirect("first_run")
    return render(
        request,
        "settings/first-administrator.jinja",
        status=form.status,
        title="First steps",
        **form.screen,
    )


def _refuse_used(token: str) -> None:
    if has_administrator() or not hmac.compare_digest(token.encode(), first_token().encode()):
        raise NotFound("There is no such page")


class FirstAdministrator(PlainForm):
    name = Text("Your name", autocomplete="name")
    username = Text("User name", hint="Letters, digits, dashes and full stops", autocomplete="username")
    email = Text("E-mail address", autocomplete="email")
    organisation = Text("ODS code of the service's organisation")
    organisation_name = Text("Name of that organisation")
    password = Secret("Password, at least 12 characters", autocomplete="new-password", width="full")


def _make(form: Form, token: str) -> User:
    """Make the account. Of two people who send the form at once, the second finds the page gone."""

    def refuse(user: User) -> None:
        queries.hold_first_administrator()
        _refuse_used(token)

    at, code = now(), form.text("organisation").strip().upper()
    if not queries.is_known_organisation(code):
        add_organisation(code, form.text("organisation_name"), by=INSTALLER, at=at)
    person = Person(
        role=Role.ADMINISTRATOR.value,
        organisation=code,
        username=form.text("username"),
        name=form.text("name"),
        email=form.text("email"),
        password=form.text("password"),
    )
    if not person.password:
        raise Invalid(
            "The password is missing", errors={"password": ["Enter a password of at least 12 characters"]}
        )
    return save_user(person, refuse=refuse, by=INSTALLER, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One step of setting up: what it is, whether it is done, and where it is done."""

    title: str
    done: bool
    standing: str
    address: str


@never_cache
@only(Role.ADMINISTRATOR)
def first_run(request: HttpRequest) -> HttpResponse:
    """What is set up and what is missing, from the settings, people and rota as they stand."""
    return settings_page(request, "settings/first-run.jinja", "First steps", tasks=tasks())


def tasks() -> tuple[Task, ...]:
    """The steps in their order."""
    service, at = services.current(), now()
    duties_covered, organisations = queries.duties_with_people(), queries.organisations().count()
    missing = [words for duty, words in DUTY_WORDS.items() if duty not in duties_covered]
    core = [words for duty, words in DUTY_WORDS.items() if duty in CORE and duty not in duties_covered]
    gaps = gaps_ahead(at=at)
    rungs = [service[f"rung_{name}"] for name in ("repage", "deputy", "consultant", "manager")]
    site_count, signed = len(sites()), release(service, at=at)
    referring = queries.has_active(Role.REFERRER)
    return (
        Task(
            title="Name and telephone number",
            done=bool(service.telephone_link),
            standing=f"{service.name}, {service.telephone}",
            address=reverse("settings"),
        ),
        Task(
            title="Organisations",
            done=organisations > 1,
            standing=f"{organisations} known",
            address=reverse("organisations"),
        ),
        Task(
            title="People for every duty",
            done=not core,
            standing="Nobody can hold: " + ", ".join(missing)
            if missing
            else "Every duty can be held by somebody",
            address=reverse("users"),
        ),
        Task(
            title="Ladders: who is paged after how many minutes",
            done=rungs == sorted(rungs),
            standing=f"Again after {service['rung_repage']}, deputy {service['rung_deputy']}, consultant "
            f"{service['rung_consultant']}, manager {service['rung_manager']} minutes",
            address=reverse("settings") + "#rung_repage",
        ),
        Task(
            title="Rota without gaps",
            done=not gaps,
            standing=f"{len(gaps)} gaps in the coordinator's duty in the next 14 days"
            if gaps
            else "No gap in the next 14 days",
            address=reverse("on_call"),
        ),
        Task(
            title="Sites",
            done=site_count > 0,
            standing=f"{site_count} known, where people are scanned and treated",
            address=reverse("sites"),
        ),
        Task(
            title="Referrers",
            done=referring or bool(service["link_domains"]),
            standing="Accounts, or one-time links to work addresses",
            address=reverse("settings") + "#link_domains",
        ),
        Task(
            title="Release by the clinical safety officer",
            done=signed.signed,
            standing=signed.words.rstrip("."),
            address=reverse("guideline"),
        ),
    )


CORE = frozenset({"coordinator", "deputy", "consultant", "manager"})
