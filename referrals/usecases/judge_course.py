"""Judgements for treatment, such as stability, suitability and prognosis, which the rules of care use."""

from collections.abc import Mapping

from accounts.act import Act
from kernel.refusals import Invalid
from ledger.transaction import one_transaction
from referrals.arrival.consequences import judge
from referrals.case.case_facts import course_of_case
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock, refuse_if_changed
from triage.guideline.course import as_json, read_judgements


@one_transaction()
def judge_course(
    reference: str, judgements: Mapping[str, str], *, act: Act, version: int | None = None
) -> Referral:
    """Record judgements by name, ask the guideline again and update the clocks."""
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=version)
    answers, errors = read_judgements(judgements)
    current = as_json(course_of_case(case, service=act.service))
    changes = {name: value for name, value in answers.items() if current[name] != value}
    if not changes and not errors:
        errors["course"] = ["Nothing was changed"]
    if errors:
        raise Invalid("Some of this cannot be accepted", errors=errors)
    judge(case, changes, act=act)
    return case
