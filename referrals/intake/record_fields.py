"""Every field of a complete record beyond those of the referral, in the groups of the form. Pure.

The coordinator's record of NG234 1.1.15 and the pain assessment of NG234 1.6 (number not confirmed).
Referrer and coordinator fill in one record; each value has its date and author.
"""

from dataclasses import dataclass

from referrals.intake.fields import (
    ANSWER,
    FIELD_AT,
    FieldSpec,
    code_field,
    date_field,
    flag_field,
    several_field,
    text_field,
    whole_field,
)

POWER = {
    "5": "5 normal",
    "4": "4 against resistance",
    "3": "3 against gravity",
    "2": "2 gravity eliminated",
    "1": "1 flicker",
    "0": "0 none",
    "nt": "Not testable",
}
MYOTOMES = {
    "c5": "C5 elbow flexion",
    "c6": "C6 wrist extension",
    "c7": "C7 elbow extension",
    "c8": "C8 finger flexion",
    "t1": "T1 finger abduction",
    "l2": "L2 hip flexion",
    "l3": "L3 knee extension",
    "l4": "L4 ankle dorsiflexion",
    "l5": "L5 great toe extension",
    "s1": "S1 ankle plantar flexion",
}
SIDES = {"left": "left", "right": "right"}
BLADDER = {
    "normal": "Normal",
    "urgency_or_hesitancy": "Urgency or hesitancy",
    "retention": "Retention",
    "incontinence": "Incontinence",
    "catheter": "Catheter",
    "not_assessed": "Not assessed",
}
BOWEL = {
    "normal": "Normal",
    "constipation": "New constipation",
    "incontinence": "Incontinence",
    "not_assessed": "Not assessed",
}
REDUCED = {"normal": "Normal", "reduced": "Reduced", "absent": "Absent", "not_assessed": "Not assessed"}
PLANTARS = {
    "flexor": "Both flexor",
    "extensor_left": "Extensor left",
    "extensor_right": "Extensor right",
    "extensor_both": "Extensor both",
    "not_assessed": "Not assessed",
}
PERFORMANCE = {
    "0": "0 fully active",
    "1": "1 restricted in strenuous activity",
    "2": "2 up more than half of the day",
    "3": "3 in bed or chair more than half of the day",
    "4": "4 wholly in bed or chair",
    "9": "Not recorded",
}
POSITION = {"flat": "Flat", "partial_elevation": "Partly raised", "other": "Another position"}
IMPACT = {"none": "None", "some": "Some", "severe": "Severe", "not_assessed": "Not assessed"}
COURSE_OF_PAIN = {
    "better": "Getting better",
    "same": "The same",
    "worse": "Getting worse",
    "unknown": "Not known",
}
EXCEPTIONS = {
    "mri_contraindicated": "MRI contraindicated, CT instead",
    "incidental_imaging": "Found by imaging before anybody suspected it",
    "too_unwell": "Too unwell for imaging or treatment",
    "declined": "The person declines",
    "dying": "In the last days of life",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGroup:
    """Fields that are asked together. A coordinator's group is not offered to referrers."""

    slug: str
    title: str
    fields: tuple[FieldSpec, ...]
    hint: str = ""
    by_coordinator: bool = False


def _own(*paths: str) -> tuple[FieldSpec, ...]:
    """Fields of the referral itself that may be completed later."""
    return tuple(FIELD_AT[path] for path in paths)


def _power() -> tuple[FieldSpec, ...]:
    return tuple(
        code_field(f"record.power_{myotome}_{side}", f"Power {words}, {side}", POWER)
        for myotome, words in MYOTOMES.items()
        for side in SIDES
    )


GROUPS: tuple[RecordGroup, ...] = (
    RecordGroup(
        slug="person",
        title="The person, contacts and needs",
        fields=(
            *_own(
                "patient.sex",
                "patient.local_id",
                "patient.phone",
                "patient.postcode",
                "patient.ethnic_category",
                "patient.preferred_language",
                "patient.interpreter_needed",
                "patient.communication_needs",
            ),
            text_field("record.gender", "Gender as the person states it"),
            text_field("record.next_of_kin", "Next of kin or carer, with telephone"),
            text_field("record.key_contact", "Whom to ring about the person"),
            text_field("record.gp_practice", "GP practice (ODS code or name)"),
            text_field("record.responsible_consultant", "Responsible consultant"),
            text_field("record.other_contact", "Another way to reach the referrer (bleep, ward)"),
            text_field(
                "record.individual_needs", "Individual needs, preferences and circumstances", notes=True
            ),
        ),
    ),
    RecordGroup(
        slug="cancer",
        title="Cancer, oncology and staging",
        fields=(
            text_field("record.histology", "Histology"),
            date_field("record.cancer_diagnosed_on", "Date of the cancer diagnosis"),
            text_field("record.stage", "Stage"),
            code_field(
                "record.known_bone_metastases", "Known bone metastases", ANSWER, default="not_assessed"
            ),
            code_field(
                "record.known_spinal_metastases", "Known spinal metastases", ANSWER, default="not_assessed"
            ),
            text_field("record.treating_oncologist", "Treating oncologist and centre"),
            text_field("record.systemic_treatment", "Systemic anticancer treatment now"),
            date_field("record.last_systemic_treatment_on", "Last systemic treatment on"),
            *_own("clinical.previous_radiotherapy"),
            text_field(
                "record.previous_radiotherapy_dose", "Dose and date of previous radiotherapy, if known"
            ),
            text_field("record.previous_spinal_surgery", "Previous spinal surgery"),
            text_field("record.oncology_assessment", "Oncology assessment", notes=True),
        ),
    ),
    RecordGroup(
        slug="neurology",
        title="Neurological assessment",
        hint="Power by the MRC scale. Leave empty what nobody examined.",
        fields=(
            *_own("clinical.neurology_onset_at", "clinical.progression"),
            *_power(),
            text_field("record.sensory_level", "Sensory level, with side"),
            text_field("record.reflexes", "Reflexes"),
            code_field("record.plantars", "Plantar responses", PLANTARS, default="not_assessed"),
            code_field("record.clonus", "Clonus", ANSWER, default="not_assessed"),
            code_field("record.saddle_sensation", "Saddle sensation", REDUCED, default="not_assessed"),
            code_field("record.anal_tone", "Anal tone", REDUCED, default="not_assessed"),
            code_field("record.bladder", "Bladder", BLADDER, default="not_assessed"),
            whole_field(
                "record.post_void_residual_ml", "Residual urine after voiding, ml", least=0, most=5000
            ),
            code_field("record.bowel", "Bowel", BOWEL, default="not_assessed"),
        ),
    ),
    RecordGroup(
        slug="function",
        title="Walking, performance and frailty",
        fields=(
            *_own(
                "clinical.walking_now",
                "clinical.walking_two_weeks_ago",
                "clinical.bed_bound_two_weeks",
                "clinical.performance_status",
            ),
            code_field(
                "record.performance_status_now", "Performance status (WHO) now", PERFORMANCE, default="9"
            ),
            *_own("clinical.clinical_frailty_scale"),
        ),
    ),
    RecordGroup(
        slug="pain",
        title="Pain assessment and plan",
        hint="A plan that is started or changed asks for a review within 24 hours.",
        fields=(
            *_own("clinical.pain_levels"),
            text_field("record.pain_characteristics", "Characteristics of the pain"),
            text_field("record.pain_cause", "Cause of the pain, as far as known"),
            code_field("record.pain_course", "Is the pain changing?", COURSE_OF_PAIN, default="unknown"),
            *(
                code_field(f"record.pain_impact_{name}", f"Impact on {words}", IMPACT, default="not_assessed")
                for name, words in (
                    ("daily", "daily activities and lifestyle"),
                    ("sleep", "sleep"),
                    ("work", "work, education or recreation"),
                    ("mood", "mood"),
                )
            ),
            text_field("record.pain_treatment", "Analgesia now, with its effect"),
            text_field(
                "record.pain_plan",
                "Pain plan agreed with the person: drugs and titration, coping, other options, when to seek more help",
                notes=True,
            ),
        ),
    ),
    RecordGroup(
        slug="medical",
        title="Other conditions and medicines",
        fields=(
            text_field("record.comorbidity", "Other conditions", notes=True),
            *_own(
                "clinical.diabetes",
                "clinical.anticoagulant",
                "clinical.active_infection",
                "clinical.gastrointestinal_bleed",
                "clinical.steroid_allergy",
            ),
            text_field("record.allergies", "Allergies"),
            text_field("record.infection_risk", "Infection risk, such as MRSA or C. difficile"),
        ),
    ),
    RecordGroup(
        slug="mri-safety",
        title="MRI safety",
        hint="A scan is abandoned when nobody has asked about these.",
        fields=(
            *(
                code_field(f"record.mri_{name}", words, ANSWER, default="not_assessed")
                for name, words in (
                    ("pacemaker", "Pacemaker or defibrillator"),
                    ("clips", "Aneurysm or other clips"),
                    ("cochlear", "Cochlear implant"),
                    ("metal", "Metal in the body or eye"),
                    ("stent", "Stent"),
                    ("claustrophobia", "Claustrophobia"),
                )
            ),
            text_field("record.mri_device", "Make and model of any device"),
            text_field("record.egfr", "eGFR, with its date"),
            whole_field("record.weight_kg", "Weight, kg", least=20, most=400),
        ),
    ),
    RecordGroup(
        slug="imaging",
        title="Imaging already done, and investigations",
        fields=(
            text_field("record.imaging_done", "Imaging done: modality, date, site and regions", notes=True),
            text_field("record.imaging_report", "Report", notes=True),
            flag_field("record.images_transferred", "The images have been transferred"),
            text_field("record.blood_count", "Full blood count"),
            text_field("record.urea_electrolytes", "Urea and electrolytes"),
            text_field("record.calcium", "Calcium"),
            text_field("record.liver", "Liver function"),
            text_field("record.clotting", "Clotting"),
            text_field("record.glucose", "Glucose or HbA1c"),
            text_field("record.myeloma_screen", "Myeloma screen"),
            text_field("record.psa", "PSA"),
            text_field("record.other_investigations", "Other investigations, with reports", notes=True),
        ),
    ),
    RecordGroup(
        slug="steroid",
        title="Steroid and position",
        fields=(
            code_field("record.ppi_given", "Gastric protection given", ANSWER, default="not_assessed"),
            text_field("record.steroid_not_given", "Why dexamethasone is not given, if so"),
            *_own("clinical.immobilised_since"),
            code_field("record.immobilised_position", "Position", POSITION),
        ),
    ),
    RecordGroup(
        slug="wishes",
        title="Consent and wishes",
        fields=(
            code_field("record.person_informed", "The person is informed", ANSWER, default="not_assessed"),
            code_field(
                "record.family_informed",
                "The family is informed, with consent",
                ANSWER,
                default="not_assessed",
            ),
            text_field("record.consent", "Consent or best-interests decision"),
            *_own("clinical.resuscitation_and_wishes"),
            text_field("record.advance_decisions", "Advance care plan, ReSPECT or refusal of treatment"),
            text_field("record.treatment_wishes", "What the person wants from treatment", notes=True),
        ),
    ),
    RecordGroup(
        slug="exceptions",
        title="Exceptions for the measures",
        by_coordinator=True,
        hint="A clock keeps running: an exception explains a limit that cannot be met, it never hides it.",
        fields=(
            several_field("record.exceptions", "Exceptions that apply to this case", EXCEPTIONS),
            text_field("record.exception_decided_by", "Senior clinician who decided, and when"),
        ),
    ),
)
RECORD_FIELDS: tuple[FieldSpec, ...] = tuple(
    spec for group in GROUPS for spec in group.fields if spec.path.startswith("record.")
)
RECORD_FIELD_AT = {spec.path: spec for spec in RECORD_FIELDS}
GROUP_AT = {group.slug: group for group in GROUPS}
COMPLETED_LATER: dict[str, FieldSpec] = {spec.path: spec for group in GROUPS for spec in group.fields}
PAIN_PLAN = "record.pain_plan"
TEXTAREAS = frozenset(
    spec.path for spec in COMPLETED_LATER.values() if spec.schema.get("maxLength", 0) > 1000
)
