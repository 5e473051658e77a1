"""The ruleset printed for people: one entry a rule, with its condition in words and its citation."""

from collections.abc import Iterator
from dataclasses import dataclass

from triage.guideline.advice import ADVICE
from triage.guideline.care import CARE
from triage.guideline.rule import EDITIONS, STREAM_WORDS, Rule
from triage.guideline.ruleset import NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A heading and its rules."""

    title: str
    note: str
    rules: tuple[Rule, ...]


def chapters() -> tuple[Chapter, ...]:
    """The handbook, in the order in which the rules are read."""
    return (
        Chapter(
            title="Which stream",
            note="The first rule that holds sets the stream.",
            rules=NEWEST.stream_rules,
        ),
        Chapter(title="Whom to contact", note="The first rule that holds.", rules=NEWEST.contact_rules),
        Chapter(title="Which clocks", note="Every rule that holds.", rules=NEWEST.clock_rules),
        Chapter(title="Advice", note="Every rule that holds.", rules=NEWEST.advice_rules),
        Chapter(title="Warnings", note="Every rule that holds.", rules=NEWEST.warning_rules),
        Chapter(
            title="Treatment and care",
            note="Every rule that holds, asked again whenever something happens to the case.",
            rules=NEWEST.care_rules,
        ),
        Chapter(title="Cautions", note="They warn and never block.", rules=NEWEST.care_warnings),
    )


def outcome(rule: Rule) -> str:
    """What a rule leads to, in words."""
    for name in ("stream", "contact", "kind", "code"):
        value = getattr(rule, name, None)
        if value is not None:
            words = STREAM_WORDS.get(value, str(value)) if name == "stream" else str(value)
            words = words.replace("_", " ") if name == "contact" else words
            return words + (", provisional" if getattr(rule, "provisional", False) else "")
    return ""


def markdown() -> str:
    """The handbook as docs/guideline.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The guideline as it runs"
    yield ""
    yield f"Printed from `triage/guideline/`, ruleset {NEWEST.id}; a test compares the two. NG234 edition"
    yield f"{EDITIONS['NG234']}, QS56 edition {EDITIONS['QS56']}. “Number not confirmed” means that the number of the"
    yield "recommendation was not seen in print and waits for a clinical lead's check."
    for chapter in chapters():
        yield ""
        yield f"## {chapter.title}"
        yield ""
        yield chapter.note
        yield ""
        yield "| leads to | when | says | source |"
        yield "|---|---|---|---|"
        for rule in chapter.rules:
            sources = "; ".join(source.words for source in rule.sources)
            yield f"| {outcome(rule)} | {rule.when.words} | {rule.says} | {sources} |"
    yield ""
    yield "## What each advice code says"
    yield ""
    yield "| code | strength | text |"
    yield "|---|---|---|"
    for advice in (*ADVICE, *CARE):
        yield f"| `{advice.code}` | {advice.strength} | {advice.text} |"
