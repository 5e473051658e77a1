"""The names of actors, for readers of the ledger, which stores only keys."""

from collections.abc import Iterable

from accounts.models import ApiClient, User


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """The name of each actor by its key: two queries at most."""
    actor_keys = set(keys)
    people = {key.removeprefix("user:") for key in actor_keys if key.startswith("user:")}
    clients = {key.removeprefix("client:") for key in actor_keys if key.startswith("client:")}
    names = {"service": "This service", "anonymous": "Somebody not signed in"}
    if people:
        names |= {
            f"user:{pk}": name for pk, name in User.objects.filter(pk__in=people).values_list("pk", "name")
        }
    if clients:
        rows = ApiClient.objects.filter(pk__in=clients).values_list("pk", "name")
        names |= {f"client:{pk}": name for pk, name in rows}
    return {key: names.get(key, key) for key in actor_keys}
