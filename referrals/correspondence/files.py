"""Files for a case: recognised by their content and limited in size. The worker re-encodes pictures."""

import io
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from kernel.refusals import Invalid
from kernel.text import fault, tidy

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
PICTURES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png")}
UNREADABLE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)
ACCEPTED = "PDF, JPEG, PNG and DICOM files of up to 10 MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that may be stored."""

    name: str
    content_type: str
    content: bytes


def read_file(name: str, content: bytes) -> File:
    """The file in the form in which it is stored; Invalid with the reason. Its name and the browser's type are not trusted."""
    if not content:
        raise _refused("Choose a file that is not empty")
    if len(content) > LARGEST:
        raise _refused("This file is larger than 10 MB: send a smaller one, or only the report")
    stem = PurePosixPath(tidy(name).replace("\\", "/")).stem
    if fault(stem):
        stem = "file"
    stem = "".join(c for c in stem if c.isalnum() or c in " -_")[:80].strip() or "file"
    if content.startswith(b"%PDF-"):
        return File(name=f"{stem}.pdf", content_type="application/pdf", content=content)
    if content[128:132] == b"DICM":
        return File(name=f"{stem}.dcm", content_type="application/dicom", content=content)
    try:
        kind = _opened(content).format
    except UNREADABLE as problem:
        raise _refused(f"This is not a file that the service takes. Send {ACCEPTED}") from problem
    content_type, ending = PICTURES[str(kind)]
    return File(name=f"{stem}.{ending}", content_type=content_type, content=content)


def drawn_again(content: bytes) -> bytes:
    """A picture re-encoded from its pixels, without metadata or hidden content. Slow: for the worker alone.

    One of UNREADABLE when its pixels cannot be read, Invalid when it has too many.
    """
    picture = _opened(content)
    kind = str(picture.format)
    copy = Image.new("RGB" if kind == "JPEG" else "RGBA", picture.size)
    copy.paste(picture.convert(copy.mode))
    output = io.BytesIO()
    copy.save(output, format=kind, **({"quality": 90} if kind == "JPEG" else {}))
    return output.getvalue()


def _opened(content: bytes) -> Image.Image:
    """A picture of which only the head is read; Invalid when it has too many pixels."""
    picture = Image.open(io.BytesIO(content), formats=list(PICTURES))
    if picture.width * picture.height > MOST_PIXELS:
        raise _refused("This picture has too many pixels: send a smaller one")
    return picture


def _refused(reason: str) -> Invalid:
    return Invalid("The file is not added", errors={"file": [reason]})


def has_scanner() -> bool:
    """Whether this installation is set up with ClamAV; not whether ClamAV answers now."""
    return bool(settings.ENVIRONMENT.clamav)
