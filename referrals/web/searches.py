"""What somebody searched for, kept in their session under a key: an address carries the key and no name."""

from secrets import token_urlsafe

from django.http import HttpRequest

from kernel.text import fault

SEARCHES = "searches"
MOST = 20


def keep_search(request: HttpRequest) -> str:
    """Keep the text of the posted field `search`; its key, or nothing when there is no text to search for."""
    text = request.POST.get("search", "").strip()
    if not text or fault(text):
        return ""
    searches: dict[str, str] = request.session.get(SEARCHES, {})
    key = next((key for key, value in searches.items() if value == text), token_urlsafe(6))
    newest = list({**searches, key: text}.items())[-MOST:]
    request.session[SEARCHES] = dict(newest)
    return key


def search_at(request: HttpRequest) -> str:
    """The text behind the key `found` of an address; empty for none, another session's, or a forgotten one."""
    return str(request.session.get(SEARCHES, {}).get(request.GET.get("found", ""), ""))
