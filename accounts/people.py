"""Roles, duties and specialties, in the words of the screens. Pure."""

from enum import StrEnum

from kernel.actors import Role


class Duty(StrEnum):
    """A duty on the rota."""

    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    CONSULTANT = "consultant"
    MANAGER = "manager"
    LEAD = "lead"
    SPINAL_SURGERY = "spinal_surgery"
    RADIOLOGY = "radiology"
    ONCOLOGY = "oncology"
    ACUTE_ONCOLOGY = "acute_oncology"
    HAEMATOLOGY = "haematology"
    HISTOPATHOLOGY = "histopathology"
    PALLIATIVE_CARE = "palliative_care"
    PHYSIOTHERAPY = "physiotherapy"


ROLE_WORDS = {
    Role.REFERRER: "Referring clinician",
    Role.COORDINATOR: "MSCC coordinator",
    Role.MDT_MEMBER: "MDT member",
    Role.LEAD: "Clinical lead and governance",
    Role.ADMINISTRATOR: "Service administrator",
    Role.CLIENT: "Hospital system",
    Role.SYSTEM: "This service",
}
ACTING_ROLE_WORDS = {
    "coordinator": "MSCC coordinator",
    "covering_clinician": "covering clinician",
    "other_designated": "designated clinician",
}
DUTY_WORDS = {
    Duty.COORDINATOR: "MSCC coordinator",
    Duty.DEPUTY: "Covering clinician (deputy)",
    Duty.CONSULTANT: "On-call consultant oncologist",
    Duty.MANAGER: "Duty manager",
    Duty.LEAD: "Service lead",
    Duty.SPINAL_SURGERY: "Spinal surgery contact",
    Duty.RADIOLOGY: "Radiology contact",
    Duty.ONCOLOGY: "Oncology contact",
    Duty.ACUTE_ONCOLOGY: "Acute oncology contact",
    Duty.HAEMATOLOGY: "Haematology contact",
    Duty.HISTOPATHOLOGY: "Histopathology contact",
    Duty.PALLIATIVE_CARE: "Palliative care contact",
    Duty.PHYSIOTHERAPY: "Physiotherapy contact",
}
SPECIALTY_WORDS = {
    "acute_oncology": "Acute oncology",
    "haematology": "Haematology",
    "histopathology": "Histopathology",
    "oncology": "Oncology",
    "palliative_care": "Palliative care",
    "physiotherapy": "Physiotherapy",
    "radiology": "Radiology",
    "spinal_surgery": "Spinal surgery",
}
ROLES = [(role.value, words) for role, words in ROLE_WORDS.items() if role not in (Role.CLIENT, Role.SYSTEM)]
DUTIES = [(duty.value, words) for duty, words in DUTY_WORDS.items()]
SPECIALTIES = list(SPECIALTY_WORDS.items())
HOME = {
    Role.REFERRER: "referrals",
    Role.COORDINATOR: "worklist",
    Role.MDT_MEMBER: "mdt",
    Role.LEAD: "governance",
    Role.ADMINISTRATOR: "settings",
}


def role_in_words(role: str) -> str:
    """A role or acting role of the ledger in words; an unknown one of a later version as its code."""
    if role in ACTING_ROLE_WORDS:
        return ACTING_ROLE_WORDS[role]
    words = next((words for code, words in ROLE_WORDS.items() if code == role), role)
    return words if words[:2].isupper() else words.lower()  # MDT keeps its letters
