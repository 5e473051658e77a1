"""The pages of the referral form, in the order in which a clinician thinks: danger signs first. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from triage.guideline.findings import NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSection:
    """Fields under one heading; a group has the choice that none of its findings is present."""

    title: str
    paths: tuple[str, ...]
    group: str = ""
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStep:
    slug: str
    title: str
    sections: tuple[FormSection, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for section in self.sections for path in section.paths)


def _findings(questions: tuple[Question, ...]) -> tuple[str, ...]:
    return tuple(f"presentation.{question.path}" for question in questions)


CORD = FormStep(
    slug="cord",
    title="Danger signs",
    sections=(
        FormSection(
            title="Cancer",
            paths=(
                "presentation.cancer_context",
                "presentation.haematological_malignancy",
                "presentation.primary_site",
            ),
        ),
        FormSection(
            title="Neurology",
            group="neurology",
            paths=_findings(NEUROLOGY_QUESTIONS),
            hint="Any yes is an emergency. “Not assessed” is an honest answer and is never read as no.",
        ),
        FormSection(title="Saddle and sphincters", paths=("presentation.saddle_or_sphincter_signs",)),
    ),
)
PAIN = FormStep(
    slug="pain",
    title="Pain and stability",
    sections=(
        FormSection(title="Pain", group="pain", paths=_findings(PAIN_QUESTIONS)),
        FormSection(
            title="More about the pain",
            paths=(
                "clinical.pain_levels",
                "presentation.low_back_pain",
                "presentation.pain_severity",
                "presentation.movement_pain",
                "presentation.pain_controlled_by_analgesia",
                "presentation.instability_signs",
            ),
        ),
    ),
)
STATE = FormStep(
    slug="state",
    title="Scan safety and current state",
    sections=(
        FormSection(
            title="Scans and steroid",
            paths=(
                "presentation.mri_contraindicated",
                "presentation.imaging_finding",
                "presentation.imaging_report",
                "presentation.whole_spine_imaged",
                "presentation.dexamethasone_given",
                "clinical.dexamethasone.dose_mg",
                "clinical.dexamethasone.route",
                "clinical.dexamethasone.given_at",
                "presentation.active_infection",
                "clinical.gastrointestinal_bleed",
                "clinical.steroid_allergy",
                "clinical.diabetes",
            ),
        ),
        FormSection(
            title="Current state",
            paths=(
                "clinical.neurology_onset_at",
                "clinical.progression",
                "clinical.walking_now",
                "clinical.walking_two_weeks_ago",
                "clinical.bed_bound_two_weeks",
                "clinical.performance_status",
                "clinical.clinical_frailty_scale",
                "clinical.anticoagulant",
                "clinical.previous_radiotherapy",
                "clinical.immobilised_since",
                "clinical.resuscitation_and_wishes",
                "clinical.notes",
            ),
        ),
    ),
)
PATIENT = FormStep(
    slug="patient",
    title="Patient",
    sections=(
        FormSection(
            title="Who the patient is",
            paths=(
                "patient.family_name",
                "patient.given_name",
                "patient.date_of_birth",
                "patient.nhs_number",
                "patient.nhs_number_unknown_reason",
                "patient.identity_unknown",
            ),
        ),
        FormSection(
            title="Where the patient is",
            paths=("location.kind", "location.detail", "location.organisation_ods"),
        ),
        FormSection(
            title="More, if you have it",
            optional=True,
            paths=(
                "patient.sex",
                "patient.local_id",
                "patient.phone",
                "patient.postcode",
                "patient.ethnic_category",
                "patient.preferred_language",
                "patient.interpreter_needed",
                "patient.communication_needs",
            ),
        ),
    ),
)
YOU = FormStep(
    slug="you",
    title="You",
    sections=(
        FormSection(
            title="Your details",
            paths=(
                "referrer.name",
                "referrer.role",
                "referrer.organisation_ods",
                "referrer.callback_number",
                "referrer.email",
                "referrer.registration_number",
            ),
        ),
        FormSection(
            title="When",
            paths=("clinician_suspected_at", "mscc_suspected_at", "presented_at"),
            hint="Times are London times.",
        ),
    ),
)
WORRIED = FormSection(title="Your judgement", paths=("referrer_concern",))  # at the foot of every page
CALL = FormSection(
    title="The call",
    paths=(
        "called_at",
        "referrer.name",
        "referrer.role",
        "referrer.callback_number",
        "referrer.organisation_ods",
    ),
    hint="When the referrer rang. The time of entry is recorded separately.",
)
ON_PAPER = FormSection(
    title="It was taken on paper during downtime",
    paths=("received_at", "seen_by", "seen_at"),
    optional=True,
    hint="The clocks run from the times on paper, and the case is marked as entered later.",
)
# One screen for a telephone call: the call, the danger signs, the person, then the rest.
TELEPHONE = FormStep(
    slug="call",
    title="Telephone referral",
    sections=(
        CALL,
        *CORD.sections,
        *PATIENT.sections[:2],
        *PAIN.sections,
        *STATE.sections,
        FormSection(title="When", paths=("clinician_suspected_at", "mscc_suspected_at", "presented_at")),
        FormSection(
            title="More, if you have it",
            optional=True,
            paths=(*PATIENT.sections[2].paths, "referrer.email", "referrer.registration_number"),
        ),
        ON_PAPER,
    ),
)
STEPS: tuple[FormStep, ...] = (CORD, PAIN, STATE, PATIENT, YOU)
STEP_AT = {step.slug: step for step in (*STEPS, TELEPHONE)}
SHORT_PATH = (CORD, PATIENT, YOU)
CHECK = "check"
DANGER_SIGNS = tuple(path for section in CORD.sections[1:] for path in section.paths)


def after(step: FormStep, *, emergency: bool, pages: Collection[str] = (), changing: bool = False) -> str:
    """Where Continue leads. A changed answer leads back to the check page once every page has been filled in."""
    if step is TELEPHONE:
        return CHECK
    path = path_of(emergency=emergency)
    if changing or step not in path:
        return next((page.slug for page in path if page.slug not in pages), CHECK)
    position = path.index(step) + 1
    return path[position].slug if position < len(path) else CHECK


def before(step: FormStep, *, emergency: bool) -> str:
    """Where Back leads; empty on the first page."""
    if step is TELEPHONE:
        return ""
    path = SHORT_PATH if emergency and step in SHORT_PATH else STEPS
    position = path.index(step)
    return path[position - 1].slug if position else ""


def path_of(*, emergency: bool) -> tuple[FormStep, ...]:
    """The pages that are asked before a referral is sent: three in an emergency, with all the rest afterwards."""
    return SHORT_PATH if emergency else STEPS


def position_of(step: FormStep, *, emergency: bool, undecided: bool) -> str:
    """Which page of how many. Until something is answered nobody knows how many there are."""
    if step is TELEPHONE:
        return "Everything on one page"
    path = path_of(emergency=emergency)
    if step not in path:
        return f"In addition to the {len(path)} steps of an emergency"
    number = path.index(step) + 1
    if undecided:
        return f"Step {number} of {len(SHORT_PATH)} with a danger sign, or of {len(STEPS)} without"
    return f"Step {number} of {len(path)}"


def step_of(path: str) -> str:
    """The page on which a field is asked, so that an error can link to it."""
    return next((step.slug for step in STEPS if path in step.paths), CORD.slug)
