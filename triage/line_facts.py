"""The facts in the ledger lines of the guideline: see `ledger.facts`. Pure."""

from ledger.facts import Bound, Facts


class ReferralAssessed(Bound):
    stream: str
    provisional: bool
    ruleset: str


class PresentationEvaluated(Facts):
    stream: str


class CitationConfirmed(Facts):
    row: str
    number: str


class SettingConfirmed(Facts):
    setting: str


class RulesetSigned(Facts):
    ruleset: str
    fingerprint: str
    settings: str
