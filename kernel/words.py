"""Codes in words."""


class Words(dict[str, str]):
    """The words of each code. One that this version does not know, stored by a later one, is shown as it is."""

    def __missing__(self, code: str) -> str:
        return code.replace("_", " ")
