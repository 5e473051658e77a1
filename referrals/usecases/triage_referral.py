"""A coordinator decides the stream: accepts the suggestion, or overrides it with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.claims import refuse_if_claimed
from referrals.case.downgrade import open_review, refuse_unless_neurology_answered
from referrals.case.line_facts import ReferralTriaged
from referrals.case.models import Referral, TriageDecision
from referrals.case.move import move
from referrals.case.notes import NoteText, authorship, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action, Status
from referrals.correspondence.acknowledgement import acknowledgement_columns
from referrals.correspondence.notices import write_notice
from referrals.intake.codes import ADVICE_ANSWERS, ADVICE_TOPICS, INVESTIGATIONS, OVERRIDE_CODES, URGENCIES
from referrals.promises.reassessment import is_more_urgent, reclassify_clocks, start_clinical_clocks
from triage.assess import latest
from triage.guideline.rule import Stream
from triage.guideline.stored import StoredResult

ADVISED = frozenset({Stream.URGENT_ONCOLOGY, Stream.SAFETY_NET, Stream.OUTSIDE_PATHWAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageChoice:
    """The coordinator's entries. `advice` has answers by topic, `deviations` texts by topic."""

    stream: str
    override_code: str = ""
    override_text: str = ""
    investigations: tuple[str, ...] = ()
    urgency: str = ""
    advice: Mapping[str, str] = field(default_factory=dict)
    deviations: Mapping[str, str] = field(default_factory=dict)


def suggested_advice(result: StoredResult) -> dict[str, str]:
    """The suggested answer to each topic of NG234 1.1.16, from the guideline's advice: given, or not applicable."""
    codes = {advice["code"] for advice in result["advice"]}
    return {topic: "given" if codes & _CODES_OF[topic] else "not_applicable" for topic in ADVICE_TOPICS}


_CODES_OF: dict[str, set[str]] = {
    "pain": {"pain_assessment_and_plan", "adequate_analgesia", "consider_specialist_pain_service"},
    "spinal_stability": {"stability_advice_24h"},
    "immobilisation": {"start_immobilisation", "consider_immobilisation"},
    "dexamethasone": {
        "offer_dexamethasone_16mg",
        "continue_dexamethasone_16mg_daily",
        "hold_dexamethasone_discuss_haematology",
        "hold_dexamethasone_discuss_spinal_surgery",
        "consider_corticosteroid",
        "stop_dexamethasone",
    },
    "transfer": {"mri_whole_spine_24h", "mri_whole_spine_1w", "ct_instead_of_mri", "refer_urgent_oncology"},
}


@one_transaction()
def triage_referral(
    reference: str, decision: TriageChoice, *, act: Act, version: int | None = None
) -> Referral:
    """Decide the stream of a case with the advice given. `version` is the version that was on the screen."""
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=version)
    refuse_if_claimed(case, by=act.by, at=act.at)
    assessment = latest(case.pk)
    suggested = suggested_advice(assessment.result)
    override = _check(case, decision, suggested)
    is_lowering = _lowers_emergency(case, decision.stream)
    if is_lowering:
        refuse_unless_neurology_answered(case)
    old_stream, action = case.stream, _action(case, decision)
    line = move(
        case,
        action,
        by=act.by,
        at=act.at,
        facts=ReferralTriaged(
            suggested=case.suggested_stream,
            stream=decision.stream,
            stream_before=old_stream,
            assessment=assessment.ledger_line,
            override=decision.override_code,
            investigations=decision.investigations,
            urgency=decision.urgency,
            advice=dict(decision.advice),
            **override.bound,
        ),
        changes={
            "stream": decision.stream,
            "provisional": case.provisional and decision.stream == Stream.EMERGENCY,
            **({} if case.acknowledged_at else acknowledgement_columns(act.by, at=act.at)),
        },
    )
    write_notice(case, "decided", about=line, at=act.at)
    row = _keep_decision(case, decision, assessment.pk, override, line=line, by=act.by, at=act.at)
    advised = "given" in decision.advice.values()
    _move_clocks(case, old_stream=old_stream, advised=advised, act=act)
    if is_lowering:
        open_review(case, row, by=act.by, at=act.at)
    return case


def _action(case: Referral, decision: TriageChoice) -> Action:
    """Streams without a scan by this service end in advice; a case that is further on keeps its state."""
    further_on = case.status in (Status.AWAITING_MDT, Status.IN_TREATMENT)
    return Action.ADVISE if decision.stream in ADVISED and not further_on else Action.ACCEPT


def _check(case: Referral, decision: TriageChoice, suggested: Mapping[str, str]) -> NoteText:
    """Every problem of a decision at once, by field."""
    overrides = decision.stream != case.suggested_stream
    errors = {
        **(_override_problems(decision) if overrides else {}),
        **_investigation_problems(decision),
        **_advice_problems(decision, suggested),
    }
    if decision.stream not in set(Stream):
        errors["stream"] = ["Choose a stream"]
    if errors:
        raise Invalid("The decision is not complete", errors=errors)
    texts = [decision.override_text if overrides else ""]
    texts += [
        f"{ADVICE_TOPICS[topic]}: {text}" for topic, text in decision.deviations.items() if text.strip()
    ]
    return words("decision", "\n".join(text for text in texts if text.strip()), path="override_text")


def _override_problems(decision: TriageChoice) -> dict[str, list[str]]:
    problems = {}
    if decision.override_code not in OVERRIDE_CODES:
        problems["override_code"] = ["Choose the reason for deciding otherwise than the guideline suggests"]
    if not decision.override_text.strip():
        problems["override_text"] = ["Write in a few words why you decide otherwise"]
    return problems


def _investigation_problems(decision: TriageChoice) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if decision.stream not in (Stream.EMERGENCY, Stream.ONE_WEEK):
        return problems
    if not decision.investigations or set(decision.investigations) - set(INVESTIGATIONS):
        problems["investigations"] = ["Say which investigations are needed, or that none is"]
    if decision.urgency not in URGENCIES:
        problems["urgency"] = ["Say how urgent the investigations are"]
    return problems


def _advice_problems(decision: TriageChoice, suggested: Mapping[str, str]) -> dict[str, list[str]]:
    problems = {}
    for topic, label in ADVICE_TOPICS.items():
        answer = decision.advice.get(topic)
        if answer not in ADVICE_ANSWERS:
            problems[f"advice.{topic}"] = [f"{label}: say whether advice was given"]
        elif answer != suggested[topic] and not decision.deviations.get(topic, "").strip():
            problems[f"deviations.{topic}"] = [f"{label}: write why this differs from the guideline's advice"]
    return problems


def _lowers_emergency(case: Referral, stream: str) -> bool:
    return case.is_emergency and stream != Stream.EMERGENCY


def _keep_decision(
    case: Referral,
    decision: TriageChoice,
    assessment: int,
    override: NoteText,
    *,
    line: int,
    by: Actor,
    at: datetime,
) -> TriageDecision:
    note = override.write(case, line=line, by=by, at=at)
    row = TriageDecision(
        referral=case,
        assessment=assessment,
        suggested_stream=case.suggested_stream,
        stream=decision.stream,
        override_code=decision.override_code,
        investigations=list(decision.investigations),
        investigations_urgency=decision.urgency,
        advice=dict(decision.advice),
        note=note,
        ledger_line=line,
        **authorship(by, at=at),
    )
    return keep(row, line=line, by=by, at=at)


def _move_clocks(case: Referral, *, old_stream: str, advised: bool, act: Act) -> None:
    """Meet the clocks of acknowledgement and advice, start those of the stream, and end lowered ones as reclassified."""
    met_clocks = [
        ClockKind.ACKNOWLEDGE,
        ClockKind.TRIAGE_DECISION,
        *([ClockKind.COORDINATOR_ADVICE] if advised else []),
    ]
    start_clinical_clocks(case, act=act)
    clocks.stop(case.pk, met_clocks, because=Stopped.MET, stopped_at=act.at, by=act.by, at=act.at)
    if case.stream != old_stream and not is_more_urgent(case.stream, old_stream):
        reclassify_clocks(case, old_stream=old_stream, by=act.by, at=act.at)
