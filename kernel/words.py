"""The words of codes."""


class Words(dict[str, str]):
    """The words of each code. A code of a later version, unknown here, is shown as it is."""

    def __missing__(self, code: str) -> str:
        return code.replace("_", " ")
