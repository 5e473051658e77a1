"""The settings of the service: each with its default, its bounds, and the source of the default."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import DatabaseError, transaction

from accounts.models import Setting
from accounts.people import ROLE_WORDS, ROLES, SPECIALTY_WORDS
from kernel import telephone
from kernel.actors import Role
from kernel.text import fault, tidy

SECOND_FACTOR_ROLES = ", ".join(
    ROLE_WORDS[role].lower() for role in (Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR)
)
PROPOSED = "proposed by this product; no national figure exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKind:
    """One setting: a number of minutes or hours within bounds, or a line of text."""

    key: str
    label: str
    default: Any
    source: str
    unit: str = ""
    optional: bool = False
    least: int = 0
    most: int = 0
    listed: tuple[str, ...] = ()  # the words that the text may list, separated by commas
    dialled: bool = False  # a text that holds a telephone number
    of_access: bool = False  # about signing in; no clinical behaviour follows from it

    @property
    def clinical(self) -> bool:
        """Whether it changes what the software does: every limit does, a name does not."""
        return not self.of_access and (bool(self.unit or self.listed) or self.key == "under_18_route")

    def read(self, text: str) -> Any:
        """The value of a typed text; ValueError says what is wrong."""
        if self.listed:
            return self._read_list(text)
        if not self.unit:
            problem = fault(text)
            if problem or not (tidy(text) or self.optional):
                raise ValueError(problem or f"Enter {self.label.lower()}")
            if self.dialled and tidy(text) != self.default and not telephone.read(text).numbers:
                raise ValueError(
                    "Enter a number that can be dialled, such as 01632 960123: every page shows it"
                )
            return tidy(text)
        if not text.strip().isdecimal():
            raise ValueError(f"Enter a whole number of {self.unit}")
        number = int(text)
        if not self.least <= number <= self.most:
            raise ValueError(f"Enter a number of {self.unit} from {self.least} to {self.most}")
        return number

    def _read_list(self, text: str) -> str:
        names = [name.strip().lower() for name in text.split(",") if name.strip()]
        unknown = [name for name in names if name not in {words.lower() for words in self.listed}]
        if unknown or not names:
            raise ValueError(
                f"List, with commas, any of: {', '.join(words.lower() for words in self.listed)}"
            )
        return ", ".join(words.lower() for words in self.listed if words.lower() in names)


def _minutes(key: str, label: str, default: int, most: int, source: str = PROPOSED) -> SettingKind:
    return SettingKind(
        key=key, label=label, default=default, source=source, unit="minutes", least=1, most=most
    )


def _hours(key: str, label: str, default: int, most: int, source: str = PROPOSED) -> SettingKind:
    return SettingKind(key=key, label=label, default=default, source=source, unit="hours", least=1, most=most)


def _text(key: str, label: str, default: str, *, optional: bool = False) -> SettingKind:
    return SettingKind(key=key, label=label, default=default, source="set by the service", optional=optional)


def _quorum(key: str, label: str, default: str) -> SettingKind:
    return SettingKind(
        key=key, label=label, default=default, source=PROPOSED, listed=tuple(SPECIALTY_WORDS.values())
    )


SETTINGS: tuple[SettingKind, ...] = (
    _text("service_name", "Name of the service", "MSCC service"),
    replace(
        _text("telephone", "On-call telephone number", "not set: ask the hospital switchboard"), dialled=True
    ),
    _text(
        "under_18_route",
        "Where to refer somebody under 18",
        "the on-call paediatric oncology team through the hospital switchboard",
    ),
    _text(
        "link_domains",
        "Work e-mail domains that may ask for a one-time link to refer; empty switches it off",
        "",
        optional=True,
    ),
    _text(
        "downtime_email",
        "Where the downtime pack goes every day, by e-mail; empty sends it nowhere",
        "",
        optional=True,
    ),
    SettingKind(
        key="second_factor_roles",
        label="Who signs in with a second factor beside the password",
        default=SECOND_FACTOR_ROLES,
        source="NHS England multi-factor authentication policy, for those who see or change the whole service",
        listed=tuple(words for _, words in ROLES),
        of_access=True,
    ),
    _minutes("acknowledge_emergency", "A human acknowledges an emergency within", 15, 60),
    _minutes("voice_contact", "The coordinator speaks to the referrer of an emergency within", 30, 120),
    _hours(
        "acknowledge_insufficient", "A human acknowledges a referral without enough information within", 1, 4
    ),
    _hours("acknowledge_timely", "A human acknowledges a one-week or urgent oncology referral within", 4, 12),
    _hours("acknowledge_other", "A human acknowledges any other referral within", 24, 72),
    _minutes("triage_decision", "After acknowledging an emergency a triage decision follows within", 30, 120),
    _minutes("claim_lease", "A claim ends, unless its holder renews it, after", 30, 240),
    _minutes(
        "limit_mri_report",
        "An emergency scan is reported within",
        60,
        240,
        "proposed; the cauda equina pathway aims at one hour",
    ),
    _hours("limit_mri_report_other", "Any other scan is reported within", 24, 72),
    _hours(
        "limit_specialist_opinion",
        "A specialist gives an opinion within",
        2,
        24,
        "proposed, after the one published figure that was found",
    ),
    _hours("limit_decision_to_treat", "A decision to treat follows a report of MSCC within", 4, 24),
    _hours("limit_steroid_review", "Dexamethasone is reviewed after its start within", 24, 72),
    _hours("limit_discharge_plan", "A discharge plan is opened after admission within", 24, 72),
    _hours(
        "limit_physiotherapy",
        "Physiotherapy sees somebody after admission within",
        24,
        72,
        "one trust's local standard; no national figure exists",
    ),
    _hours(
        "limit_occupational_therapy",
        "Occupational therapy sees somebody after admission within",
        48,
        120,
        "one trust's local standard; no national figure exists",
    ),
    SettingKind(
        key="delivery_from",
        label="Pages that are not about an emergency are sent from",
        default=8,
        source=PROPOSED,
        unit="o'clock",
        least=5,
        most=12,
    ),
    SettingKind(
        key="delivery_to",
        label="Pages that are not about an emergency are sent until",
        default=20,
        source=PROPOSED,
        unit="o'clock",
        least=16,
        most=23,
    ),
    _minutes("rung_repage", "An unanswered emergency is paged again after", 10, 60),
    _minutes("rung_deputy", "The deputy is paged after", 15, 60),
    _minutes("rung_consultant", "The consultant is paged after", 30, 120),
    _minutes("rung_manager", "The duty manager is paged after", 45, 120),
    SettingKind(
        key="residual_urine",
        label="Residual urine after voiding that counts as bladder dysfunction, from",
        default=200,
        source="usual practice in the cauda equina pathway; not a NICE figure",
        unit="ml",
        least=50,
        most=600,
    ),
    _quorum("quorum_surgery", "An MDT decision on surgery needs", "oncology, radiology, spinal surgery"),
    _quorum(
        "quorum_radiotherapy", "An MDT decision on radiotherapy needs", "oncology, radiology, spinal surgery"
    ),
    _quorum(
        "quorum_supportive_care", "An MDT decision on supportive care needs", "oncology, palliative care"
    ),
    _quorum(
        "quorum_stability",
        "An MDT decision on stability and mobilising needs",
        "physiotherapy, spinal surgery",
    ),
    _quorum("quorum_other", "Any other MDT decision needs", "oncology"),
)
SETTING_AT = {setting.key: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Service:
    """The present settings: the stored values, else the defaults."""

    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def name(self) -> str:
        return str(self.values["service_name"])

    @property
    def telephone(self) -> str:
        return str(self.values["telephone"])

    @property
    def telephone_link(self) -> str:
        """The number for a tel: link; empty when no number is set."""
        numbers = telephone.read(self.telephone).numbers
        return numbers[0].link if numbers else ""


last_known_telephone = ""  # for the page that shows when the database does not answer


def telephone_now() -> str:
    """The on-call number; when the database does not answer, the last one that was read."""
    try:
        with transaction.atomic():
            return current().telephone
    except DatabaseError:
        return last_known_telephone


def current() -> Service:
    """The settings now: one query."""
    global last_known_telephone
    stored = dict(Setting.objects.values_list("key", "value"))
    service = Service({setting.key: stored.get(setting.key, setting.default) for setting in SETTINGS})
    last_known_telephone = service.telephone
    return service
