"""The answer to one message, by HTTP or MLLP: its content is recorded, and an ACK is made."""

import hashlib
from dataclasses import dataclass

from accounts import service as services
from accounts.act import Act
from accounts.machine_clients import may_call
from accounts.models import ApiClient
from api.exchange.fact_in import SentFact, receive_fact
from api.exchange.joined_numbers import read_joined_numbers, receive_joined_numbers
from api.hl7v2.facts import facts_of, joined_numbers_of
from api.hl7v2.message import Message, acknowledgement, read_message
from api.rest.representations import notices_json
from kernel.actors import Actor
from kernel.refusals import Denied, Refusal
from kernel.time import now
from ledger.append import canonical

SCOPE = "events:write"
NOTHING, NOBODY = "Nothing in this message is read here", "None of your referrals has the number that ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """An ACK with the HTTP status that says the same: AA taken, AE refused with the reason, AR not read."""

    text: str
    status: int = 200


def answer_message(raw: bytes, *, by: Actor) -> Acknowledged:
    """Take one message from a hospital system. What was refused is named in the ACK, with the number to ring."""
    message = None
    try:
        message = read_message(raw)
        texts_of_facts = _merges(message, by=by) or [_take(fact, by=by) for fact in facts_of(message)]
    except Refusal as refusal:
        return refused(refusal, message)
    return Acknowledged(
        text=acknowledgement("AA", to=message, text=" ".join(texts_of_facts) or NOTHING, at=now())
    )


def _take(fact: SentFact, *, by: Actor) -> str:
    """Record a fact, and return the notices for its sender. The same content again is the same fact."""
    content = [fact.kind, fact.occurred_at, dict(fact.data), fact.reference, dict(fact.person or {})]
    key = "v2:" + hashlib.sha256(canonical(content)).hexdigest()
    received = receive_fact(fact, key=key, act=Act(by=by, at=now(), service=services.current()))
    return " ".join(row["text"] for row in notices_json(received.notices)) or "Recorded"


def _merges(message: Message, *, by: Actor) -> list[str]:
    """The result of each merge in the message."""
    answers = []
    merges = joined_numbers_of(message)
    for joined in merges:
        read_joined_numbers(joined)  # all are right before the first is kept
    for joined in merges:
        received = receive_joined_numbers(joined, by=by, at=now())
        texts = [row["text"] for row in notices_json(received.notices)] if received else [NOBODY]
        answers.append(" ".join(texts))
    return answers


def answer_of_client(raw: bytes, client_id: str) -> str:
    """The ACK to a message of a hospital system that was known by its address or certificate; AR when it may not report facts."""
    client = ApiClient.objects.filter(client_id=client_id).first()
    if client is None or not may_call(client):
        return refused(Denied("This client is not known here"), None).text
    if SCOPE not in client.allowed_scopes:
        return refused(Denied(f"This needs the scope {SCOPE}"), None).text
    return answer_message(raw, by=client.actor).text


def refused(refusal: Refusal, message: Message | None) -> Acknowledged:
    """The ACK of a refusal: AR when the message could not be read at all."""
    text = f"{refusal.sentence}. MSCC coordinator: {services.telephone_now()}"
    code = "AR" if message is None else "AE"
    body = acknowledgement(code, to=message, text=text, errors=dict(refusal.errors), at=now())
    return Acknowledged(text=body, status=refusal.status)
