"""The kinds of acts on a referral that a webhook tells of: those that its referrer sees in the timeline."""

from ledger.kinds import Kind

KINDS = (
    Kind.REFERRAL_SUBMITTED,
    Kind.REFERRAL_ACKNOWLEDGED,
    Kind.REFERRAL_TRIAGED,
    Kind.REFERRAL_REDIRECTED,
    Kind.REFERRAL_CLOSED,
    Kind.REFERRAL_REOPENED,
    Kind.REFERRAL_WITHDRAWN,
    Kind.REFERRAL_ENTERED_IN_ERROR,
    Kind.WITHDRAWAL_ASKED,
    Kind.FINDINGS_CHANGED,
    Kind.DETAILS_RECORDED,
    Kind.DISPOSITION_DECIDED,
    Kind.ADVICE_GIVEN,
    Kind.EVENT_RECORDED,
    Kind.PICTURE_CHANGED,
    Kind.ORGANISATION_ADDED,
    Kind.LISTED_FOR_MDT,
    Kind.MDT_DECIDED,
    Kind.TREATMENT_DECIDED,
    Kind.PLAN_SIGNED,
    Kind.PATIENT_ACCEPTED,
    Kind.MESSAGE_SENT,
    Kind.ATTACHMENT_ADDED,
    Kind.ATTACHMENT_SCANNED,
    Kind.LETTER_ISSUED,
    Kind.CASES_MERGED,
    Kind.PERSON_IDENTIFIED,
    Kind.CLOCK_STARTED,
    Kind.CLOCK_STOPPED,
    Kind.CLOCK_BREACHED,
)
CODES = tuple(str(kind) for kind in KINDS)
