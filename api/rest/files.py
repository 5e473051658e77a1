"""REST: files of a case, sent as they are and fetched once a scanner has passed them."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import parse_header_parameters
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door, answer_of
from api.rest.parsing import TooLarge
from api.rest.questions import only_known, page_after
from api.rest.representations import author_json
from kernel.refusals import Invalid, Malformed, NotFound, OutOfTurn
from kernel.time import now, rfc3339
from ledger.kinds import Kind
from referrals.case.access_log import record_view
from referrals.case.models import Attachment, Referral
from referrals.case.queries import find
from referrals.case.reads import files_of
from referrals.correspondence.files import LARGEST, read_file
from referrals.usecases.add_attachment import add_attachment
from referrals.web.documents import download

DEEPEST_NUMBER = 2**60


class Bytes(BaseParser):
    """The body as it is."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        content: bytes = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise TooLarge("A file has at most 10 MB: send a smaller one, or only the report")
        return content


class FilesView(Door):
    parser_classes = [Bytes]
    body_types = schemas.FILE_TYPES

    def get_permissions(self) -> list[Any]:
        return [scope("referrals:write" if self.request.method == "POST" else "referrals:read")()]

    @schemas.list_files
    def get(self, request: Request, reference: str) -> Response:
        """The files of a referral, oldest first."""
        only_known(request, "cursor", "limit")
        case = find(reference, by=self.actor())
        rows, following = page_after(request, files_of(case), number=lambda row: row.pk)
        record_view(case, by=self.actor(), at=now(), part="files")
        return answer_of(case, {"results": [_file_json(case, row) for row in rows], "next_cursor": following})

    @schemas.add_file
    def post(self, request: Request, reference: str) -> Response:
        """Add a file, sent as it is: the body is the file, its name is in Content-Disposition. It waits for its scan."""
        only_known(request)
        actor, at = self.actor(), now()
        find(reference, by=actor)
        content = request.data
        if not isinstance(content, bytes) or not content:
            raise Invalid("The file is missing", errors={"file": ["Send the file as the body"]})
        row = add_attachment(reference, read_file(_name_in(request), content), by=actor, at=at)
        case = find(reference, by=actor)
        return answer_of(case, _file_json(case, row), status=201 if row.at == at else 200)


class FileView(Door):
    permission_classes = [scope("referrals:read")]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # the file has its own type

    @schemas.read_file
    def get(self, request: Request, reference: str, number: int) -> HttpResponse:
        """A file that a scanner has passed. One that is still held is refused."""
        only_known(request)
        case = find(reference, by=self.actor())
        row = case.attachments.filter(pk=number).first() if number < DEEPEST_NUMBER else None
        if row is None:
            raise NotFound("There is no such file on this referral")
        if row.state != Attachment.CLEAN:
            raise OutOfTurn("This file is held until a virus scanner has passed it")
        record_view(case, by=self.actor(), at=now(), kind=Kind.DOCUMENT_VIEWED, part="attachment")
        return download(bytes(row.content), row.content_type, row.name)


def _name_in(request: Request) -> str:
    try:
        _, parameters = parse_header_parameters(request.headers.get("Content-Disposition", ""))
    except ValueError:
        words = "Write the name as filename=\"report.pdf\", or as filename*=UTF-8''report.pdf"
        raise Malformed(
            "The Content-Disposition cannot be read", errors={"Content-Disposition": [words]}
        ) from None
    return str(parameters.get("filename", "file"))


def _file_json(case: Referral, row: Attachment) -> dict[str, Any]:
    address = reverse("api_file", args=[case.reference, row.pk])
    return {
        "id": row.pk,
        "name": row.name,
        "content_type": row.content_type,
        "sha256": row.sha256,
        "state": row.state,
        "added_at": rfc3339(row.at),
        "by": author_json(row.by_name, row.by_role),
        "links": {"content": settings.BASE_URL + address},
    }
