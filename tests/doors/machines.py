"""A hospital system that calls the REST API."""

import json
from typing import Any

from django.test import Client

from accounts.models import ApiClient
from demo.people import CLIENT_ID, CLIENT_SECRET


class Machine:
    """A client with a token; answers are Django's, with `.json()`."""

    def __init__(
        self, *, scope: str | None = None, client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET
    ) -> None:
        self.http = Client(raise_request_exception=False)
        asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        answer = self.http.post("/oauth/token/", asked | ({"scope": scope} if scope else {}))
        assert answer.status_code == 200, answer.content
        self.token = answer.json()["access_token"]

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, body: Any, *, key: str | None = "", **headers: str) -> Any:
        """`body` is JSON, or raw text; an empty key makes a fresh one, None sends none."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        if key is not None:
            sent["Idempotency-Key"] = key or f"key-{id(body)}-{json.dumps(body, default=str)[:150]!r}"
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        kind = sent.pop("Content-Type", "application/json")
        return self.http.post(f"/api/v1/{path}", content, content_type=kind, headers=sent)


def other_hospital(*, scopes: list[str] | None = None) -> Machine:
    """A client of another organisation."""
    ApiClient.objects.create(
        client_id="other",
        client_secret="other-secret",
        name="Another hospital",
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        organisation_id="RYY02",
        allowed_scopes=scopes or ApiClient.objects.get(client_id=CLIENT_ID).allowed_scopes,
        is_demo=True,
    )
    return Machine(client_id="other", secret="other-secret")
