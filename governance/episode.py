"""The data of one person's episode for the measures. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from referrals.evidence.scans import first_covered
from referrals.intake.codes import DISCHARGED_WITHOUT_PLAN

CT, INCIDENTAL, UPGRADED, RECLASSIFIED = "ct_instead", "incidental_imaging", "upgraded", "reclassified"
NEUROLOGY_OPEN = "neurology_open"
NOT_ACCEPTED, ENDED, NOT_DECIDED, NOT_JUDGED = (
    "not_accepted",
    "ended_before_limit",
    "not_decided",
    "not_judged",
)
TRANSFERRED, WITHOUT_PLAN, RUNNING, DEPUTY = "transferred", "without_plan", "still_running", "by_deputy"
FLAG_WORDS = {
    CT: "CT in place of a contraindicated MRI",
    INCIDENTAL: "Found by imaging before anybody suspected it",
    UPGRADED: "Neurology came later: counted in statements 3 and 4 as well",
    NEUROLOGY_OPEN: "Neurology not fully asked or examined: neither with it nor without",
    RECLASSIFIED: "Lowered by a coordinator since",
    NOT_ACCEPTED: "Not accepted into the one-week stream",
    ENDED: "The case ended before the limit",
    NOT_DECIDED: "No decision for radiotherapy is recorded",
    NOT_JUDGED: "Suitability for surgery or the person's wish is not recorded",
    TRANSFERRED: "Transferred to another hospital",
    **{
        f"{WITHOUT_PLAN}.{code}": f"Discharged without a plan: {words}"
        for code, words in DISCHARGED_WITHOUT_PLAN.items()
    },
    RUNNING: "The limit has not passed yet",
    DEPUTY: "By a deputy",
    "mri_contraindicated": "MRI contraindicated",
    "too_unwell": "Too unwell for imaging or treatment",
    "declined": "The person declines",
    "dying": "In the last days of life",
    "senior_not_named": "No senior clinician is named for the exception",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredScan:
    """One scan; `regions` are those that could be read."""

    at: datetime
    modality: str
    regions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPerson:
    """The characteristics of a person for the report of inequalities: codes of the form, empty where not recorded."""

    sex: str = ""
    age: int | None = None  # whole years at the first suspicion
    ethnic_category: str = ""
    needs_help: bool = False  # an interpreter, or other help to communicate
    referred_by: str = ""  # role of the first referrer


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredEpisode:
    """The data of one person's episode for the measures: aware instants, None for what did not happen.

    All referrals of the episode count as one, from the earliest suspicion. `neurology_at` is when neurology was
    first suspected; for a person who came with it, that is the suspicion itself.
    """

    reference: str
    references: tuple[str, ...] = ()
    person: MeasuredPerson = MeasuredPerson()
    suspected_at: datetime
    began_at: datetime  # the present symptoms: a scan since then is about them
    presented_at: datetime | None = None
    submitted_at: datetime | None = None
    contacted_at: datetime | None = None
    pain: bool = False
    came_with_neurology: bool = False
    neurology_at: datetime | None = None
    neurology_open: bool = False  # not fully asked or examined, and none found
    accepted_for_week: bool = False
    scans: tuple[MeasuredScan, ...] = ()
    reported_at: datetime | None = None
    mri_contraindicated: bool = False
    metastases_at: datetime | None = None  # reported without compression
    plan_agreed_at: datetime | None = None
    assessed_at: datetime | None = None  # need for, and urgency of, investigations
    assessed_by_deputy: bool = False
    mscc_at: datetime | None = None  # reported, by a report whose finding stands
    mscc_scanned_at: datetime | None = (
        None  # the scan of that report: a decision may come before the report is filed
    )
    coordinated: bool = False
    coordinated_by_deputy: bool = False
    surgery_suitable: str = "not_assessed"
    wants_radiotherapy: str = "not_assessed"
    radiotherapy_excluded: bool = False
    radiotherapy_decided_at: datetime | None = None  # not after surgery
    decided_at: datetime | None = None  # any treatment
    radiotherapy_at: datetime | None = None  # of that decision
    surgery_at: datetime | None = None
    treated_at: datetime | None = None
    discharged_at: datetime | None = None
    transferred: bool = False
    plan_signed_at: datetime | None = None  # with both assessments
    without_plan: str = ""  # the code of the exception
    ended_at: datetime | None = None  # withdrawn, closed or died
    reclassified: bool = False
    exceptions: frozenset[str] = frozenset()

    @property
    def shown_at(self) -> datetime | None:
        """When metastases were first shown, with compression or without."""
        return min((at for at in (self.mscc_at, self.metastases_at) if at is not None), default=None)

    @property
    def scans_count_from(self) -> datetime:
        """From when scans count: neurology after the first suspicion makes every earlier scan too old."""
        since = self.neurology_at
        if since is None or (self.came_with_neurology and since <= self.suspected_at):
            return self.began_at
        return since

    @property
    def incidental(self) -> bool:
        """Whether the scan that showed it came before anybody suspected it."""
        shown_at = self.shown_at
        scan_times = [scan.at for scan in self.scans if shown_at is not None and scan.at <= shown_at]
        return INCIDENTAL in self.exceptions or (bool(scan_times) and max(scan_times) < self.began_at)


def whole_spine_at(
    scans: Iterable[MeasuredScan], *, since: datetime | None = None, ct: bool = False
) -> datetime | None:
    """When scans together covered the whole spine: by MRI, or with `ct` by CT as well."""
    return first_covered((scan for scan in scans if ct or scan.modality == "mri"), since=since)
