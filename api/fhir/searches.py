"""Searches of the FHIR door: parameters read strictly, pages with a link to the next."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from api.exchange.referral_in import Identifier, referral_numbers
from api.fhir import systems
from api.fhir.outcomes import NotSupported
from api.fhir.referral_out import REQUEST_STATUSES
from kernel.refusals import Invalid
from kernel.time import from_rfc3339
from referrals.case.models import Referral

LIMIT, MOST = 50, 200
BY_PATIENT = {"patient.identifier", "subject.identifier"}
MOST_VALUES = 100  # in one parameter: each may cost a query
_COMPARED = {"": "exact", "eq": "exact", "ge": "gte", "gt": "gt", "le": "lte", "lt": "lt"}


def wrong(name: str, text: str) -> Invalid:
    """A search parameter that cannot be read."""
    return Invalid(f"The {name} is wrong", errors={f"Search.{name}": [text]})


def token_of(text: str) -> Identifier:
    """A token: system|value, value alone, or |value."""
    system, mark, value = text.partition("|")
    return Identifier(system, value) if mark else Identifier("", text)


def count_of(params: Mapping[str, Any]) -> int:
    """How many resources the caller asks for; 0 for their number alone."""
    text = str(params.get("_count", LIMIT))
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise wrong("_count", "Enter a whole number")
    return min(int(text), MOST)


def cases_asked_for(
    cases: QuerySet[Referral], params: Mapping[str, Any], *, in_body: bool
) -> QuerySet[Referral]:
    """The cases of a search of ServiceRequest. An NHS number comes in a body, because addresses are logged."""
    for name, text in params.items():
        if name.startswith("_") and name not in ("_id", "_lastUpdated"):
            continue
        reader = _READERS[name]
        cases = cases.filter(reader(str(text), in_body) if reader is _person else reader(str(text)))
    return cases


def _values(text: str) -> list[str]:
    """The values of a parameter, each once; Invalid for more than one search may look for."""
    values = list(dict.fromkeys(text.split(",")))
    if len(values) > MOST_VALUES:
        raise wrong("values", f"Send at most {MOST_VALUES} in one parameter")
    return values


def _own(text: str) -> Q:
    return Q(reference__in=[part.strip().upper()[:20] for part in _values(text)])


def _identifier(text: str) -> Q:
    matches = Q(pk__in=[])
    for part in _values(text):
        name = token_of(part)
        if name.system in ("", systems.own_id("mscc-referral")):
            matches |= Q(reference=name.value.strip().upper()[:20])
        matches |= Q(pk__in=referral_numbers(name))
    return matches


def _subject(text: str) -> Q:
    return _own(",".join(part.rpartition("/")[2] for part in _values(text)))


def _person(text: str, in_body: bool) -> Q:
    name = token_of(text)
    if systems.same_system(name.system, systems.NHS_NUMBER) or (not name.system and re.sub(r"\D", "", text)):
        if not in_body:
            raise NotSupported("Send an NHS number in the body of POST _search: addresses are logged")
        return Q(patient__nhs_number=re.sub(r"[\s-]", "", name.value)[:10])
    return Q(patient__local_id=name.value)


def _registration(text: str) -> Q:
    """The referrals of a person by their number at a council, whichever it is: which one is not kept."""
    systems_known = ("", systems.own_id("registration"), *systems.REGISTRATIONS)
    tokens = [token_of(part) for part in _values(text)]
    numbers = [token.value.strip() for token in tokens if token.system in systems_known]
    return Q(referrer__registration_number__in=[number for number in numbers if number])


def _status(text: str) -> Q:
    statuses: list[str] = []
    for code in _values(text):
        if code not in REQUEST_STATUSES:
            raise wrong("status", f"Choose one of: {', '.join(REQUEST_STATUSES)}")
        statuses += REQUEST_STATUSES[code]
    return Q(status__in=statuses)


def _dates(name: str, column: str) -> Any:
    def read(text: str) -> Q:
        match = re.fullmatch(r"(eq|ge|gt|le|lt)?(\d{4}-.+)", text)
        if match is None:
            raise wrong(name, "Enter a date, or a date and time with its offset, after eq, ge, gt, le or lt")
        prefix, when = match.group(1) or "", match.group(2).replace(" ", "+")
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", when):
                return _day(column, prefix, datetime.fromisoformat(when).replace(tzinfo=UTC))
            return Q(**{f"{column}__{_COMPARED[prefix]}": from_rfc3339(when)})
        except (ValueError, OverflowError):
            raise wrong(name, "Enter a real date") from None

    return read


def _day(column: str, prefix: str, day: datetime) -> Q:
    """A whole day, in UTC."""
    after = day + timedelta(days=1)
    start, end = {f"{column}__gte": day}, {f"{column}__lt": after}
    by_prefix = {
        "ge": Q(**start),
        "gt": Q(**{f"{column}__gte": after}),
        "le": Q(**end),
        "lt": Q(**{f"{column}__lt": day}),
    }
    return by_prefix.get(prefix, Q(**start, **end))


_READERS: Mapping[str, Any] = {
    "_id": _own,
    "identifier": _identifier,
    "subject": _subject,
    "patient": _subject,
    "status": _status,
    "authored": _dates("authored", "submitted_at"),
    "_lastUpdated": _dates("_lastUpdated", "updated_at"),
    "registration": _registration,
    "patient.identifier": _person,
    "subject.identifier": _person,
}


def case_named(params: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The reference of the case that a search names."""
    numbers = {
        str(params[name]).split("/_history/")[0].rpartition("/")[2] for name in names if name in params
    }
    if len(numbers) != 1:
        raise NotSupported(f"Name one referral by {' or '.join(names)}")
    return numbers.pop()


def cursor_in(params: Mapping[str, Any]) -> int | None:
    """The number of the last case of the page before."""
    text = params.get("_cursor")
    if text is None:
        return None
    if not (str(text).isascii() and str(text).isdecimal() and len(str(text)) < 18):
        raise wrong("_cursor", "Use the link of the answer before")
    return int(str(text))


def bundle(
    kind: str,
    resources: list[dict[str, Any]],
    *,
    total: int | None = None,
    next_link: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A searchset."""
    address = f"{systems.base()}/{kind}"
    links = [{"relation": "self", "url": address}]
    if next_link is not None:
        links.append({"relation": "next", "url": f"{address}?{urlencode(next_link)}"})
    body: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if total is not None:
        body["total"] = total
    if resources:
        body["entry"] = [
            {
                "fullUrl": f"{systems.base()}/{row['resourceType']}/{row['id']}",
                "resource": row,
                "search": {"mode": "match"},
            }
            for row in resources
        ]
    return body
