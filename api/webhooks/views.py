"""REST: subscriptions, their secrets, their deliveries, and sending again."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door
from api.rest.questions import code_of, cursor_after, cursor_of, limit_of, object_with, only_known
from api.webhooks import subscriptions
from api.webhooks.models import Delivery, Webhook
from kernel.refusals import Invalid, NotFound
from kernel.time import now, rfc3339

MANAGE = [scope("webhooks:manage")]
MOST_NUMBER = 2**60


class WebhooksView(Door):
    permission_classes = MANAGE

    @schemas.list_webhooks
    def get(self, request: Request) -> Response:
        """The webhooks of this client."""
        only_known(request)
        rows = subscriptions.own(self.actor())
        return Response({"results": [_webhook_json(row) for row in rows]})

    @schemas.add_webhook
    def post(self, request: Request) -> Response:
        """Subscribe an address. The answer holds its secret, once."""
        only_known(request)
        url, kinds = _typed(request.data)
        webhook, secret = subscriptions.subscribe(url, kinds, by=self.actor(), at=now())
        return Response({**_webhook_json(webhook), "secret": secret}, status=201)


class WebhookView(Door):
    permission_classes = MANAGE

    @schemas.read_webhook
    def get(self, request: Request, number: int) -> Response:
        """One webhook."""
        only_known(request)
        return Response(_webhook_json(subscriptions.find(_known(number), by=self.actor())))

    @schemas.change_webhook
    def put(self, request: Request, number: int) -> Response:
        """Change the address and the kinds; what waits goes to the new address."""
        only_known(request)
        url, kinds = _typed(request.data)
        return Response(
            _webhook_json(subscriptions.change(_known(number), url, kinds, by=self.actor(), at=now()))
        )

    @schemas.end_webhook
    def delete(self, request: Request, number: int) -> Response:
        """End it: nothing more goes there, not even what waits."""
        only_known(request)
        subscriptions.end(_known(number), by=self.actor(), at=now())
        return Response(status=204)


class RotateView(Door):
    permission_classes = MANAGE

    @schemas.rotate_webhook
    def post(self, request: Request, number: int) -> Response:
        """Give a new secret. Until the overlap ends, each delivery is signed by both."""
        only_known(request)
        hours = object_with(request.data, "overlap_hours").get("overlap_hours", subscriptions.OVERLAP_HOURS)
        if not isinstance(hours, int) or isinstance(hours, bool):
            raise Invalid("The overlap is wrong", errors={"overlap_hours": ["This is a whole number"]})
        secret = subscriptions.rotate(_known(number), overlap_hours=hours, by=self.actor(), at=now())
        return Response({"secret": secret})


class DeliveriesView(Door):
    permission_classes = MANAGE

    @schemas.list_deliveries
    def get(self, request: Request, number: int) -> Response:
        """The deliveries of a webhook with every attempt, newest first."""
        only_known(request, "state", "cursor", "limit")
        webhook = subscriptions.find(_known(number), by=self.actor())
        limit, after = limit_of(request), cursor_of(request)
        rows = subscriptions.deliveries_of(webhook, state=code_of(request, "state", subscriptions.STATES))
        if after is not None:
            rows = rows.filter(pk__lt=after)
        page = list(rows[: limit + 1])
        following = cursor_after(page[limit - 1].pk) if len(page) > limit else None
        return Response({"results": [_delivery_json(row) for row in page[:limit]], "next_cursor": following})


class ReplayView(Door):
    permission_classes = MANAGE
    body_may_be_empty = True

    @schemas.replay_delivery
    def post(self, request: Request, number: int, delivery: int) -> Response:
        """Send a delivery again, with its own id."""
        only_known(request)
        row = subscriptions.replay(_known(number), _known(delivery), by=self.actor(), at=now())
        return Response(_delivery_json(row), status=202)


def _known(number: int) -> int:
    if number > MOST_NUMBER:
        raise NotFound("You have no such webhook")
    return number


def _typed(body: Any) -> tuple[str, list[str]]:
    sent = object_with(body, "url", "kinds")
    url, kinds = sent.get("url"), sent.get("kinds", [])
    errors: dict[str, list[str]] = {}
    if not isinstance(url, str) or not url:
        errors["url"] = ["Send the address"]
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        errors["kinds"] = ["This is a list of kinds; leave it out for every kind"]
    if errors:
        raise Invalid("The webhook was not saved", errors=errors)
    return str(url), kinds


def _webhook_json(row: Webhook) -> dict[str, Any]:
    return {
        "id": row.pk,
        "url": row.url,
        "kinds": row.kinds,
        "made_at": rfc3339(row.made_at),
        "failures": row.failures,
        "rests_until": rfc3339(row.rests_until) if row.rests_until else None,
        "earlier_secret_until": rfc3339(row.earlier_until) if row.earlier_until else None,
    }


def _delivery_json(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "message": f"msg_{row.number.hex}",
        "kind": row.kind,
        "reference": row.reference,
        "state": subscriptions.state_of(row),
        "written_at": rfc3339(row.written_at),
        "next_attempt_at": rfc3339(row.next_attempt_at) if row.next_attempt_at else None,
        "delivered_at": rfc3339(row.delivered_at) if row.delivered_at else None,
        "attempts": [
            {
                "at": rfc3339(each.at),
                "status": each.status,
                "fault": each.fault or None,
                "milliseconds": each.milliseconds,
            }
            for each in sorted(row.log.all(), key=lambda each: each.pk)
        ],
    }
