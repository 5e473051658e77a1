"""REST: the measures of QS56 over the episodes that the client's organisation referred."""

from datetime import timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door
from api.rest.questions import day_of, only_known
from governance.access_log import record_measures_view
from governance.episodes import episodes
from governance.qs56 import Figure, Result, results
from governance.web.measures import DAYS, Period
from kernel.refusals import Invalid
from kernel.time import london_date, now
from referrals.case.queries import own_and_succeeded


class MeasuresView(Door):
    permission_classes = [scope("measures:read")]

    @schemas.read_measures
    def get(self, request: Request) -> Response:
        """Numerators and denominators of QS56, counted literally and as the service reads them."""
        only_known(request, "from", "to")
        actor, at = self.actor(), now()
        last = day_of(request, "to") or london_date(at)
        first = day_of(request, "from") or last - timedelta(days=DAYS)
        if last < first:
            raise Invalid("The period is wrong", errors={"to": ["The period ends before it begins"]})
        period = Period(first=first, last=last, errors={})
        rows = episodes(
            since=period.since, until=period.until, referred_by=own_and_succeeded(actor.organisation)
        )
        measured = results(rows, since=period.since, until=period.until, at=at)
        record_measures_view(period.query, by=actor, at=at)
        body = {**period.query, "standard": "QS56", "measures": [_measure_json(each) for each in measured]}
        return Response({**body, "organisation_ods": actor.organisation})


def _measure_json(result: Result) -> dict[str, Any]:
    measure = result.measure
    return {
        "id": measure.id,
        "title": measure.title,
        "numerator_words": measure.numerator,
        "denominator_words": measure.denominator,
        "adjusted_words": measure.adjusted,
        "literal": _figure_json(result.literal),
        "adjusted": _figure_json(result.adjusted),
        "running": len(result.running),
        "left_out": len(result.left_out),
    }


def _figure_json(figure: Figure) -> dict[str, int]:
    return {"numerator": figure.numerator, "denominator": figure.denominator}
