"""The facts in the ledger lines of webhooks: see `ledger.facts`. Pure."""

from ledger.facts import Facts


class WebhookChanged(Facts):
    webhook: int
    step: str
    kinds: list[str]


class WebhookReplayed(Facts):
    webhook: int
    delivery: int
    about: int  # the case


WebhookGivenUp = WebhookReplayed
