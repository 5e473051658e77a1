"""Links to the acts on a case, ready to print."""

from dataclasses import dataclass

from referrals.web.coordinator.acts import ACTS
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.search_words import SEARCH_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLink:
    """An act as a link to its form, or as the button that does it; `refused` says why it cannot be done now."""

    name: str
    text: str
    address: str
    drawer: bool
    refused: str
    at_once: bool
    button: str
    version: int
    words: str  # by which it is found too


def act_link(name: str, file: CaseFile) -> ActLink:
    """The link to an act by its name in ACTS, with the reason when it is refused now."""
    act = ACTS[name]
    return ActLink(
        name=name,
        text=act.title,
        address=act.address(file.case),
        drawer=act.has_form,
        refused=act.why_not(file),
        at_once=act.at_once,
        button=act.button,
        version=file.case.version,
        words=SEARCH_WORDS.get(name, ""),
    )


def offered_links(file: CaseFile, *names: str) -> tuple[ActLink, ...]:
    """The links to those of these acts that the reader may do now."""
    links = (act_link(name, file) for name in names) if file.may_act else ()
    return tuple(link for link in links if not link.refused)
