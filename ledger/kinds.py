"""The kinds of ledger lines."""

from enum import StrEnum


class Kind(StrEnum):
    """The kind of an act; `WORDS` has each as a timeline shows it."""

    # The case
    REFERRAL_SUBMITTED = "referral_submitted"
    REFERRAL_ASSESSED = "referral_assessed"
    REFERRAL_ACKNOWLEDGED = "referral_acknowledged"
    REFERRAL_TRIAGED = "referral_triaged"
    FINDINGS_CHANGED = "findings_changed"
    DISPOSITION_DECIDED = "disposition_decided"
    ADVICE_GIVEN = "advice_given"
    EVENT_RECORDED = "event_recorded"
    PICTURE_CHANGED = "picture_changed"
    FINDING_WITHDRAWN = "finding_withdrawn"
    FINDING_CONFIRMED = "finding_confirmed"
    ARRIVAL_SETTLED = "arrival_settled"
    FACT_KEPT_UNMATCHED = "fact_kept_unmatched"
    UNMATCHED_FACT_SETTLED = "unmatched_fact_settled"
    CONTACT_LOGGED = "contact_logged"
    REVIEW_OPENED = "review_opened"
    REVIEW_DONE = "review_done"
    REFERRAL_REDIRECTED = "referral_redirected"
    REFERRAL_CLOSED = "referral_closed"
    REFERRAL_REOPENED = "referral_reopened"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    WITHDRAWAL_DECLINED = "withdrawal_declined"
    REFERRAL_WITHDRAWN = "referral_withdrawn"
    REFERRAL_ENTERED_IN_ERROR = "referral_entered_in_error"
    ORGANISATION_ADDED = "organisation_added"
    LEASE_EXTENDED = "lease_extended"
    SNOOZED = "snoozed"
    OBLIGATION_ASKED = "obligation_asked"
    OBLIGATION_SETTLED = "obligation_settled"
    CLOCKS_NOT_NEEDED = "clocks_not_needed"
    PROMISE_KEPT = "promise_kept"
    COURSE_JUDGED = "course_judged"
    CARE_ANSWERED = "care_answered"
    SCORE_RECORDED = "score_recorded"
    DEATH_DENIED = "death_denied"
    LISTED_FOR_MDT = "listed_for_mdt"
    MEETING_PLANNED = "meeting_planned"
    MEETING_ENDED = "meeting_ended"
    PUT_ON_AGENDA = "put_on_agenda"
    AGENDA_APPROVED = "agenda_approved"
    AGENDA_ORDERED = "agenda_ordered"
    TAKEN_OFF_AGENDA = "taken_off_agenda"
    OPINION_GIVEN = "opinion_given"
    MDT_DECIDED = "mdt_decided"
    TREATMENT_DECIDED = "treatment_decided"
    PLAN_KEPT = "plan_kept"
    PLAN_SIGNED = "plan_signed"
    OUTCOME_RECORDED = "outcome_recorded"
    DETAILS_RECORDED = "details_recorded"
    NEWS_READ = "news_read"
    CASE_CLAIMED = "case_claimed"
    CASE_RELEASED = "case_released"
    CASE_HANDED_ON = "case_handed_on"
    HAND_ON_ACCEPTED = "hand_on_accepted"
    HAND_ON_DECLINED = "hand_on_declined"
    CASE_TAKEN_OVER = "case_taken_over"
    PATIENT_ACCEPTED = "patient_accepted"
    MESSAGE_SENT = "message_sent"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_SCANNED = "attachment_scanned"
    NOTICE_SENT = "notice_sent"
    NOTICE_FAILED = "notice_failed"
    SLOT_RECORDED = "slot_recorded"
    LETTER_ISSUED = "letter_issued"
    LETTER_READ = "letter_read"
    EPISODE_JOINED = "episode_joined"
    CASES_MERGED = "cases_merged"
    MERGE_UNDONE = "merge_undone"
    PERSON_IDENTIFIED = "person_identified"
    ADDENDUM_WRITTEN = "addendum_written"
    BACK_ENTERED = "back_entered"
    RECORD_ERASED = "record_erased"
    RECORD_OPENED = "record_opened"
    RECORD_NOT_FOUND = "record_not_found"
    OPENING_REVIEWED = "opening_reviewed"
    PURPOSE_STATED = "purpose_stated"
    SUBJECT_COPY_MADE = "subject_copy_made"
    INCIDENT_REPORTED = "incident_reported"
    INCIDENT_INVESTIGATED = "incident_investigated"
    RECORD_RESTRICTED = "record_restricted"
    RESTRICTION_CHANGED = "restriction_changed"
    RESTRICTION_LIFTED = "restriction_lifted"
    # Promises in time
    CLOCK_STARTED = "clock_started"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_BREACHED = "clock_breached"
    CLOCK_UPGRADED = "clock_upgraded"
    CLOCK_EXTENDED = "clock_extended"
    CLOCK_SNOOZED = "clock_snoozed"
    CLOCK_QUARANTINED = "clock_quarantined"
    ALARM_RAISED = "alarm_raised"
    PAGE_ANSWERED = "page_answered"
    PAGE_WRITTEN = "page_written"
    PAGE_SENT = "page_sent"
    PAGE_FAILED = "page_failed"
    RUNG_FOUND_NOBODY = "rung_found_nobody"
    RUNG_PASSED_OVER = "rung_passed_over"
    # Who saw what
    CASE_VIEWED = "case_viewed"
    LIST_VIEWED = "list_viewed"
    DOCUMENT_VIEWED = "document_viewed"
    PRESENTATION_EVALUATED = "presentation_evaluated"
    AUDIT_VIEWED = "audit_viewed"
    MEASURES_VIEWED = "measures_viewed"
    ACCESS_REFUSED = "access_refused"
    # People and settings
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    SECOND_FACTOR_WRONG = "second_factor_wrong"
    CONFIRMED_AGAIN = "confirmed_again"
    SESSION_ENDED = "session_ended"
    NHS_IDENTITY_CHANGED = "nhs_identity_changed"
    NHS_ROLE_CHANGED = "nhs_role_changed"
    USER_CHANGED = "user_changed"
    ORGANISATION_CHANGED = "organisation_changed"
    SETTING_CHANGED = "setting_changed"
    CITATION_CONFIRMED = "citation_confirmed"
    SETTING_CONFIRMED = "setting_confirmed"
    RULESET_SIGNED = "ruleset_signed"
    SHIFT_CHANGED = "shift_changed"
    HAND_OVER_TOLD = "hand_over_told"
    HAND_OVER_ACCEPTED = "hand_over_accepted"
    CONTACT_METHOD_CHANGED = "contact_method_changed"
    CONTACT_METHOD_PROVEN = "contact_method_proven"
    TEST_PAGE_SENT = "test_page_sent"
    SEAL_MADE = "seal_made"
    RECORDS_BOUND = "records_bound"
    ACCESS_LINK_SENT = "access_link_sent"
    ACCESS_LINK_USED = "access_link_used"
    CALENDAR_LINK_MADE = "calendar_link_made"
    SITE_CHANGED = "site_changed"
    DOWNTIME_PACK_MADE = "downtime_pack_made"
    # Hospital systems
    CLIENT_ADDED = "client_added"
    CLIENT_CHANGED = "client_changed"
    CLIENT_REVOKED = "client_revoked"
    CREDENTIAL_ADDED = "credential_added"
    CREDENTIAL_ENDED = "credential_ended"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_REPLAYED = "webhook_replayed"
    WEBHOOK_GIVEN_UP = "webhook_given_up"


WORDS: dict[Kind, str] = {
    Kind.REFERRAL_SUBMITTED: "Referral sent",
    Kind.REFERRAL_ASSESSED: "Assessed against the guideline",
    Kind.REFERRAL_ACKNOWLEDGED: "Acknowledged",
    Kind.REFERRAL_TRIAGED: "Triage decision",
    Kind.FINDINGS_CHANGED: "Findings completed or changed",
    Kind.DISPOSITION_DECIDED: "Where the patient goes",
    Kind.ADVICE_GIVEN: "Advice given",
    Kind.EVENT_RECORDED: "Event recorded",
    Kind.CONTACT_LOGGED: "Call or contact logged",
    Kind.REVIEW_OPENED: "Second review asked for",
    Kind.REVIEW_DONE: "Second review done",
    Kind.REFERRAL_REDIRECTED: "Not suspected MSCC: redirected",
    Kind.REFERRAL_CLOSED: "Closed",
    Kind.REFERRAL_REOPENED: "Opened again",
    Kind.WITHDRAWAL_ASKED: "Withdrawal asked for",
    Kind.WITHDRAWAL_DECLINED: "Withdrawal declined: the case goes on",
    Kind.REFERRAL_WITHDRAWN: "Withdrawn",
    Kind.REFERRAL_ENTERED_IN_ERROR: "Marked as entered in error",
    Kind.ORGANISATION_ADDED: "Another organisation given access",
    Kind.PROMISE_KEPT: "Done as promised",
    Kind.COURSE_JUDGED: "Judged for treatment",
    Kind.CARE_ANSWERED: "What was done about the guideline",
    Kind.SCORE_RECORDED: "Score recorded",
    Kind.DEATH_DENIED: "The report of death was wrong",
    Kind.LEASE_EXTENDED: "Working on this: ten more minutes",
    Kind.SNOOZED: "Kept quiet for a while",
    Kind.OBLIGATION_ASKED: "Somebody was asked",
    Kind.OBLIGATION_SETTLED: "Answered",
    Kind.CLOCKS_NOT_NEEDED: "Clean whole spine: clocks no longer needed",
    Kind.LISTED_FOR_MDT: "Listed for MDT",
    Kind.MEETING_PLANNED: "MDT meeting planned or changed",
    Kind.MEETING_ENDED: "MDT meeting ended",
    Kind.PUT_ON_AGENDA: "Put on the list of an MDT meeting",
    Kind.AGENDA_APPROVED: "Late addition to a meeting approved",
    Kind.AGENDA_ORDERED: "Order of a meeting's list changed",
    Kind.TAKEN_OFF_AGENDA: "Taken off the list of an MDT meeting",
    Kind.OPINION_GIVEN: "Specialist opinion",
    Kind.MDT_DECIDED: "MDT decision",
    Kind.TREATMENT_DECIDED: "Treatment decided or changed",
    Kind.PLAN_KEPT: "Management plan opened or changed",
    Kind.PLAN_SIGNED: "Management plan signed",
    Kind.OUTCOME_RECORDED: "Outcome recorded",
    Kind.DETAILS_RECORDED: "Record completed or changed",
    Kind.NEWS_READ: "What was added has been read",
    Kind.CASE_CLAIMED: "Claimed",
    Kind.CASE_RELEASED: "Released",
    Kind.CASE_HANDED_ON: "A colleague was asked to take the case",
    Kind.HAND_ON_ACCEPTED: "The case was taken from a colleague",
    Kind.HAND_ON_DECLINED: "A colleague did not take the case",
    Kind.CASE_TAKEN_OVER: "Taken over",
    Kind.PATIENT_ACCEPTED: "Responsibility for the patient accepted",
    Kind.MESSAGE_SENT: "Message",
    Kind.ATTACHMENT_ADDED: "File added",
    Kind.ATTACHMENT_SCANNED: "File scanned",
    Kind.NOTICE_SENT: "The referrer was told",
    Kind.NOTICE_FAILED: "The referrer could not be told",
    Kind.SLOT_RECORDED: "Protected MRI slot",
    Kind.LETTER_ISSUED: "Letter issued",
    Kind.LETTER_READ: "Letter read",
    Kind.EPISODE_JOINED: "Joined to an open episode",
    Kind.CASES_MERGED: "Merged with another referral of the same person",
    Kind.MERGE_UNDONE: "Merge undone: two people after all",
    Kind.PERSON_IDENTIFIED: "Person identified",
    Kind.PICTURE_CHANGED: "What is known of the spine has changed",
    Kind.FINDING_WITHDRAWN: "A finding of imaging was taken away",
    Kind.FINDING_CONFIRMED: "A finding of imaging was confirmed against another report",
    Kind.ARRIVAL_SETTLED: "What arrived after the end was looked at",
    Kind.FACT_KEPT_UNMATCHED: "A fact came before any referral and was kept",
    Kind.UNMATCHED_FACT_SETTLED: "A fact without a referral was settled",
    Kind.ADDENDUM_WRITTEN: "Addendum",
    Kind.BACK_ENTERED: "Entered after a downtime, with its true times",
    Kind.RECORD_ERASED: "Record deleted by law",
    Kind.RECORD_OPENED: "Record of somebody else’s patient opened with a reason",
    Kind.RECORD_NOT_FOUND: "Looked for a record to open with a reason, and found none",
    Kind.OPENING_REVIEWED: "Opening of the record reviewed",
    Kind.SUBJECT_COPY_MADE: "Copy of the record made for the patient",
    Kind.INCIDENT_REPORTED: "Incident reported",
    Kind.INCIDENT_INVESTIGATED: "Incident investigated",
    Kind.PURPOSE_STATED: "Purpose of looking at the record stated",
    Kind.RECORD_RESTRICTED: "Record restricted",
    Kind.RESTRICTION_CHANGED: "Who may see the restricted record changed",
    Kind.RESTRICTION_LIFTED: "Restriction ended",
    Kind.CLOCK_STARTED: "Clock started",
    Kind.CLOCK_STOPPED: "Clock stopped",
    Kind.CLOCK_BREACHED: "Limit passed",
    Kind.CLOCK_UPGRADED: "Clock overtaken by a more urgent one",
    Kind.CLOCK_EXTENDED: "Somebody is on it: more time",
    Kind.CLOCK_SNOOZED: "A clock kept quiet for a while",
    Kind.CLOCK_QUARANTINED: "A clock could not be processed and was set aside",
    Kind.ALARM_RAISED: "Alarm of the service itself",
    Kind.PAGE_ANSWERED: "Page answered from its link",
    Kind.PAGE_WRITTEN: "Page written",
    Kind.PAGE_SENT: "Page sent",
    Kind.PAGE_FAILED: "Page could not be sent",
    Kind.RUNG_FOUND_NOBODY: "Nobody on duty to page",
    Kind.RUNG_PASSED_OVER: "Not paged in time, passed over for a later page",
    Kind.CASE_VIEWED: "Record viewed",
    Kind.LIST_VIEWED: "List viewed",
    Kind.DOCUMENT_VIEWED: "Document viewed",
    Kind.PRESENTATION_EVALUATED: "Presentation evaluated",
    Kind.AUDIT_VIEWED: "Audit trail viewed",
    Kind.MEASURES_VIEWED: "Measures viewed",
    Kind.ACCESS_REFUSED: "Access refused",
    Kind.SIGNED_IN: "Signed in",
    Kind.SIGNED_OUT: "Signed out",
    Kind.SIGN_IN_FAILED: "Sign-in failed",
    Kind.SECOND_FACTOR_CHANGED: "Second factor added or removed",
    Kind.SECOND_FACTOR_WRONG: "Second factor was not right",
    Kind.CONFIRMED_AGAIN: "Identity confirmed again",
    Kind.SESSION_ENDED: "Session ended from another browser",
    Kind.NHS_IDENTITY_CHANGED: "NHS identity of an account changed",
    Kind.NHS_ROLE_CHANGED: "Meaning of an NHS role changed",
    Kind.USER_CHANGED: "User changed",
    Kind.ORGANISATION_CHANGED: "Organisation changed",
    Kind.SETTING_CHANGED: "Setting changed",
    Kind.CITATION_CONFIRMED: "Number of a recommendation confirmed",
    Kind.SETTING_CONFIRMED: "Setting confirmed",
    Kind.RULESET_SIGNED: "Ruleset and settings signed",
    Kind.SHIFT_CHANGED: "Shift changed",
    Kind.HAND_OVER_TOLD: "Hand-over written",
    Kind.HAND_OVER_ACCEPTED: "Duty taken over",
    Kind.CONTACT_METHOD_CHANGED: "Way of being paged changed",
    Kind.CONTACT_METHOD_PROVEN: "Way of being paged proven",
    Kind.TEST_PAGE_SENT: "Test page sent",
    Kind.SEAL_MADE: "Seal made",
    Kind.RECORDS_BOUND: "Records of an earlier version bound",
    Kind.ACCESS_LINK_SENT: "One-time link asked for",
    Kind.ACCESS_LINK_USED: "Signed in by a one-time link",
    Kind.CALENDAR_LINK_MADE: "Calendar address made",
    Kind.SITE_CHANGED: "Site changed",
    Kind.DOWNTIME_PACK_MADE: "Downtime pack made",
    Kind.CLIENT_ADDED: "Hospital system added",
    Kind.CLIENT_CHANGED: "Hospital system changed",
    Kind.CLIENT_REVOKED: "Hospital system revoked",
    Kind.CREDENTIAL_ADDED: "Secret or key of a hospital system added",
    Kind.CREDENTIAL_ENDED: "Secret or key of a hospital system ended",
    Kind.WEBHOOK_CHANGED: "Webhook added, changed or ended",
    Kind.WEBHOOK_REPLAYED: "Webhook sent again on request",
    Kind.WEBHOOK_GIVEN_UP: "Webhook given up after three days",
}

VIEWS = frozenset(
    {
        Kind.CASE_VIEWED,
        Kind.LIST_VIEWED,
        Kind.DOCUMENT_VIEWED,
        Kind.PRESENTATION_EVALUATED,
        Kind.AUDIT_VIEWED,
        Kind.MEASURES_VIEWED,
    }
)
