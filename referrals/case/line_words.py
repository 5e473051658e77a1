"""The lines of the ledger in words: what happened, and its facts."""

from collections.abc import Mapping

from kernel.time import from_rfc3339
from ledger.kinds import Kind
from ledger.read import Entry
from oncall.kinds import OBLIGATIONS
from referrals.case.deterioration import WORSE, in_words_of
from referrals.case.line_details import DETAILS
from referrals.intake import codes

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)  # facts in the shape of another version


def title_of(entry: Entry) -> str:
    """What happened, in a few words. An event is named; worse neurology says what is worse and since when."""
    facts = entry.shared
    try:
        if WORSE in facts:
            since = from_rfc3339(facts["occurred_at"]) if "occurred_at" in facts else entry.at
            return in_words_of(facts[WORSE], since=since, at=entry.at)
        if entry.kind == Kind.EVENT_RECORDED:
            return codes.EVENT_WORDS.get(facts["event"]) or codes.INTERNAL_EVENT_WORDS[facts["event"]]
    except UNREADABLE:
        pass
    return entry.words


def details_of(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    """The facts of a ledger line in words. `names` has the names of actors by key."""
    describe = DETAILS.get(entry.kind)
    try:
        details = tuple(map(str, describe(entry.facts, entry.at))) if describe else ()
    except UNREADABLE as unknown:  # the rest of the timeline still opens
        details = (f"with {unknown}, which this version cannot put into words",)
    is_obligation = entry.shared.get("clock") in OBLIGATIONS
    if is_obligation and (about := names.get(f"subject:{entry.shared.get('subject')}")):
        details = (about, *details[1:])
    return (*(f"{preposition} {names.get(key, key)}" for key, preposition in people_of(entry)), *details)


def people_of(entry: Entry) -> list[tuple[str, str]]:
    """The keys of the people in the facts of a line, each with its preposition. A "to" may be a state instead."""
    facts = entry.shared
    keys = ((facts.get("recipient"), "to"), (facts.get("to"), "to"), (facts.get("of"), "from"))
    return [(str(key), preposition) for key, preposition in keys if str(key).startswith("user:")]
