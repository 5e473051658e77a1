"""The instants that clocks count from, and how soon the service promises that a human acknowledges a referral."""

from dataclasses import dataclass

from triage.guideline.rule import ContactUrgency

SUSPECTED_AT, MSCC_SUSPECTED_AT, SUBMITTED_AT = "clinician_suspected_at", "mscc_suspected_at", "submitted_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePromises:
    """How soon a human acknowledges, in hours: promises of the service, no limits of NICE."""

    emergency: float = 0.25
    voice_contact: float = 0.5
    insufficient_information: float = 1
    timely: float = 4
    other: float = 24

    def to_acknowledge(self, *, stream: str, contact: ContactUrgency) -> float:
        if contact == ContactUrgency.IMMEDIATELY:
            return self.emergency
        if stream == "insufficient_information":
            return self.insufficient_information
        if stream in ("one_week", "urgent_oncology") or contact == ContactUrgency.WITHIN_24_HOURS:
            return self.timely
        return self.other


DEFAULT_PROMISES = ServicePromises()
