"""Pages of referrals: newest first, or the changes since an instant in a stable order."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import service as services
from api.rest.list_items import items_json, with_columns
from api.rest.questions import code_of, cursor_after, cursor_of, delta_cursor_after, delta_cursor_of, limit_of
from api.rest.representations import many_json
from kernel.actors import Actor
from kernel.time import now, rfc3339
from referrals.case.access_log import record_list
from referrals.case.models import Referral

OVERLAP = timedelta(minutes=1)  # longer than an act that began earlier can take to be committed


def page_of(request: Request, cases: Any, *, by: Actor) -> Response:
    """One page, newest first, with the cursor of the next; whole referrals where the caller asks for them."""
    at, limit = now(), limit_of(request)
    if (after := cursor_of(request)) is not None:
        cases = cases.filter(pk__lt=after)
    page, has_more = _rows(request, cases.order_by("-id"), limit)
    results = _results(request, page, by=by, at=at)
    return Response({"results": results, "next_cursor": cursor_after(page[-1].pk) if has_more else None})


def delta_of(request: Request, cases: Any, *, since: datetime, by: Actor) -> dict[str, Any]:
    """One page of the changes since an instant, the oldest change first: what changes meanwhile comes at the end.

    `resume_from` of the last page is the next `updated_since`: a minute before the first page, because an act is
    committed a little after its instant. A change may come twice, and none is left out.
    """
    at, limit = now(), limit_of(request)
    began = at
    if (cursor := delta_cursor_of(request)) is None:
        cases = cases.filter(updated_at__gte=since)
    else:
        began, changed_at, number = cursor
        cases = cases.filter(Q(updated_at=changed_at, pk__gt=number) | Q(updated_at__gt=changed_at))
    page, has_more = _rows(request, cases.order_by("updated_at", "id"), limit)
    following = delta_cursor_after(began, page[-1].updated_at, page[-1].pk) if has_more else None
    return {
        "results": _results(request, page, by=by, at=at),
        "next_cursor": following,
        "resume_from": None if has_more else rfc3339(max(since, began - OVERLAP)),
    }


def _rows(request: Request, cases: Any, limit: int) -> tuple[list[Referral], bool]:
    """The cases of one page, and whether there are more."""
    rows = list((cases if _whole(request) else with_columns(cases))[: limit + 1])
    return rows[:limit], len(rows) > limit


def _results(request: Request, page: list[Referral], *, by: Actor, at: datetime) -> list[dict[str, Any]]:
    record_list(page, by=by, at=at, page="api")
    return many_json(page, service=services.current(), at=at) if _whole(request) else items_json(page, at=at)


def _whole(request: Request) -> bool:
    return code_of(request, "fields", ["full"]) == "full"
