"""The groups of ledger kinds for the audit trail: to filter by, to count, and to show first."""

from collections import Counter
from collections.abc import Iterable

from ledger.kinds import VIEWS, WORDS, Kind

DECISIONS = (
    Kind.REFERRAL_TRIAGED,
    Kind.REFERRAL_REDIRECTED,
    Kind.DISPOSITION_DECIDED,
    Kind.ADVICE_GIVEN,
    Kind.REVIEW_DONE,
    Kind.FINDING_WITHDRAWN,
    Kind.FINDING_CONFIRMED,
    Kind.CLOCKS_NOT_NEEDED,
    Kind.COURSE_JUDGED,
    Kind.CARE_ANSWERED,
    Kind.OPINION_GIVEN,
    Kind.MDT_DECIDED,
    Kind.TREATMENT_DECIDED,
    Kind.PLAN_SIGNED,
    Kind.PATIENT_ACCEPTED,
    Kind.ARRIVAL_SETTLED,
    Kind.UNMATCHED_FACT_SETTLED,
    Kind.DEATH_DENIED,
    Kind.PERSON_IDENTIFIED,
    Kind.CASES_MERGED,
    Kind.MERGE_UNDONE,
    Kind.REFERRAL_CLOSED,
    Kind.REFERRAL_REOPENED,
    Kind.REFERRAL_WITHDRAWN,
    Kind.WITHDRAWAL_DECLINED,
    Kind.REFERRAL_ENTERED_IN_ERROR,
    Kind.CITATION_CONFIRMED,
    Kind.SETTING_CONFIRMED,
    Kind.RULESET_SIGNED,
    Kind.INCIDENT_INVESTIGATED,
)
ON_CALL = (
    Kind.SHIFT_CHANGED,
    Kind.HAND_OVER_TOLD,
    Kind.HAND_OVER_ACCEPTED,
    Kind.PAGE_ANSWERED,
    Kind.CONTACT_METHOD_CHANGED,
    Kind.CONTACT_METHOD_PROVEN,
    Kind.TEST_PAGE_SENT,
)
ADMINISTRATION = (
    Kind.USER_CHANGED,
    Kind.ORGANISATION_CHANGED,
    Kind.SITE_CHANGED,
    Kind.NHS_IDENTITY_CHANGED,
    Kind.NHS_ROLE_CHANGED,
    Kind.SETTING_CHANGED,
    Kind.SLOT_RECORDED,
    Kind.CLIENT_ADDED,
    Kind.CLIENT_CHANGED,
    Kind.CLIENT_REVOKED,
    Kind.CREDENTIAL_ADDED,
    Kind.CREDENTIAL_ENDED,
    Kind.WEBHOOK_CHANGED,
    Kind.WEBHOOK_REPLAYED,
    Kind.WEBHOOK_GIVEN_UP,
)
ACCESS = (
    Kind.SIGNED_IN,
    Kind.SIGNED_OUT,
    Kind.SIGN_IN_FAILED,
    Kind.SECOND_FACTOR_CHANGED,
    Kind.SECOND_FACTOR_WRONG,
    Kind.CONFIRMED_AGAIN,
    Kind.SESSION_ENDED,
    Kind.CALENDAR_LINK_MADE,
    Kind.ACCESS_LINK_SENT,
    Kind.ACCESS_LINK_USED,
    Kind.ACCESS_REFUSED,
    Kind.RECORD_OPENED,
    Kind.RECORD_NOT_FOUND,
    Kind.OPENING_REVIEWED,
    Kind.PURPOSE_STATED,
    Kind.SUBJECT_COPY_MADE,
    Kind.RECORD_RESTRICTED,
    Kind.RESTRICTION_CHANGED,
    Kind.RESTRICTION_LIFTED,
)
# Kinds that the service writes itself, or beside an act with its own line, in the singular and the plural.
COUNTED: dict[Kind, tuple[str, str]] = {
    Kind.PAGE_WRITTEN: ("page written", "pages written"),
    Kind.PAGE_SENT: ("page sent", "pages sent"),
    Kind.PAGE_FAILED: ("page not sent", "pages not sent"),
    Kind.RUNG_FOUND_NOBODY: ("rung that found nobody", "rungs that found nobody"),
    Kind.RUNG_PASSED_OVER: ("rung passed over", "rungs passed over"),
    Kind.CLOCK_STARTED: ("clock started", "clocks started"),
    Kind.CLOCK_STOPPED: ("clock stopped", "clocks stopped"),
    Kind.CLOCK_BREACHED: ("limit passed", "limits passed"),
    Kind.CLOCK_UPGRADED: ("clock overtaken", "clocks overtaken"),
    Kind.CLOCK_EXTENDED: ("clock given more time", "clocks given more time"),
    Kind.CLOCK_SNOOZED: ("clock kept quiet", "clocks kept quiet"),
    Kind.CLOCK_QUARANTINED: ("clock set aside", "clocks set aside"),
    Kind.REFERRAL_ASSESSED: ("assessment", "assessments"),
    Kind.PICTURE_CHANGED: ("change of what is known of the spine", "changes of what is known of the spine"),
    Kind.ATTACHMENT_SCANNED: ("file scanned", "files scanned"),
    Kind.NOTICE_SENT: ("notice to a referrer", "notices to referrers"),
    Kind.NOTICE_FAILED: ("notice not sent", "notices not sent"),
    Kind.ALARM_RAISED: ("alarm of the service", "alarms of the service"),
    Kind.SEAL_MADE: ("seal made", "seals made"),
    Kind.DOWNTIME_PACK_MADE: ("downtime pack made", "downtime packs made"),
    Kind.CASE_VIEWED: ("record viewed", "records viewed"),
    Kind.LIST_VIEWED: ("list viewed", "lists viewed"),
    Kind.DOCUMENT_VIEWED: ("document viewed", "documents viewed"),
    Kind.PRESENTATION_EVALUATED: ("presentation evaluated", "presentations evaluated"),
    Kind.AUDIT_VIEWED: ("look at the audit trail", "looks at the audit trail"),
    Kind.MEASURES_VIEWED: ("look at the measures", "looks at the measures"),
}
MACHINE = frozenset(COUNTED) - VIEWS
# Lines without a decision or an act of a person: the first view leaves them out. It shows kinds not grouped yet.
QUIET = frozenset(
    {
        *COUNTED,
        Kind.SIGNED_IN,
        Kind.SIGNED_OUT,
        Kind.CONFIRMED_AGAIN,
        Kind.ACCESS_LINK_SENT,
        Kind.ACCESS_LINK_USED,
    }
)
_NAMED = {*DECISIONS, *ON_CALL, *ADMINISTRATION, *ACCESS, *COUNTED}
GROUPS: dict[str, tuple[Kind, ...]] = {
    "Decisions": DECISIONS,
    "Work on a case": tuple(kind for kind in Kind if kind not in _NAMED),
    "On call": ON_CALL,
    "People and settings": ADMINISTRATION,
    "Signing in and access": ACCESS,
    "The service itself": tuple(kind for kind in Kind if kind in MACHINE),
    "Who saw what": tuple(kind for kind in Kind if kind in VIEWS),
}
CHOICES = {label: [(str(kind), WORDS[kind]) for kind in kinds] for label, kinds in GROUPS.items()}
# The views of the trail.
PEOPLE, ONLY_DECISIONS, EVERYTHING = "people", "decisions", "all"
SHOWS = {
    PEOPLE: "Decisions and acts of people",
    ONLY_DECISIONS: "Decisions only",
    EVERYTHING: "Everything",
}


def count_in_words(kinds: Iterable[str]) -> str:
    """The number of lines of each kind in words, such as: 3 pages sent, 1 clock started."""
    numbers = Counter(Kind(kind) for kind in kinds)
    return ", ".join(f"{number} {COUNTED[kind][number > 1]}" for kind, number in numbers.items())
