"""The answers in place of a card."""

from typing import Any

from rest_framework.response import Response

from api.fhir.outcomes import CONTENT_TYPE, issue, outcome, outcome_response, ring
from kernel.refusals import Refusal


class NotAHook(Refusal):
    """The body is JSON but not a call of this service; `errors` has the faults by path."""

    status, code, title = 400, "structure", "Not a call of this service"


class PrefetchMissing(Refusal):
    """The call lacks the part of the record that the card needs."""

    status, code, title = 412, "not-found", "Data is missing"


def card_outcome(exception: Exception, context: Any) -> Response | None:
    """The answer to an exception: an OperationOutcome with the number to ring."""
    if isinstance(exception, PrefetchMissing):
        issues = [issue("error", exception.code, exception.sentence), ring()]
        return Response(outcome(issues), status=exception.status, content_type=CONTENT_TYPE)
    return outcome_response(exception, context)
