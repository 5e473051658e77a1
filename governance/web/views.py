"""The lead's pages: the audit trail, one decision, two comparisons, and the check of the ledger."""

from datetime import date, datetime, time
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.queries import organisation_rows
from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance import rulesets
from governance.access_log import record_audit_view
from governance.audit import PER_PAGE, audit_lines, decision_record, fold, people
from governance.audit_kinds import CHOICES, DECISIONS, ONLY_DECISIONS, PEOPLE, QUIET, SHOWS
from governance.checks import check_new
from governance.editions import MOST, compare_case, newest_cases, tally
from governance.web.days import day_of
from kernel.actors import Role
from kernel.identifiers import Reference
from kernel.refusals import NotFound
from kernel.time import from_london, near, now
from ledger.outside import NoSuchLine, proof_of, public_keys
from ledger.read import CODES, Search
from ledger.results import last_result
from ledger.seal import newest_seal
from referrals.web.purpose import ask_purpose, purpose_of

MOST_PROVEN = 200_000  # lines that a page reads to prove one, in less than a second
FILTERS = ("case", "person", "organisation", "kind", "show", "since", "until")


@never_cache
@only(Role.LEAD)
def audit(request: HttpRequest) -> HttpResponse:
    """Lines of the ledger. Filters are codes, references and dates; no patient is named in an address."""
    errors: dict[str, list[str]] = {}
    search = _search(request, errors)
    before = request.GET.get("before", "")
    lines = (
        ()
        if errors
        else audit_lines(
            search,
            before=int(before) if before.isdecimal() and len(before) < 18 else None,
            by=actor_of(request),
        )
    )
    record_audit_view(search, lines=len(lines), by=actor_of(request), at=now())
    return render(
        request,
        "governance/audit.jinja",
        status=422 if errors else 200,
        title="Audit trail",
        rows=fold(lines),
        older=_address(request, before=lines[-1].number) if len(lines) == PER_PAGE else "",
        newest=_address(request) if before else "",
        chosen=request.GET,
        people=people(),
        organisations=organisation_rows(),
        kinds=CHOICES,
        shows=SHOWS,
        show=_show(request),
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
    )


@never_cache
@only(Role.LEAD)
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """One decision with the data at that time."""
    record = decision_record(number, by=actor_of(request))
    if record is None:
        raise NotFound("There is no decision on this line")
    purpose = purpose_of(request, record.line.reference)
    if not purpose:
        return ask_purpose(request, record.line.reference)
    record_audit_view(
        Search(case=record.case), lines=1, by=actor_of(request), at=now(), decision=number, purpose=purpose
    )
    return render(request, "governance/decision.jinja", title=f"Decision on line {number}", record=record)


@never_cache
@only(Role.LEAD)
def compare_editions(request: HttpRequest) -> HttpResponse:
    """The stored cases under NG234 and CG75, with the differences."""
    comparisons = [compare_case(case) for case in newest_cases()]
    page = Paginator(comparisons, PER_PAGE).get_page(request.GET.get("page"))
    record_audit_view(Search(), lines=len(page.object_list), by=actor_of(request), at=now())
    return render(
        request,
        "governance/editions.jinja",
        title="Two editions compared",
        most=MOST,
        lines=[line for line, _ in page.object_list],
        tally=tally(comparison for _, comparison in comparisons),
        page=page,
    )


@never_cache
@only(Role.LEAD)
def compare_rulesets(request: HttpRequest) -> HttpResponse:
    """The stored cases under the previous ruleset and the one in force."""
    comparisons = [rulesets.compare_assessment(assessment) for assessment in rulesets.newest_assessments()]
    page = Paginator(comparisons, PER_PAGE).get_page(request.GET.get("page"))
    record_audit_view(Search(), lines=len(page.object_list), by=actor_of(request), at=now())
    return render(
        request,
        "governance/rulesets.jinja",
        title="Two rulesets compared",
        most=rulesets.MOST,
        before=rulesets.BEFORE.id,
        after=rulesets.AFTER.id,
        lines=page.object_list,
        tally=rulesets.tally(comparisons),
        page=page,
    )


@never_cache
@only(Role.LEAD)
def check_ledger(request: HttpRequest) -> HttpResponse:
    """The last checks of the ledger and the newest seal; after a POST what is new since then is checked now.

    All of it is never checked here: a job does that once a day.
    """
    at = now()
    if request.method == "POST":
        check_new(at=at)
    newest, whole = checks = last_result(), last_result(whole=True)
    return render(
        request,
        "governance/checked.jinja",
        title="Ledger check",
        newest=newest,
        whole=whole,
        seal=newest_seal(),
        keys=public_keys(),
        when={check.at: near(check.at, at=at) for check in checks if check},
    )


@never_cache
@only(Role.LEAD)
@require_GET
def line_proof(request: HttpRequest, number: int) -> HttpResponse:
    """The proof of one line as a file, which others can check without this service. It names no patient."""
    newest = newest_seal()
    if newest is not None and newest["lines"] > MOST_PROVEN:
        raise NotFound(
            f"The ledger is too long for this page. Ask the people who run the service for: manage.py ledger_proof {number}"
        )
    try:
        proof = proof_of(number)
    except NoSuchLine:
        raise NotFound(
            f"Line {number} has no proof yet. A seal is made every ten minutes: try again after the next one"
        ) from None
    record_audit_view(Search(), lines=1, by=actor_of(request), at=now())
    answer = JsonResponse(dict(proof), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="proof-of-line-{number}.json"'
    return answer


@require_GET
def seal_keys(request: HttpRequest) -> JsonResponse:
    """The public keys of the seals and the newest seal, for everybody. They hold hashes and numbers alone."""
    return JsonResponse({"public_keys": public_keys(), "seal": newest_seal()})


def _search(request: HttpRequest, errors: dict[str, list[str]]) -> Search:
    get = request.GET
    reference = get.get("case", "").strip()
    case = None
    if reference:
        try:
            case = Reference.read(reference).number
        except ValueError as problem:
            errors["case"] = [str(problem)]
    kind, show = get.get("kind", "") if get.get("kind", "") in CODES else "", _show(request)
    first = show == PEOPLE and not kind  # a chosen kind is always shown
    return Search(
        case=case,
        actor=get.get("person", ""),
        organisation=get.get("organisation", "").strip().upper(),
        kind=kind,
        only=frozenset(DECISIONS) if show == ONLY_DECISIONS and not kind else None,
        without=QUIET if first else frozenset(),
        by_service=not first,
        since=_midnight(get.get("since", ""), "since", errors),
        until=_midnight(get.get("until", ""), "until", errors, next_day=True),
    )


def _show(request: HttpRequest) -> str:
    show = request.GET.get("show", "")
    return show if show in SHOWS else PEOPLE


def _address(request: HttpRequest, **more: int) -> str:
    """The same search, from its newest line or below a line."""
    query = {name: value for name, value in request.GET.items() if name in FILTERS and value}
    return f"?{urlencode({**query, **more})}"


def _midnight(
    text: str, field: str, errors: dict[str, list[str]], *, next_day: bool = False
) -> datetime | None:
    day = day_of(text, field, errors)
    return None if day is None else from_london(date.fromordinal(day.toordinal() + next_day), time(0))
