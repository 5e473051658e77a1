"""The calls of the FHIR door: mapping only. The use cases decide and refuse."""

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from api.exchange.referral_in import identifiers_of as sent_as_of
from api.fhir import arrivals, searches
from api.fhir.bundle_in import sent_alone
from api.fhir.cancellation import cancel
from api.fhir.door import FORM, FhirDoor, NotFhirType, answer, key_of, only_known, resource_of, sent_length
from api.fhir.outcomes import NotSupported, outcome
from api.fhir.questionnaire import NUMBER, questionnaire
from api.fhir.records_out import OF_CASE
from api.fhir.referral_out import etag, organisation, service_request
from api.fhir.surface import KIND_AT, NOTHING, RESULTS, Kind, capability
from api.fhir.transactions import answer_bundle, need_scopes
from kernel.refusals import NotFound
from kernel.time import now
from referrals.case.access_log import record_list, record_view
from referrals.case.models import Referral
from referrals.case.queries import find, visible_to


class CapabilityView(FhirDoor):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """The CapabilityStatement. It is open, and holds nothing about a patient."""
        only_known(request.query_params, ("_format", "mode"))
        return answer(capability(at=now()))


class NowhereView(FhirDoor):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def _refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("There is nothing at this address. See metadata for what this server can do")

    get = post = put = patch = delete = _refuse


class RootView(FhirDoor):
    def post(self, request: Request) -> Response:
        """A transaction or a batch."""
        only_known(request.query_params, ("_format",))
        body = resource_of(request, "Bundle")
        return answer_bundle(self, request, body)


class KindDoor(FhirDoor):
    """A call that names a kind of resource."""

    @property
    def kind(self) -> Kind:
        """The kind in the address; NotFound for one that this door does not have."""
        if self._name not in KIND_AT:
            raise NotFound("There is no such resource here. See metadata for what this server can do")
        return KIND_AT[self._name]

    @property
    def _name(self) -> str:
        # The check of a deployment looks at a view without an address.
        return str(getattr(self, "kwargs", {}).get("kind", ""))


class KindView(KindDoor):
    """A kind of resource: search by GET, create by POST."""

    @property
    def allowed_methods(self) -> list[str]:
        kind = KIND_AT.get(self._name, NOTHING)
        searched = "search-type" in kind.interactions
        return [name for name, holds in (("GET", searched), ("POST", kind.create)) if holds]

    def get(self, request: Request, kind: str) -> Response:
        """Search."""
        if "search-type" not in self.kind.interactions:
            self.http_method_not_allowed(request)
        return search(self, request, self.kind, params_of(request.query_params), in_body=False)

    def post(self, request: Request, kind: str) -> Response:
        """Create. A condition belongs in If-None-Exist, so a query here is refused: ignored, it would refer twice."""
        if not self.kind.create:
            self.http_method_not_allowed(request)
        only_known(request.query_params, ("_format",))
        if self.kind.name == "ServiceRequest":
            return self._refer(request)
        self.need("events:write")
        row = resource_of(request, self.kind.name)
        given = request.headers.get("Idempotency-Key", "").strip()
        received = arrivals.arrive_fact(
            row, sent_alone(row), key=key_of(request, row) if given else "", act=self.act()
        )
        place = arrivals.location_of(received, self.kind.name)
        headers = {"Location": place} if place else {}
        return answer(arrivals.outcome_of(received), status=201 if received.is_new else 200, headers=headers)

    def _refer(self, request: Request) -> Response:
        self.need("referrals:write")
        row, act = resource_of(request, "ServiceRequest"), self.act()
        sent = sent_alone(row)
        need_scopes(self, sent)
        given = request.headers.get("Idempotency-Key", "").strip()
        case, is_new, issues = arrivals.arrive_referral(
            row,
            sent,
            key=key_of(request, row) if given else "",
            condition=request.headers.get("If-None-Exist", ""),
            act=act,
        )
        if not is_new:
            record_view(case, by=act.by, at=act.at, part="fhir ServiceRequest")
        wants_outcome = "return=OperationOutcome" in request.headers.get("Prefer", "")
        body = outcome(issues) if wants_outcome and issues else request_json(case)
        return answer(
            body, status=201 if is_new else 200, headers=dict(arrivals.created(case, is_new=is_new))
        )


class SearchView(KindDoor):
    """A search whose parameters are in the body."""

    def post(self, request: Request, kind: str) -> Response:
        """Search with the parameters of the form, and of the address. Another body is refused: unread, it would find all."""
        if sent_length(request) and request._request.content_type != FORM:
            raise NotFhirType(f"Send the parameters as {FORM}")
        form = request._request.POST
        return search(
            self, request, self.kind, params_of(request.query_params) | params_of(form), in_body=True
        )


class ResourceView(KindDoor):
    """One resource."""

    @property
    def allowed_methods(self) -> list[str]:
        kind = KIND_AT.get(self._name, NOTHING)
        return [name for name, holds in (("GET", kind.read), ("PUT", kind.cancel)) if holds]

    def get(self, request: Request, kind: str, number: str, version: str = "") -> Response:
        """Read. `version` is that of now: earlier ones are not kept as FHIR."""
        if not self.kind.read:
            self.http_method_not_allowed(request)
        only_known(request.query_params, ("_format", "_summary"))
        self.need(self.kind.scope)
        if self.kind.name in _UNBOUND:
            return answer(_UNBOUND[self.kind.name](number))
        at = now()
        case = find(number.partition(".")[0], by=self.actor())
        if version and version != str(case.version):
            raise NotFound("Only the current version can be read")
        resource = next((row for row in OF_CASE[self.kind.name](case) if row["id"] == number), None)
        record_view(case, by=self.actor(), at=at, part=f"fhir {self.kind.name}")
        if resource is None:
            raise NotFound(f"There is no {self.kind.name} {number[:80]} that you can see")
        return answer(resource, headers={"ETag": etag(case), "Last-Modified": _http_date(case)})

    def put(self, request: Request, kind: str, number: str, version: str = "") -> Response:
        """Cancel a referral: status revoked or entered-in-error, with If-Match."""
        if not self.kind.cancel or version:
            self.http_method_not_allowed(request)
        only_known(request.query_params, ("_format",))
        self.need("referrals:write")
        row = resource_of(request, "ServiceRequest")
        actor, at = self.actor(), now()
        case, is_withdrawn = cancel(
            number, row, if_match=request.headers.get("If-Match", ""), by=actor, at=at
        )
        record_view(case, by=actor, at=at, part="fhir ServiceRequest")
        return answer(request_json(case), status=200 if is_withdrawn else 202, headers={"ETag": etag(case)})


def _http_date(case: Referral) -> str:
    return case.updated_at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def request_json(case: Referral) -> dict[str, Any]:
    """A referral with its senders' identifiers."""
    return service_request(case, sent_as=sent_as_of([case])[case.pk])


def _organisation(number: str) -> dict[str, Any]:
    row = Organisation.objects.filter(ods_code=number.upper()[:9]).first() if number.isprintable() else None
    if row is None:
        raise NotFound("There is no such organisation here")
    return organisation(row.ods_code, row.name)


def _questionnaire(number: str) -> dict[str, Any]:
    if number != NUMBER:
        raise NotFound(f"The questionnaire here is {NUMBER}")
    return questionnaire()


_UNBOUND = {"Organization": _organisation, "Questionnaire": _questionnaire}


def params_of(query: Any) -> dict[str, str]:
    """The search parameters, each once. `patient:identifier` and `patient.identifier` are the same here."""
    twice = [name for name, values in query.lists() if len(values) > 1]
    if twice:
        raise NotSupported(f"Send {', '.join(twice)[:200]} once")
    return {name.replace(":identifier", ".identifier"): value for name, value in query.items()}


def search(
    door: FhirDoor, request: Request, kind: Kind, params: dict[str, str], *, in_body: bool
) -> Response:
    """The answer to a search of one kind."""
    if "search-type" not in kind.interactions:
        door.http_method_not_allowed(request)
    only_known(params, (*kind.by, *kind.filters, *RESULTS))
    door.need(kind.scope)
    if kind.name in _UNBOUND:
        return answer(_search_unbound(kind.name, params))
    if kind.by:
        return _search_of_case(door, kind, params)
    return _search_cases(door, kind, params, in_body=in_body)


def _search_unbound(kind: str, params: dict[str, str]) -> dict[str, Any]:
    named = params.get("_id") or searches.token_of(params.get("identifier", "")).value
    try:
        return searches.bundle(kind, [_UNBOUND[kind](named or NUMBER)])
    except NotFound:
        return searches.bundle(kind, [], total=0)


def _search_of_case(door: FhirDoor, kind: Kind, params: dict[str, str]) -> Response:
    at = now()
    case = (
        visible_to(door.actor()).filter(reference=searches.case_named(params, kind.by).upper()[:20]).first()
    )
    if case is None:
        return answer(searches.bundle(kind.name, [], total=0))
    rows = OF_CASE[kind.name](case)
    record_view(case, by=door.actor(), at=at, part=f"fhir {kind.name}")
    return answer(searches.bundle(kind.name, rows, total=len(rows)))


# What `identifier` of a kind is in a search of referrals.
_ASKED = {("Patient", "identifier"): "patient.identifier", ("Practitioner", "identifier"): "registration"}


def _search_cases(door: FhirDoor, kind: Kind, params: dict[str, str], *, in_body: bool) -> Response:
    at, limit = now(), searches.count_of(params)
    oldest_first = params.get("_sort") in ("authored", "_id")
    if params.get("_sort", "-authored") not in ("authored", "-authored", "_id", "-_id"):
        raise searches.wrong("_sort", "Choose authored or -authored")
    asked = {_ASKED.get((kind.name, name), name): value for name, value in params.items()}
    cases = searches.cases_asked_for(
        visible_to(door.actor()).select_related("merged_into"), asked, in_body=in_body
    )
    if params.get("_summary") == "count" or limit == 0:
        return answer(searches.bundle(kind.name, [], total=cases.count()))
    after = searches.cursor_in(params)
    if after is not None:
        cases = cases.filter(**{"pk__gt" if oldest_first else "pk__lt": after})
    page = list(cases.order_by("id" if oldest_first else "-id")[: limit + 1])
    has_more, page = len(page) > limit, page[:limit]
    record_list(page, by=door.actor(), at=at, page=f"fhir {kind.name}")
    names = sent_as_of(page)
    rows = [
        service_request(case, sent_as=names[case.pk]) if kind.name == "ServiceRequest" else row
        for case in page
        for row in ([{}] if kind.name == "ServiceRequest" else OF_CASE[kind.name](case))
    ]
    following = None
    if has_more:
        # A search by the number of a patient has one page: a link would hold the number, or forget it.
        by_number = searches.BY_PATIENT & set(asked)
        following = None if by_number else {**params, "_cursor": str(page[-1].pk)}
    return answer(searches.bundle(kind.name, rows, next_link=following))
