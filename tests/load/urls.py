"""The product's addresses and one bare view that writes as many rows in one commit."""

import json

from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from mscc.urls import urlpatterns as product


@csrf_exempt
def bare(request: HttpRequest, rows: int) -> JsonResponse:
    """Read JSON, insert so many rows in one commit, answer JSON."""
    body = json.loads(request.body)
    with transaction.atomic(), connection.cursor() as cursor:
        for number in range(rows):
            cursor.execute(
                "INSERT INTO bare (payload) VALUES (%s)", [json.dumps({"n": number, "body": body})]
            )
    return JsonResponse({"rows": rows}, status=201)


def bare_list(request: HttpRequest) -> JsonResponse:
    """Read the newest fifty rows of JSON and answer with their patients and instants."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, payload FROM bare ORDER BY id DESC LIMIT 50")
        rows = [(number, json.loads(payload)["body"]) for number, payload in cursor.fetchall()]
    keys = ("patient", "referrer", "location", "clinician_suspected_at")
    results = [{"id": number, **{key: body[key] for key in keys}} for number, body in rows]
    return JsonResponse({"results": results})


urlpatterns = [*product, path("bare/list/", bare_list), path("bare/<int:rows>/", bare)]
