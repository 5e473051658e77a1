"""Which clocks a triage result starts. The limits of scan, advice and plan are NICE's; the service's own are settings."""

from dataclasses import dataclass

from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import ClockRule, ContactUrgency, Criterion, WarningRule

SUSPECTED_AT, MSCC_SUSPECTED_AT, SUBMITTED_AT = "clinician_suspected_at", "mscc_suspected_at", "submitted_at"

CLOCK_RULES: tuple[ClockRule, ...] = (
    ClockRule(
        id="clock.mri_24h", kind="mri", limit_hours=24, starts=MSCC_SUSPECTED_AT, formal=True,
        when=f.EMERGENCY & ~f.WHOLE_SPINE_IMAGED & f.KNOWN_CANCER,
        says="MRI of the whole spine is due within 24 hours of the suspicion of MSCC.",
        sources=(s.IMG_1, s.QS_3),
    ),
    ClockRule(
        id="clock.mri_24h.no_known_cancer", kind="mri", limit_hours=24, starts=MSCC_SUSPECTED_AT, formal=True,
        when=f.EMERGENCY & ~f.WHOLE_SPINE_IMAGED & ~f.KNOWN_CANCER,
        says="MRI of the whole spine is due within 24 hours of the suspicion of MSCC, whatever is known of cancer.",
        sources=(s.ANY_CANCER_CONTEXT, s.QS_3),
    ),
    ClockRule(
        id="clock.coordinator_advice", kind="coordinator_advice", limit_hours=24, starts=SUSPECTED_AT,
        formal=True, when=f.ONE_WEEK & f.KNOWN_CANCER,
        says="The coordinator's advice is due within 24 hours of the suspicion.",
        sources=(s.REC_3,),
    ),
    ClockRule(
        id="clock.coordinator_advice.no_known_cancer", kind="coordinator_advice", limit_hours=24,
        starts=SUSPECTED_AT, formal=True, when=f.ONE_WEEK & ~f.KNOWN_CANCER,
        says="The coordinator's advice is due within 24 hours of the suspicion, whatever is known of cancer.",
        sources=(s.ANY_CANCER_CONTEXT, s.QS_2A),
    ),
    ClockRule(
        id="clock.mri_1w", kind="mri", limit_hours=168, starts=SUSPECTED_AT, formal=True,
        when=f.ONE_WEEK & ~f.WHOLE_SPINE_IMAGED & f.KNOWN_CANCER,
        says="MRI of the whole spine is due within one week of the suspicion.",
        sources=(s.IMG_2, s.QS_2A),
    ),
    ClockRule(
        id="clock.mri_1w.no_known_cancer", kind="mri", limit_hours=168, starts=SUSPECTED_AT, formal=True,
        when=f.ONE_WEEK & ~f.WHOLE_SPINE_IMAGED & ~f.KNOWN_CANCER,
        says="MRI of the whole spine is due within one week of the suspicion, whatever is known of cancer.",
        sources=(s.ANY_CANCER_CONTEXT, s.QS_2A),
    ),
    ClockRule(
        id="clock.treatment_plan", kind="treatment_plan", limit_hours=168, starts=SUSPECTED_AT, formal=True,
        when=f.ONE_WEEK,
        says="A treatment plan is due within one week of the suspicion.",
        sources=(s.QS_2B,),
    ),
    ClockRule(
        id="clock.coordinator_advice.other", kind="coordinator_advice", limit_hours=24,
        starts=SUBMITTED_AT, formal=False,
        when=f.INSUFFICIENT | (f.URGENT_ONCOLOGY | f.SAFETY_NET | f.OUTSIDE_PATHWAY) & f.INSTABILITY,
        says="Advice from the coordinator is due within 24 hours of the referral.",
        sources=(s.NOT_ASSESSED, s.UNSTABLE_ANYWHERE),
    ),
    ClockRule(
        id="clock.stability_advice", kind="stability_advice", limit_hours=24, starts=SUBMITTED_AT, formal=False,
        when=f.INSTABILITY,
        says="Expert advice on the stability of the spine is due within 24 hours.",
        sources=(s.IMM_4,),
    ),
)  # fmt: skip

OVER_LIMIT = WarningRule(
    id="suspected_over_limit", code="suspected_over_limit",
    when=Criterion("a formal clock is past its limit", lambda situation: situation.over_limit),
    says="A limit counted from the suspicion has already passed: act now, and by telephone.",
    sources=(s.LATE_SUSPICION,),
)  # fmt: skip


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
