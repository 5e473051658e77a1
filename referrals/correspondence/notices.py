"""Notices for the referrer, by e-mail and text message, without patient details.

Written in the transaction of the act they announce; sent afterwards, at least once.
"""

import re
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case.models import Notice, Referral

NOT_SEEN = "not_seen"  # about its clock
MOBILE = re.compile(r"(?:\+44|0)7\d{9}")
# The sentence of each kind, which may name only {reference}, {telephone} and {link}.
SENTENCES: dict[str, str] = {
    "submitted": "{reference} is on the coordinator's worklist. You will be told here when somebody has seen it.",
    "seen": "A human has seen {reference}. Who and when: open the referral.",
    "claimed": "{reference}: somebody is working on it now.",
    "decided": "{reference}: there is a decision. Open the referral to read the advice.",
    "accepted": "{reference}: somebody has accepted the patient. Who and when: open the referral.",
    "not_seen": "NOBODY HAS SEEN {reference} YET. Ring the MSCC coordinator now: {telephone}.",
    "message": "{reference}: the coordinator has written to you. Open the referral to read and answer.",
    "letter": "{reference}: there is a letter for you. Open the referral to read it.",
    "merged": "{reference} and another referral of the same person are one case now. Open it to see which.",
    "unmerged": "{reference} is a separate case again: the referral it was merged with is about another person.",
    "correction": "{reference} was entered in error. Do not act on what was sent about it. Ring {telephone}.",
}


# The e-mail subject of each kind: without the patient, and distinct in a list.
SUBJECTS: dict[str, str] = {
    "submitted": "sent, on the coordinator's worklist",
    "seen": "seen by a human",
    "claimed": "somebody is working on it",
    "decided": "there is a decision",
    "accepted": "the patient has been accepted",
    "not_seen": "NOBODY HAS SEEN IT YET: ring now",
    "message": "the coordinator has written to you",
    "letter": "there is a letter for you",
    "merged": "now one case with another referral",
    "unmerged": "a separate case again",
    "correction": "ENTERED IN ERROR: do not act on it",
}


def write_notice(case: Referral, kind: str, *, about: int, at: datetime) -> None:
    """Write a notice for every address of the referrer; safe to repeat."""
    Notice.objects.bulk_create(
        [
            Notice(
                referral=case,
                kind=kind,
                about=about,
                channel=channel,
                address=address,
                written_at=at,
                next_attempt_at=at,
            )
            for channel, address in addresses_of(case)
        ],
        ignore_conflicts=True,
    )


def addresses_of(case: Referral) -> list[tuple[str, str]]:
    """The addresses for notices to the referrer: the e-mail address, and a mobile call-back number."""
    addresses = []
    if email := case.referrer.get("email"):
        addresses.append(("email", email))
    number = re.sub(r"[\s()-]", "", case.referrer.get("callback_number") or "")
    if "sms" in settings.CHANNELS and MOBILE.fullmatch(number):
        addresses.append(("sms", number))
    return addresses


def subject_of(notice: Notice) -> str:
    """The subject of a notice, which follows the reference."""
    return SUBJECTS[notice.kind]


def text_of(notice: Notice, *, telephone: str) -> str:
    """The text of a notice, which names only the reference."""
    sentence = SENTENCES[notice.kind].format(reference=notice.referral.reference, telephone=telephone)
    link = settings.BASE_URL + reverse("referral", args=[notice.referral.reference])
    return f"{sentence} {link}"


def write_unseen_notices(*, at: datetime) -> None:
    """Tell the referrers of emergencies that nobody acknowledged in time to ring.

    It depends on the present state only, not on its last run, so that an outage hides nobody.
    """
    overdue = Clock.objects.filter(
        kind=ClockKind.ACKNOWLEDGE.value, stopped_at=None, due_at__lte=at, limit_hours__lte=1
    )
    notified = Notice.objects.filter(kind="not_seen").values("about")
    clock_of_case = dict(overdue.exclude(pk__in=notified).values_list("case", "pk"))
    for case in Referral.objects.filter(pk__in=clock_of_case).order_by("pk"):
        if case.pages_at_once:
            write_notice(case, "not_seen", about=clock_of_case[case.pk], at=at)
