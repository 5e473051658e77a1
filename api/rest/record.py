"""REST: the record of a case, read and written by field, with the author and the time of each value."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door, answer_of, unless_changed, version_asked
from api.rest.questions import object_with, only_known
from api.rest.representations import author_json
from kernel.refusals import Invalid
from kernel.time import now, rfc3339
from ledger.kinds import Kind
from referrals.case.access_log import record_view
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.case.record import details_of, record_values
from referrals.intake.record_fields import GROUPS
from referrals.usecases.record_details import record_details

FIELDS = tuple(spec for group in GROUPS if not group.by_coordinator for spec in group.fields)


class RecordView(Door):
    def get_permissions(self) -> list[Any]:
        return [scope("referrals:write" if self.request.method == "POST" else "referrals:read")()]

    @schemas.read_record
    def get(self, request: Request, reference: str) -> Response:
        """Every field of the record: its present value, who recorded it and when."""
        only_known(request)
        case = find(reference, by=self.actor())
        record_view(case, by=self.actor(), at=now(), kind=Kind.DOCUMENT_VIEWED, part="record")
        return answer_of(case, {"fields": _record_json(case)})

    @schemas.write_record
    def post(self, request: Request, reference: str) -> Response:
        """Record values by the path of their field; null takes one back. The same values again change nothing."""
        only_known(request)
        act = self.act()
        version = version_asked(request, find(reference, by=act.by))
        values = object_with(request.data, "values").get("values")
        if not isinstance(values, dict) or not values:
            raise Invalid("Nothing was sent", errors={"values": ["Send values by the path of their field"]})
        with unless_changed():
            case, changed = record_details(reference, values, act=act, version=version)
        return answer_of(case, {"changed": sorted(changed)})


def _record_json(case: Referral) -> list[dict[str, Any]]:
    details = details_of(case)
    values = record_values(case, details)
    lines = []
    for spec in FIELDS:
        newest = details.get(spec.path, [None])[0]
        lines.append(
            {
                "path": spec.path,
                "label": spec.label,
                "value": values[spec.path],
                "recorded_at": rfc3339(newest.at) if newest else None,
                "by": author_json(newest.by_name, newest.by_role) if newest else None,
            }
        )
    return lines
