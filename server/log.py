"""Structured logs: one JSON object a line, with the request's id, without what people sent.

Messages of exceptions may quote rows, so only their classes, SQL states and places in the code are kept.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def configure(level: str, stream: TextIO | None = None, *, for_good: bool = False) -> None:
    """From now on everything logged, by libraries too, goes to `stream` (stderr) as JSON lines.

    `for_good` keeps each logger as it is at its first line, which saves making it anew for every line.
    """
    sink = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        keep_frames_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_to_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sink),
        cache_logger_on_first_use=for_good,
    )
    handler = logging.StreamHandler(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "procrastinate", "_granian"):  # the first is asked by every readiness probe
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    logging.getLogger("_granian").addFilter(_is_no_advice)


def keep_frames_only(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace the exception of a log line by its classes and the places it came through."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found if isinstance(found, BaseException) else None
    if found is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["errors"] = [_name(one) for one in _causes(error)]
        event["frames"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _name(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None)
    return type(error).__qualname__ + (f" {state}" if state else "")


def _to_json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _is_no_advice(record: logging.LogRecord) -> bool:
    """Return False for granian's advice against many threads; server/cli/serve.py says why we have them."""
    return not record.getMessage().startswith("Configuration allows spawning")
