"""The base of every call: who calls, what the body is, the state that is asked for, and the headers of the answer."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import service as services
from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Malformed, Refusal
from kernel.time import now
from referrals.case.models import Referral
from referrals.case.queries import Changed

JSON = ("application/json",)
NO_VERSION = 0  # of no case: they are counted from 1


class Stale(Refusal):
    """The state that `If-Match` names is not the current one."""

    status, code, title = 412, "changed_meanwhile", "Changed meanwhile"


class Door(APIView):
    """No browsable pages; a body of the right type; an ETag on whatever is read."""

    metadata_class = None
    body_types: tuple[str, ...] = JSON
    body_may_be_empty = False

    def actor(self) -> Actor:
        user: Any = self.request.user
        actor: Actor = user.actor
        return actor

    def act(self) -> Act:
        """What this call does: by whom, at this instant, under the present settings."""
        return Act(by=self.actor(), at=now(), service=services.current())

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in ("POST", "PUT") and request.method in self.allowed_methods:
            self._refuse_wrong_body(request)

    def _refuse_wrong_body(self, request: Request) -> None:
        """Refuse an empty body, and a body of another type than its header says."""
        if not (request.META.get("CONTENT_LENGTH") or "0").strip("0"):
            if not self.body_may_be_empty:
                raise Malformed("The body is empty: send JSON")
            return
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        if kind not in self.body_types:
            raise UnsupportedMediaType(kind, f"Send the body as {' or '.join(self.body_types)}")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        headers = rate.headers if (rate := getattr(request, "rate", None)) else {}
        for name, value in headers.items():
            answer[name] = value
        if request.method == "GET" and answer.status_code == 200 and isinstance(answer, Response):
            answer.add_post_render_callback(lambda whole: _conditional(request, whole, headers))
        return answer


def answer_of(case: Referral, body: Any, **about: Any) -> Response:
    """An answer about a case, whose ETag begins with the version that `If-Match` asks for."""
    answer = Response(body, **about)
    vars(answer)["version"] = case.version
    answer["ETag"] = _tag(case.version, b"")  # a read replaces it with the tag of its bytes
    return answer


def _tag(version: int, body: bytes) -> str:
    """The ETag of a body: the version of its case, then a hash of what was sent."""
    return f'"{version}-{hashlib.sha256(body).hexdigest()[:24]}"'


def _conditional(request: Request, answer: Response, headers: dict[str, str]) -> HttpResponse | None:
    """Give a read its ETag; None, or the answer 304 when the caller has these bytes already."""
    tag = _tag(vars(answer).get("version", NO_VERSION), answer.content)
    answer["ETag"] = tag
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" not in known and tag not in {each.removeprefix("W/") for each in known}:
        return None
    return HttpResponseNotModified(headers={"ETag": tag, **headers})


def version_asked(request: Request, case: Referral) -> int | None:
    """The version that `If-Match` asks for, for the use case to compare; None where nothing is asked."""
    sent = request.headers.get("If-Match", "").strip()
    if sent in ("", "*"):
        return None
    tags = (re.fullmatch(r'"(\d{1,9})-[0-9a-f]*"', tag) for tag in parse_etags(sent))
    versions = [int(match[1]) for match in tags if match]
    if case.version in versions:
        return case.version
    return versions[0] if versions else NO_VERSION


@contextmanager
def unless_changed() -> Iterator[None]:
    """Stale where a use case refuses because the case is not as `If-Match` says."""
    try:
        yield
    except Changed as changed:
        raise Stale(f"{changed.sentence}. Read it again, and send this with its new ETag") from None
