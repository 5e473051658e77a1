"""The demo's organisations, people, hospital system and rota."""

from collections.abc import Collection, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Max

from accounts.line_facts import OrganisationChanged, SettingChanged, UserChanged
from accounts.models import ApiClient, Organisation, Setting, User
from accounts.people import Duty
from kernel.actors import SERVICE, Role
from kernel.time import from_london, london_date
from ledger.append import append, append_all
from ledger.keep import add_all, keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from ledger.unit import NewEntry
from oncall.line_facts import ShiftChanged
from oncall.models import Shift
from referrals.case.line_facts import SiteChanged
from referrals.case.models import Site

PASSWORD = "demo-mscc-2026"
CLIENT_ID, CLIENT_SECRET = "demo-hospital", "demo-hospital-secret"
HOSPITAL, PRACTICE, NEIGHBOUR = "RXX01", "Y12345", "RYY02"
ORGANISATIONS = {
    HOSPITAL: "Northmoor General Hospital",
    PRACTICE: "Beck Lane Surgery",
    NEIGHBOUR: "Southmoor District Hospital",
}

# user name, name, role, organisation, job title, duties, specialty, telephone
PEOPLE: tuple[tuple[str, str, Role, str, str, tuple[str, ...], str, str], ...] = (
    ("gp", "Dr Priya Anand", Role.REFERRER, PRACTICE, "GP", (), "", "01632 960101"),
    ("ward", "Dr Tom Ellery", Role.REFERRER, HOSPITAL, "Ward doctor", (), "", "01632 960102"),
    (
        "coordinator",
        "Sister Grace Okoro",
        Role.COORDINATOR,
        HOSPITAL,
        "MSCC coordinator",
        ("coordinator",),
        "",
        "01632 960103",
    ),
    (
        "registrar",
        "Dr Leo Fenwick",
        Role.COORDINATOR,
        HOSPITAL,
        "Oncology registrar",
        ("deputy",),
        "",
        "01632 960104",
    ),
    (
        "consultant",
        "Dr Miriam Katz",
        Role.COORDINATOR,
        HOSPITAL,
        "Consultant clinical oncologist",
        ("consultant",),
        "oncology",
        "01632 960105",
    ),
    (
        "mdt",
        "Mr Alun Price",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Spinal surgeon",
        ("spinal_surgery",),
        "spinal_surgery",
        "01632 960106",
    ),
    ("mdt-oncology", "Dr Helen Moss", Role.MDT_MEMBER, HOSPITAL, "Oncologist", ("oncology",), "oncology", ""),
    (
        "mdt-haematology",
        "Dr Ravi Menon",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Haematologist",
        ("haematology",),
        "haematology",
        "",
    ),
    (
        "mdt-histopathology",
        "Dr Ines Duarte",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Histopathologist",
        ("histopathology",),
        "histopathology",
        "",
    ),
    (
        "mdt-acute-oncology",
        "Nurse Kit Barlow",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Acute oncology nurse",
        ("acute_oncology",),
        "acute_oncology",
        "",
    ),
    (
        "mdt-palliative",
        "Dr Joan Sayer",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Palliative care consultant",
        ("palliative_care",),
        "palliative_care",
        "",
    ),
    (
        "mdt-physiotherapy",
        "Amir Shah",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Specialist physiotherapist",
        ("physiotherapy",),
        "physiotherapy",
        "",
    ),
    (
        "mdt-radiology",
        "Dr Fiona Grey",
        Role.MDT_MEMBER,
        HOSPITAL,
        "Radiologist",
        ("radiology",),
        "radiology",
        "",
    ),
    (
        "lead",
        "Dr Samuel Adeyemi",
        Role.LEAD,
        HOSPITAL,
        "Clinical lead",
        ("manager", "lead"),
        "",
        "01632 960107",
    ),
    ("admin", "Robin Hale", Role.ADMINISTRATOR, HOSPITAL, "Service administrator", (), "", "01632 960108"),
)
SETTINGS = {
    "service_name": "Northmoor MSCC service",
    "telephone": "01632 960999",
    "link_domains": "example.nhs.uk",
}
SITES: dict[str, dict[str, Any]] = {
    HOSPITAL: {
        "mri_from": time(8),
        "mri_to": time(20),
        "mri_weekends": True,
        "protected_slots": 2,
        "receiving_unit": "Acute oncology unit",
        "telephone": "01632 960120",
    },
    NEIGHBOUR: {
        "direct_access": True,
        "receiving_unit": "Spinal unit, ward 7",
        "telephone": "01632 960130",
        "radiotherapy_hours": "every day, 08:00 to 18:00",
    },
}
HOLDERS = {
    Duty.COORDINATOR: "coordinator",
    Duty.DEPUTY: "registrar",
    Duty.CONSULTANT: "consultant",
    Duty.MANAGER: "lead",
    Duty.LEAD: "lead",
    Duty.SPINAL_SURGERY: "mdt",
    Duty.RADIOLOGY: "mdt-radiology",
    Duty.ONCOLOGY: "mdt-oncology",
    Duty.ACUTE_ONCOLOGY: "mdt-acute-oncology",
    Duty.HAEMATOLOGY: "mdt-haematology",
    Duty.HISTOPATHOLOGY: "mdt-histopathology",
    Duty.PALLIATIVE_CARE: "mdt-palliative",
    Duty.PHYSIOTHERAPY: "mdt-physiotherapy",
}
CONTACTS = frozenset(
    {
        Duty.ONCOLOGY,
        Duty.ACUTE_ONCOLOGY,
        Duty.HAEMATOLOGY,
        Duty.HISTOPATHOLOGY,
        Duty.PALLIATIVE_CARE,
        Duty.PHYSIOTHERAPY,
    }
)
ROTA_DAYS = 16  # more days than the search for gaps reads


@one_transaction()
def add_people(*, at: datetime) -> None:
    """Add everybody who can sign in to the demo, its client and its sites. Safe to repeat."""
    for code, name in ORGANISATIONS.items():
        if not Organisation.objects.filter(pk=code).exists():
            facts = OrganisationChanged(organisation=code)
            line = append(Kind.ORGANISATION_CHANGED, by=SERVICE, at=at, facts=facts)
            keep(Organisation(pk=code, name=name), line=line, by=SERVICE, at=at)
    password = make_password(PASSWORD)  # slow on purpose, so one for all
    usernames = set(User.objects.values_list("username", flat=True))
    users = [
        User(
            username=username,
            name=name,
            role=role.value,
            organisation_id=organisation,
            job_title=job,
            duties=list(duties),
            specialty=specialty,
            telephone=telephone,
            is_demo=True,
            email=f"{username}@example.nhs.uk",
            password=password,
            is_safety_officer=username == "lead",
        )
        for username, name, role, organisation, job, duties, specialty, telephone in PEOPLE
        if username not in usernames
    ]
    entries = [
        NewEntry(kind=Kind.USER_CHANGED, facts=UserChanged(user=user.username, role=user.role, new=True))
        for user in users
    ]
    add_all(users, lines=append_all(entries, by=SERVICE, at=at), by=SERVICE, at=at)
    for key, value in SETTINGS.items():
        if not Setting.objects.filter(pk=key).exists():
            change = SettingChanged({"setting": key, "to": value})
            line = append(Kind.SETTING_CHANGED, by=SERVICE, at=at, facts=change)
            keep(Setting(pk=key, value=value), line=line, by=SERVICE, at=at)
    _add_client()
    _add_sites(at=at)


def _add_client() -> None:
    if ApiClient.objects.filter(client_id=CLIENT_ID).exists():
        return
    ApiClient.objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        name="Demo hospital system",
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        organisation_id=HOSPITAL,
        allowed_scopes=[
            "triage:evaluate",
            "referrals:read",
            "referrals:write",
            "events:write",
            "measures:read",
            "pages:acknowledge",
            "webhooks:manage",
            "audit:read",
        ],
        is_demo=True,
    )


def _add_sites(*, at: datetime) -> None:
    """Add the sites: the hospital scans by day and keeps two slots; the cancer centre scans day and night."""
    for code, changes in SITES.items():
        if not Site.objects.filter(pk=code).exists():
            line = append(Kind.SITE_CHANGED, by=SERVICE, at=at, facts=SiteChanged(site=code))
            keep(Site(organisation_id=code, **changes), line=line, by=SERVICE, at=at)


@one_transaction()
def add_rota(*, at: datetime, by_the_week: Collection[Duty] = CONTACTS) -> None:
    """Add shifts from eight to eight in London, from last week to two weeks ahead: a week or a day each.

    Safe to repeat.
    """
    people = {user.username: user for user in User.objects.filter(username__in=HOLDERS.values())}
    last = dict(
        Shift.objects.order_by().values("duty").annotate(last=Max("ends_at")).values_list("duty", "last")
    )
    shifts = [
        shift
        for duty, username in HOLDERS.items()
        for shift in _shifts(
            duty,
            people[username],
            days=7 if duty in by_the_week else 1,
            after=last.get(duty.value),
            at=at,
        )
    ]
    entries = [
        NewEntry(
            kind=Kind.SHIFT_CHANGED,
            facts=ShiftChanged(
                duty=shift.duty,
                holder=f"user:{shift.holder_id}",
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
            ),
        )
        for shift in shifts
    ]
    add_all(shifts, lines=append_all(entries, by=SERVICE, at=at), by=SERVICE, at=at)


def _shifts(duty: Duty, holder: User, *, days: int, after: datetime | None, at: datetime) -> Iterator[Shift]:
    """The shifts of a duty that are not on the rota yet, of so many days each."""
    length = timedelta(days=days)
    first, end = london_date(at) - timedelta(days=8), london_date(at) + timedelta(days=ROTA_DAYS)
    day = max(first, london_date(after)) if after else first
    while day < end:
        starts, ends = (from_london(d, time(8)) for d in (day, day + length))
        taken_over = starts if starts <= at and duty == Duty.COORDINATOR else None
        yield Shift(duty=duty.value, holder=holder, starts_at=starts, ends_at=ends, taken_over_at=taken_over)
        day += length
