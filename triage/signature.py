"""Sign-off: which numbers and settings a clinical lead has confirmed, and who signed for release."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.act import Act
from accounts.service import SETTING_AT, SETTINGS, Service
from kernel.actors import Actor
from kernel.refusals import Denied, Invalid
from kernel.text import fault, tidy
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from triage.guideline.rule import Citation
from triage.guideline.ruleset import NEWEST, fingerprint, in_force
from triage.line_facts import CitationConfirmed, RulesetSigned, SettingConfirmed
from triage.models import Confirmation, Signature

CITATION, SETTING = "citation", "setting"


def unconfirmed_citations() -> tuple[Citation, ...]:
    """Every citation whose number was not seen in print, once a row."""
    citations = {
        source.row: source
        for rule in NEWEST.rules
        for source in rule.sources
        if not source.confirmed and not source.decision
    }
    return tuple(citations.values())


def confirmed_numbers() -> dict[str, str]:
    """The numbers that were confirmed, by row: one query."""
    return dict(confirmed_citations().values_list("key", "value"))


def confirmed_citations() -> QuerySet[Confirmation]:
    """The confirmations of numbers, the newest of each row last, for a page that reads them with something else."""
    return Confirmation.objects.filter(about=CITATION).order_by("id")


def confirmations(about: str) -> dict[str, Confirmation]:
    """The newest confirmation by key."""
    return {
        confirmation.key: confirmation
        for confirmation in Confirmation.objects.filter(about=about).order_by("id")
    }


@one_transaction()
def confirm_citation(row: str, number: str, *, by: Actor, at: datetime) -> Confirmation:
    """Record that a lead has read this number in the guideline itself. Refuses (422) an incomplete number."""
    if row not in {citation.row for citation in unconfirmed_citations()}:
        raise Invalid("There is nothing to confirm here", errors={"row": ["Choose a row of the list"]})
    written = tidy(number)
    if fault(number, limit=20) or not written.replace(".", "").isdecimal() or written.count(".") < 2:
        raise Invalid(
            "The number is not complete", errors={row: ["Enter the number as printed, such as 1.5.7"]}
        )
    line = append(Kind.CITATION_CONFIRMED, by=by, at=at, facts=CitationConfirmed(row=row, number=written))
    return _keep(CITATION, row, written, line=line, by=by, at=at)


@one_transaction()
def confirm_setting(key: str, *, act: Act) -> Confirmation:
    """Record that a lead agrees to the present value of a setting. A later change needs a new confirmation."""
    if key not in SETTING_AT:
        raise Invalid("There is no such setting", errors={"key": ["Choose a setting of the list"]})
    value = str(act.service[key])
    line = append(Kind.SETTING_CONFIRMED, by=act.by, at=act.at, facts=SettingConfirmed(setting=key))
    return _keep(SETTING, key, value, line=line, by=act.by, at=act.at)


def _keep(about: str, key: str, value: str, *, line: int, by: Actor, at: datetime) -> Confirmation:
    return Confirmation.objects.create(
        about=about, key=key, value=value, at=at, by=by.key, by_name=by.name, ledger_line=line
    )


def digest_of_settings(service: Service) -> str:
    """A digest of the present values of the settings that change clinical behaviour."""
    values = {setting.key: service[setting.key] for setting in SETTINGS if setting.clinical}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Whether this ruleset and these settings are signed; by whom, or what has changed since."""

    signed: bool
    words: str


def release(service: Service, *, at: datetime) -> Release:
    """The state of release at an instant: one query."""
    last = Signature.objects.order_by("-id").first()
    ruleset = in_force(at)
    if last is None:
        return Release(
            signed=False, words="No clinical safety officer has signed this ruleset and these settings."
        )
    if (last.ruleset, last.fingerprint) != (ruleset.id, fingerprint(ruleset)):
        return Release(
            signed=False,
            words=f"The ruleset has changed since {last.by_name} signed: it needs a new signature.",
        )
    if last.settings != digest_of_settings(service):
        return Release(
            signed=False,
            words=f"A setting has changed since {last.by_name} signed: it needs a new signature.",
        )
    return Release(signed=True, words=f"Ruleset {ruleset.id} signed by {last.by_name}.")


@one_transaction()
def sign(*, act: Act, is_safety_officer: bool) -> Signature:
    """Sign the ruleset in force and the present settings."""
    if not is_safety_officer:
        raise Denied("Only a named clinical safety officer may sign")
    ruleset = in_force(act.at)
    signed = RulesetSigned(
        ruleset=ruleset.id,
        fingerprint=fingerprint(ruleset),
        settings=digest_of_settings(act.service),
    )
    line = append(Kind.RULESET_SIGNED, by=act.by, at=act.at, facts=signed)
    return Signature.objects.create(**signed, at=act.at, by=act.by.key, by_name=act.by.name, ledger_line=line)


def newest(most: int) -> Sequence[Signature]:
    """The newest signatures, at most `most`."""
    return list(Signature.objects.order_by("-id")[:most])


def confirmed_settings(service: Service) -> Mapping[str, bool]:
    """Which settings are confirmed at the value they have now."""
    confirmed = confirmations(SETTING)
    return {
        setting.key: setting.key in confirmed and confirmed[setting.key].value == str(service[setting.key])
        for setting in SETTINGS
    }
