"""The language a person prefers, in words for the case, its documents and the sheet for the patient. Pure."""

from typing import Protocol

# The most frequent codes of ISO 639; any other is shown as it was typed.
LANGUAGES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "bsl": "British Sign Language",
    "bfi": "British Sign Language",
    "cy": "Welsh",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "ga": "Irish",
    "gu": "Gujarati",
    "hi": "Hindi",
    "it": "Italian",
    "lt": "Lithuanian",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "so": "Somali",
    "ta": "Tamil",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "yo": "Yoruba",
    "zh": "Chinese",
}
ENGLISH, WELSH = "English", "Welsh"
PREFERRED = "Preferred language"


class Speaker(Protocol):
    """A person with a preferred language, such as a patient."""

    preferred_language: str
    interpreter_needed: bool


def language_of(typed: str) -> str:
    """The name of a language from its code, or as it was typed; empty when none is known."""
    plain = typed.strip()
    return LANGUAGES.get(plain.casefold().partition("-")[0], plain[:1].upper() + plain[1:])


def language_line(person: Speaker) -> str:
    """Preferred language: Welsh. An interpreter is needed. Empty for English without an interpreter."""
    language = language_of(person.preferred_language)
    parts = [f"{PREFERRED}: {language}"] if language and language != ENGLISH else []
    return ". ".join([*parts, *(["An interpreter is needed"] if person.interpreter_needed else [])])


def speaks_welsh(person: Speaker) -> bool:
    """Whether the preferred language is Welsh, as a code or as a word in English or Welsh."""
    return language_of(person.preferred_language) in (WELSH, "Cymraeg")
