"""Which tables are bound row by row, and by which columns: declared in `forms.json`, compared with the models by a test.

A list that was in force once is kept: a row that was bound by it is verified by it for ever.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

DECLARED = Path(__file__).with_name("forms.json")
HISTORY = "_historical"

# Tables that nothing binds, each with its reason.
UNBOUND: Mapping[str, str] = {
    "ledger_line": "bound by its own chain and by the seals",
    "ledger_seal": "bound by its signature and by the next seal",
    "ledger_binding": "bound by the seals",
    "ledger_verification": "says when the ledger was checked, and proves nothing",
    "accounts_draft": "not sent: belongs to its writer alone, and is deleted",
    "accounts_accesslink": "a one-time link; asking for it and using it have their own lines",
    "accounts_apiclient": "a client of the interface, with its secret; its changes have their own lines",
    "accounts_clientcredential": "a secret or key of such a client; making and ending it have their own lines",
    "accounts_secondfactor": "counts its uses in place, and is deleted when its owner removes it; adding and removing it have their own lines",
    "accounts_opensession": "a browser that is signed in, deleted at the end; ending it has its own line",
    "accounts_nhsidentity": "which NHS identity is behind an account; linking, ending and losing it have their own lines",
    "accounts_nhsrole": "what an NHS role is here; adding and removing it have their own lines",
    "webhooks_webhook": "where a hospital system gets messages; making, changing and ending it have their own lines",
    "webhooks_delivery": "a message that names a line of the ledger and no more",
    "webhooks_attempt": "a try to deliver such a message",
    "webhooks_progress": "up to which line messages were written",
    "exchange_sentidentifier": "under which identifier a sender may repeat a referral; a memory of the interface",
    "exchange_card": "which advice a hospital record was shown; it names no person",
    "exchange_cardlink": "a one-time link, emptied when it is used",
    "exchange_cardfeedback": "what a clinician said of a card; no act on a case",
    "referrals_idempotencykey": "a memory of the interface, deleted after seven days",
    "referrals_downtimepack": "a printed copy, deleted after some days; making it has its own line",
    "referrals_place": "derived from case and clocks by the database itself",
    "oncall_heartbeat": "when a task last ran; overwritten every second",
    "oncall_way": "how a channel does; overwritten with each message",
}

# Columns that are left out of the bound content of a table without history, each with its reason.
LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "oncall_page": {
        "attempts": "counts tries; the end of them is bound",
        "next_attempt_at": "when the next try comes",
        "failure": "the words of the last try; a failure for good has a line",
    },
    "referrals_notice": {
        "attempts": "counts tries; the end of them is bound",
        "next_attempt_at": "when the next try comes",
        "failure": "the words of the last try; a failure for good has a line",
    },
}

# Columns in which a row may differ from its newest history, each with its reason.
LOOSE: Mapping[str, Mapping[str, str]] = {
    "oncall_clock": {
        "next_at": "when the sweep looks next; no deadline",
        "pass_on_at": "when the sweep passes the clock on; no deadline",
        "quarantined_at": "set aside and taken up again without an act; an alarm says so",
    },
    "referrals_attachment": {"next_scan_at": "when the scanner looks next"},
    "mdt_meeting": {"assembled_at": "when the list was last put together by rule"},
}

# Tables whose history may have versions without their own line, each with its reason.
LINELESS: Mapping[str, str] = {
    "oncall_clock": "the sweep climbs many clocks in one act, whose pages and breaches have lines",
}
HISTORY_COLUMNS = ("history_id", "history_date", "history_change_reason", "history_type", "history_user_id")

TAKEN_AWAY = frozenset(
    {"oncall_shift", "oncall_handover", "oncall_contactmethod", "oncall_owner", "referrals_sharedwith"}
)  # rows that an act takes away, with its own line


@cache
def forms() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """For each bound table its lists of columns, oldest first; the last one is in force. Forms count from 1."""
    declared: dict[str, list[str]] = json.loads(DECLARED.read_text())
    return {table: tuple(tuple(form.split()) for form in lists) for table, lists in declared.items()}


def history_of(table: str) -> str | None:
    """The table of history that binds this one; None where the row itself is bound."""
    app, name = table.split("_", 1)
    history = f"{app}{HISTORY}{name}"
    return history if history in forms() else None


def bound_tables() -> tuple[str, ...]:
    """Every table whose rows are bound, by themselves or by their history."""
    return tuple(sorted({table.replace(HISTORY, "_") for table in forms()}))


def declare(tables: Iterable[Any]) -> str:
    """The content of `forms.json` for these models: a changed list of columns is added as the newest."""
    lists = {table: [" ".join(form) for form in known] for table, known in forms().items()}
    by_name = {model._meta.db_table: model for model in tables}
    for name, model in sorted(by_name.items()):
        app, own = name.split("_", 1)
        if name in UNBOUND or f"{app}{HISTORY}{own}" in by_name:
            continue
        left_out = LEFT_OUT.get(name, {})
        columns = " ".join(
            field.column for field in model._meta.concrete_fields if field.column not in left_out
        )
        known = lists.setdefault(name, [])
        if not known or known[-1] != columns:
            known.append(columns)
    return json.dumps({name: lists[name] for name in sorted(lists)}, indent=1) + "\n"
