"""Whether an instant that somebody entered lies in the future, and the sentence that refuses it. Pure."""

from datetime import date, datetime, timedelta

SKEW = timedelta(minutes=5)  # how far another computer's clock may be ahead of this one


def fault_of_future(instant: datetime, *, at: datetime, ask: str = "it happened") -> str:
    """Why an instant after `at` is refused, as in "enter when it happened"; empty when it is not in the future."""
    return f"This is in the future: enter when {ask}" if instant > at + SKEW else ""


def fault_of_future_day(day: date, *, on: date, ask: str) -> str:
    """Why a day after the day `on` is refused; empty when it is not in the future."""
    return f"This is in the future: enter when {ask}" if day > on else ""
