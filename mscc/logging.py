"""One JSON line for each event, with the number of the request; no names, NHS numbers or free text."""

import re
from typing import Any

import structlog

from kernel.identifiers import NhsNumber
from mscc.capability_links import STRUCK, strike_out_of_line

_NUMBER = re.compile(r"(?<![\w.\-])\d{3}[ \-]?\d{3}[ \-]?\d{4}(?![\w.\-])")
# PostgreSQL's words about the row that it refused, in a line of JSON: the values of its columns, up to the next fault of a chain.
_DETAIL = re.compile(r'(DETAIL:)(?:(?!\\n\\n(?:The above exception|During handling))(?:[^"\\]|\\.))*')


def strike_out_patients(logger: Any, method: str, line: str) -> str:
    """A processor for a whole line: without NHS numbers, and without the row that a fault of the database repeats."""
    return _NUMBER.sub(_struck, _DETAIL.sub(rf"\1 {STRUCK}", line))


def _struck(found: re.Match[str]) -> str:
    try:
        NhsNumber.read(found.group())
    except ValueError:
        return found.group()
    return STRUCK


def logging_of(level: str) -> dict[str, Any]:
    """Django's LOGGING, with structlog set up for JSON lines on the standard error stream."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                    strike_out_of_line,
                    strike_out_patients,
                ],
                "foreign_pre_chain": processors,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
    }
