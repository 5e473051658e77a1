"""Acknowledgement by a gateway, for a person who pressed a key on their pager or telephone."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door
from api.rest.questions import only_known
from kernel.refusals import Invalid
from kernel.time import now, rfc3339
from referrals.usecases.answer_page import answer_page

FIELDS = ("token", "name")


class AcknowledgePageView(Door):
    permission_classes = [scope("pages:acknowledge")]

    @schemas.acknowledge_page
    def post(self, request: Request) -> Response:
        """Acknowledge by a page's token; `name` is the person who answers, if not the person paged."""
        only_known(request)
        body = request.data if isinstance(request.data, dict) else {}
        errors = {key: ["There is no such field"] for key in body if key not in FIELDS}
        token, name = body.get("token"), body.get("name", "")
        if not isinstance(token, str) or not token:
            errors["token"] = ["Send the token of the page"]
        if not isinstance(name, str):
            errors["name"] = ["Send a name, or leave it out"]
        if errors:
            raise Invalid("Send the token of a page", errors=errors)
        case = answer_page(str(token), somebody_else=str(name), at=now())
        return Response(
            {
                "reference": case.reference,
                "acknowledged_by": case.acknowledged_by,
                "acknowledged_at": rfc3339(case.acknowledged_at) if case.acknowledged_at else None,
            }
        )
