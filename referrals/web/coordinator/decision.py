"""Acts that decide: acknowledgement, findings, stream, review and redirection."""

from kernel.refusals import Invalid
from oncall.kinds import ClockKind
from referrals.case.deterioration import worsenings
from referrals.case.states import Action
from referrals.intake import codes
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.extend_lease import extend_lease
from referrals.usecases.redirect_referral import redirect_referral
from referrals.usecases.review_decision import review_decision
from referrals.usecases.settle_arrival import settle_arrival
from referrals.usecases.snooze_clock import snooze_clock
from referrals.usecases.triage_referral import TriageChoice, triage_referral
from referrals.web.answers import presentation_of
from referrals.web.coordinator import forms
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.obligation_lines import quietable
from referrals.web.coordinator.record_lines import review_line
from triage.guideline.findings import QUESTIONS
from webkit.fields import Choice, Text
from webkit.forms import Fields


def _acknowledge(sent: SentAct) -> str:
    """Never refused for an old page: seeing a case is safe. Reports later changes, because their alarm ends with this."""
    before = sent.case
    case = acknowledge_referral(sent.reference, act=sent.act)
    done = "Acknowledged. The referrer sees your name"
    if sent.seen is None or case.version == sent.seen + 1:  # this act is the only one since
        return done
    worse = worsenings([before.pk], at=sent.at, acknowledged={before.pk: before.acknowledged_at})
    new = worse[before.pk].words if before.pk in worse else "read it again"
    return f"{done}. The case has changed since you opened your page: {new}"


def _findings(sent: SentAct) -> str:
    names = {name.removeprefix("presentation.") for name in sent.typed if name.startswith("presentation.")}
    answers = presentation_of(sent.typed, [q.path for q in QUESTIONS if q.path in names])
    complete_findings(sent.reference, answers, source=sent["source"], act=sent.act, version=sent.seen)
    return "The findings are saved and the guideline advice is updated"


def _triage(sent: SentAct) -> str:
    decision = TriageChoice(
        stream=sent["stream"],
        override_code=sent["override_code"],
        override_text=sent["override_text"],
        investigations=tuple(sent.typed.get("investigations", ())),
        urgency=sent["urgency"],
        advice=sent.prefixed("advice."),
        deviations=sent.prefixed("deviations."),
    )
    triage_referral(sent.reference, decision, act=sent.act, version=sent.seen)
    return "The decision is recorded"


def _redirect(sent: SentAct) -> str:
    redirect_referral(
        sent.reference, route=sent["route"], text=sent["text"], version=sent.seen, by=sent.by, at=sent.at
    )
    return "Redirected. The referrer sees where to"


def _review(sent: SentAct) -> str:
    if sent["agreed"] not in ("yes", "no"):
        raise Invalid("Say whether you agree", errors={"agreed": ["Say whether you agree"]})
    review_decision(
        sent.reference,
        sent.number("review"),
        agreed=sent["agreed"] == "yes",
        text=sent["text"],
        by=sent.by,
        at=sent.at,
    )
    return "The review is recorded"


def _review_inputs(file: CaseFile) -> Fields:
    return {
        "review": Choice("Which decision", _to_review(file), initial=next(iter(_to_review(file)), "")),
        "agreed": Choice("Do you agree?", {"yes": "Yes", "no": "No"}, kind="inline"),
        "text": Text("Comment", hint="Needed when you disagree"),
    }


def _to_review(file: CaseFile) -> dict[str, str]:
    """The decisions that wait for a second clinician, by number."""
    return {str(review.pk): review_line(review, at=file.at).what for review in file.open_reviews}


def _lease(sent: SentAct) -> str:
    extend_lease(sent.reference, reason=sent["reason"], by=sent.by, at=sent.at)
    return "Ten more minutes"


def _snooze(sent: SentAct) -> str:
    snooze_clock(
        sent.reference,
        sent.number("clock"),
        minutes=sent["minutes"],
        reason=sent["reason"],
        by=sent.by,
        at=sent.at,
    )
    return "The clock is quiet. Its limit has not changed"


def _settle_arrival(sent: SentAct) -> str:
    settle_arrival(sent.reference, text=sent["text"], by=sent.by, at=sent.at)
    return "Read. The case stays closed"


def _nothing_open(file: CaseFile) -> str:
    return "" if forms.open_findings(file.case) else "Every question has an answer. Correct one instead"


DECISION_ACTS = (
    CaseAct(
        name="acknowledge",
        title="Acknowledge",
        group=ActGroup.DECIDE,
        action=Action.ACKNOWLEDGE,
        button="Acknowledge",
        do=_acknowledge,
        warns=True,
        unless=lambda file: "" if file.runs(ClockKind.ACKNOWLEDGE) else "It has already been acknowledged",
    ),
    CaseAct(
        name="triage",
        title="Triage decision and advice",
        group=ActGroup.DECIDE,
        action=Action.ACCEPT,
        button="Record the decision",
        do=_triage,
        fields=lambda file: forms.triage(file.case, file.assessment.result),
    ),
    CaseAct(
        name="findings",
        title="Answer the open questions",
        group=ActGroup.DECIDE,
        action=Action.COMPLETE_FINDINGS,
        button="Save these answers",
        do=_findings,
        fields=lambda file: forms.findings(file.case),
        unless=_nothing_open,
    ),
    CaseAct(
        name="lease",
        title="Working on this: ten more minutes",
        group=ActGroup.DECIDE,
        action=Action.EXTEND_LEASE,
        button="Ten more minutes",
        do=_lease,
        fields=lambda file: {"reason": Choice("Why it takes longer", codes.LEASE_REASONS)},
        unless=lambda file: "" if file.runs(ClockKind.TRIAGE_DECISION) else "No triage decision is due",
    ),
    CaseAct(
        name="review",
        title="Review a decision that lowered an emergency",
        group=ActGroup.DECIDE,
        action=Action.REVIEW,
        button="Record the review",
        do=_review,
        fields=_review_inputs,
        unless=lambda file: "" if file.open_reviews else "No decision waits for a second clinician",
    ),
    CaseAct(
        name="snooze",
        title="Keep a clock quiet for a while",
        group=ActGroup.DECIDE,
        action=Action.SNOOZE,
        button="Keep it quiet",
        do=_snooze,
        fields=lambda file: forms.snoozing(quietable(file.running, at=file.at)),
        unless=lambda file: (
            "" if quietable(file.running, at=file.at) else "No running clock can be kept quiet"
        ),
    ),
    CaseAct(
        name="redirect",
        title="Not suspected MSCC: redirect",
        group=ActGroup.DECIDE,
        action=Action.REDIRECT,
        button="Redirect",
        follows="The case ends: its clocks stop and nobody is paged about it. You can open it again",
        do=_redirect,
        fields=lambda file: forms.redirect(),
    ),
    CaseAct(
        name="corrections",
        title="Correct a finding",
        group=ActGroup.MEND,
        action=Action.COMPLETE_FINDINGS,
        button="Correct",
        do=_findings,
        fields=lambda file: forms.corrections(file.case),
    ),
    CaseAct(
        name="settle-arrival",
        title="Something arrived after the end: it stays closed",
        group=ActGroup.END,
        action=Action.SETTLE_ARRIVAL,
        button="It stays closed",
        do=_settle_arrival,
        fields=lambda file: forms.reason("Why it stays closed"),
        unless=lambda file: "" if file.case.arrived_since else "Nothing has arrived since it ended",
    ),
)
