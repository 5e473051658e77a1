"""What a row is: one actionable line of the guideline, and what the software does about it."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    RECOGNISE = "recognise"
    CONTACT = "contact"
    IMMOBILISE = "immobilise"
    IMAGE = "image"
    PAIN = "pain"
    STEROID = "steroid"
    STABILITY = "stability"
    RADIOTHERAPY = "radiotherapy"
    SURGERY = "surgery"
    SUPPORT = "support"
    SERVICE = "service"


STAGE_WORDS: dict[str, str] = {
    Stage.RECOGNISE: "Recognise",
    Stage.CONTACT: "Contact",
    Stage.IMMOBILISE: "Immobilise",
    Stage.IMAGE: "Image",
    Stage.PAIN: "Pain and bone agents",
    Stage.STEROID: "Steroid",
    Stage.STABILITY: "Stability and prognosis",
    Stage.RADIOTHERAPY: "Radiotherapy",
    Stage.SURGERY: "Surgery and other interventions",
    Stage.SUPPORT: "Support and discharge",
    Stage.SERVICE: "Service",
}


class Who(StrEnum):
    """Who acts on a row."""

    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"
    RADIOLOGY = "radiology"
    ONCOLOGY = "oncology"
    HAEMATOLOGY = "haematology"
    SPINAL_SURGERY = "spinal_surgery"
    PHYSIOTHERAPY = "physiotherapy"
    MDT = "mdt"
    SERVICE = "service"


WHO_WORDS: dict[str, str] = {
    Who.REFERRER: "Referrer",
    Who.COORDINATOR: "Coordinator",
    Who.CLINICIAN: "Treating clinician",
    Who.RADIOLOGY: "Radiology",
    Who.ONCOLOGY: "Oncology",
    Who.HAEMATOLOGY: "Haematology",
    Who.SPINAL_SURGERY: "Spinal surgery",
    Who.PHYSIOTHERAPY: "Physiotherapy",
    Who.MDT: "MDT",
    Who.SERVICE: "Service",
}


class Verdict(StrEnum):
    HERE = "here"
    NOT_SOFTWARES = "not_softwares"
    NOT_YET = "not_yet"


VERDICT_WORDS: dict[str, str] = {
    Verdict.HERE: "In the software",
    Verdict.NOT_SOFTWARES: "Not for software",
    Verdict.NOT_YET: "Not yet in the software",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineRow:
    """One line: what it says in our words, who acts, where it comes from, and where the software does it.

    `places` are written kind:name (rule, advice, care, warning, clock, screen, field, judgement,
    event, setting, score, command, document, test). `why` says why it is not for
    software to do, or what is missing. A row that is here may have it as a note.
    """

    id: str
    stage: Stage
    who: tuple[Who, ...]
    says: str
    source: str
    confirmed: bool
    strength: str = ""
    limit: str = ""
    places: tuple[str, ...] = ()
    why: str = ""
    verdict: Verdict = Verdict.HERE

    def __post_init__(self) -> None:
        if self.verdict == Verdict.HERE and not self.places:
            raise ValueError(f"row {self.id} is here, but nowhere")
        if self.verdict != Verdict.HERE and not self.why:
            raise ValueError(f"row {self.id} has no reason")
