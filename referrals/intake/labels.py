"""The words of a label inside a sentence. Pure."""


def in_sentence(label: str) -> str:
    """A label inside a sentence: the first letter small, unless it begins an abbreviation such as MRI."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
