"""Whether sent content is FHIR R4 in structure: every fault by its FHIRPath. Pure."""

import math
import re
from collections.abc import Iterator
from typing import Any

from api.fhir.shapes import RESOURCES, TYPES, Element, Shape

MOST_DEEP, MOST_FAULTS = 40, 50
CHOICES = (
    "value",
    "deceased",
    "multipleBirth",
    "occurrence",
    "effective",
    "onset",
    "abatement",
    "performed",
    "medication",
    "rate",
)
_YEAR = r"(?:[1-9]\d{3}|0\d{3})"
_DAY = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
_PATTERNS = {
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "code": r"[^\s]+(?: [^\s]+)*",
    "uri": r"\S+",
    "date": _DAY,
    "dateTime": rf"{_DAY}|{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]){_TIME}",
    "instant": rf"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]){_TIME}",
    "string": r"[\s\S]*\S[\s\S]*",
    "markdown": r"[\s\S]*\S[\s\S]*",
}
_WORDS = {
    "id": "an id: 1 to 64 letters, digits, hyphens and dots",
    "code": "a code",
    "uri": "an address without spaces",
    "date": "a date such as 1958-02-03",
    "dateTime": "a date, or a date and time with its offset such as 2026-11-20T09:30:00Z",
    "instant": "a date and time with its offset, such as 2026-11-20T09:30:00Z",
    "string": "text",
    "markdown": "text",
}
Fault = tuple[str, str]


def faults_of(resource: Any, path: str = "") -> dict[str, list[str]]:
    """The faults of a resource by FHIRPath; empty when its structure is right."""
    faults: dict[str, list[str]] = {}
    for number, (place, words) in enumerate(_faults(resource, path)):
        faults.setdefault(place, []).append(words)
        if number >= MOST_FAULTS:
            break
    return faults


def _faults(resource: Any, path: str) -> Iterator[Fault]:
    root = resource.get("resourceType") if isinstance(resource, dict) else None
    place = path or (root if isinstance(root, str) and root in RESOURCES else "Resource")
    hygiene = list(_hygiene(resource, place, depth=0))
    yield from hygiene
    if not hygiene:
        yield from _resource(resource, place)


def _hygiene(value: Any, path: str, *, depth: int) -> Iterator[Fault]:
    """Nulls, empty values and content that is too deep: wrong everywhere in FHIR."""
    if depth > MOST_DEEP:
        yield path, "This is nested too deeply"
    elif value is None:
        yield path, "FHIR has no null: leave the element out"
    elif isinstance(value, str | list | dict) and not value:
        yield path, "This is empty: leave the element out"
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _hygiene(part, f"{path}.{key}", depth=depth + 1)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            if part is None and path.rpartition(".")[2].startswith("_"):
                continue  # the extension of another element of a list of primitives
            yield from _hygiene(part, f"{path}[{number}]", depth=depth + 1)


def _resource(resource: Any, path: str) -> Iterator[Fault]:
    if not isinstance(resource, dict):
        yield path, "Send a FHIR resource as a JSON object"
        return
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        yield f"{path}.resourceType", "Say which resource this is"
        return
    shape = RESOURCES.get(kind)
    if (
        shape is not None
    ):  # a resource that nothing here reads has no shape, and whoever needs it refuses it by name
        content = {key: value for key, value in resource.items() if key != "resourceType"}
        yield from _object(content, shape, path)
        yield from _identifiers(resource, path)


def _object(content: Any, shape: Shape, path: str) -> Iterator[Fault]:
    if not isinstance(content, dict):
        yield path, "Send this as an object"
        return
    for key, value in content.items():
        element = shape.get(key)
        if element is not None:
            yield from _value(value, element, f"{path}.{key}")
        elif not (key.startswith("_") and key[1:] in shape):
            yield f"{path}.{key}", "FHIR R4 has no such element here"
    for key, element in shape.items():
        if element.required and key not in content and f"_{key}" not in content:
            yield f"{path}.{key}", "This is required"
    for choice in CHOICES:
        sent = [key for key in content if re.fullmatch(rf"{choice}[A-Z]\w*", key) and key in shape]
        if len(sent) > 1:
            yield f"{path}.{sent[1]}", f"Send one of {', '.join(sent)}"


def _value(value: Any, element: Element, path: str) -> Iterator[Fault]:
    if not element.is_list:
        yield from _one(value, element, path)
    elif not isinstance(value, list):
        yield path, "Send this as a list"
    else:
        for number, part in enumerate(value):
            yield from _one(part, element, f"{path}[{number}]")


def _one(value: Any, element: Element, path: str) -> Iterator[Fault]:
    kind = element.type
    if kind == "Any":
        return
    if kind == "Resource":
        yield from _resource(value, path)
    elif kind == "Extension":
        yield from _extension(value, path)
    elif kind in TYPES:
        yield from _object(value, TYPES[kind], path)
        if element.targets and isinstance(value, dict):
            yield from _target(value, element, path)
    elif problem := _fault_of_primitive(value, kind):
        yield path, problem
    elif element.codes and value not in element.codes:
        yield path, f"Choose one of: {', '.join(element.codes)}"


def _extension(value: Any, path: str) -> Iterator[Fault]:
    """Extensions of others are let through; each has the address that names it."""
    if not isinstance(value, dict):
        yield path, "Send this as an object"
    elif not isinstance(value.get("url"), str):
        yield f"{path}.url", "An extension has an address"
    else:
        for key, kind in _VALUES.items():
            if key in value:
                yield from _value(value[key], kind, f"{path}.{key}")


_VALUES = {
    "valueCodeableConcept": Element(type="CodeableConcept"),
    "valueCoding": Element(type="Coding"),
    "valueIdentifier": Element(type="Identifier"),
    "valueReference": Element(type="Reference"),
    "valueString": Element(type="string"),
    "valueCode": Element(type="code"),
    "valueBoolean": Element(type="boolean"),
    "extension": Element(type="Extension", is_list=True),
}


def _target(value: dict[str, Any], element: Element, path: str) -> Iterator[Fault]:
    """A reference that names its kind names one of the kinds allowed here."""
    address, kind = value.get("reference"), value.get("type")
    named = [kind] if isinstance(kind, str) else []
    if isinstance(address, str) and not address.startswith(("#", "urn:")):
        named.append(
            address.split("?")[0].partition("/_history/")[0].rstrip("/").rpartition("/")[0].rpartition("/")[2]
            or address.partition("?")[0]
        )
    for name in named:
        if name not in element.targets:
            yield path, f"This refers to {', '.join(element.targets)}, not to {name[:64]}"


def _fault_of_primitive(value: Any, kind: str) -> str | None:
    if kind == "boolean":
        return None if isinstance(value, bool) else "This is true or false"
    if kind == "decimal":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and abs(value) < 10**18 and math.isfinite(value) else "This is a number"
    if kind in ("integer", "positiveInt", "unsignedInt"):
        least = {"integer": -(2**31), "positiveInt": 1, "unsignedInt": 0}[kind]
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return None if is_whole and least <= value < 2**31 else "This is a whole number"
    if not isinstance(value, str) or not re.fullmatch(_PATTERNS[kind], value):
        return f"This is {_WORDS[kind]}"
    return None


def _identifiers(resource: dict[str, Any], path: str) -> Iterator[Fault]:
    """An identifier without a value names nobody; an NHS number is given once."""
    identifiers = resource.get("identifier")
    rows = identifiers if isinstance(identifiers, list) else []
    numbers = 0
    for place, row in enumerate(rows):
        if not isinstance(row, dict) or "system" not in row:
            continue
        if "value" not in row and "_value" not in row and "extension" not in row:
            yield f"{path}.identifier[{place}].value", "An identifier with a system has a value"
        numbers += str(row["system"]).lower().rstrip("/").endswith("/id/nhs-number")
    if numbers > 1:
        yield f"{path}.identifier", "A person has one NHS number: two were sent"
