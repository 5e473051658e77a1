"""The resources that came together: a Bundle, or one resource with contained ones. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.fhir.systems import same_system

Resource = dict[str, Any]


@dataclass(slots=True)
class Sent:
    """Resources that refer to each other. `read` has the identity of those that a mapping has used."""

    by_address: dict[str, Resource] = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)
    read: set[int] = field(default_factory=set)

    def add(self, resource: Resource, *addresses: str) -> None:
        """Add a resource under its addresses, and the resources that it contains."""
        self.resources.append(resource)
        kind, number = resource.get("resourceType"), resource.get("id")
        for address in (*addresses, f"{kind}/{number}" if number else ""):
            if address:
                self.by_address.setdefault(address, resource)
            if "://" in address:  # a relative reference is read from the base of the full address
                self.by_address.setdefault("/".join(address.split("/")[-2:]), resource)
        for part in resource.get("contained", ()):
            self.by_address.setdefault(f"#{part.get('id')}", part)
            self.resources.append(part)

    def at(self, reference: Mapping[str, Any] | None, *kinds: str) -> Resource | None:
        """The resource that a reference names, if it came along and is of one of these kinds."""
        address = (reference or {}).get("reference")
        resource = self.by_address.get(address) if address else None
        if resource is None and address and "/" in address:
            resource = self.by_address.get("/".join(address.split("/_history/")[0].split("/")[-2:]))
        if resource is None or (kinds and resource.get("resourceType") not in kinds):
            return None
        self.read.add(id(resource))
        return resource

    def person(self, subject: Mapping[str, Any] | None) -> Resource | None:
        """The Patient that a subject names, or the one that came along; None where that would be a guess.

        A reference that leads nowhere is not taken for a Patient who has another address, nor for one of several.
        """
        if (named := self.at(subject, "Patient")) is not None:
            return named
        people = list(self.of_kind("Patient"))
        if len(people) != 1:
            return None
        has_address = any(resource is people[0] for resource in self.by_address.values())
        return None if has_address and (subject or {}).get("reference") else people[0]

    def of_kind(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these kinds, in order."""
        return (row for row in self.resources if row.get("resourceType") in kinds)


def sent_alone(resource: Resource) -> Sent:
    """One resource with what it contains."""
    sent = Sent()
    sent.add(resource)
    return sent


def sent_in(bundle: Resource) -> Sent:
    """The resources of a Bundle, by full address and by kind and id."""
    sent = Sent()
    for entry in bundle.get("entry", ()):
        if "resource" in entry:
            sent.add(entry["resource"], entry.get("fullUrl", ""))
    return sent


def coding_of(concept: Mapping[str, Any] | None, system: str) -> str:
    """The code that a concept has in a system; empty without one."""
    for coding in (concept or {}).get("coding", ()):
        if same_system(coding.get("system", ""), system) and coding.get("code"):
            return str(coding["code"])
    return ""


def words_of(concept: Mapping[str, Any] | None) -> str:
    """A concept in words: its text, or its display, or its code."""
    concept = concept or {}
    if concept.get("text"):
        return str(concept["text"])
    for coding in concept.get("coding", ()):
        if coding.get("display") or coding.get("code"):
            return str(coding.get("display") or coding["code"])
    return ""


def identifier_in(resource: Mapping[str, Any] | None, *systems: str) -> str:
    """The first value of an identifier in one of these systems; empty without one."""
    for row in (resource or {}).get("identifier", ()):
        if any(same_system(row.get("system", ""), system) for system in systems) and row.get("value"):
            return str(row["value"])
    return ""


def telecom_of(resource: Mapping[str, Any] | None, kind: str) -> str:
    """The first telephone number or e-mail address of a resource; empty without one."""
    for row in (resource or {}).get("telecom", ()):
        if row.get("system") == kind and row.get("value"):
            return str(row["value"])
    return ""
