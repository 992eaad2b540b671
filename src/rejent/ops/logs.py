"""Logs: one JSON object a line on standard error, without tracebacks unless asked for."""

import logging
import os
import sys
from typing import Any

import structlog


def configure_logs(**facts: str) -> None:
    """Send the program's and the libraries' log lines to standard error as JSON, each with these ``facts``."""

    def say(_logger: Any, _method: str, event: Any) -> Any:
        return {**facts, **event}

    timestamps = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[Any] = [
        say,
        structlog.processors.add_log_level,
        timestamps,
        _error_without_traceback,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _error_without_traceback(_logger: Any, _method: str, event: Any) -> Any:
    """Replace an exception by its kind and place: its text may hold what must not be in a log."""
    if os.environ.get("REJENT_TRACEBACK"):
        return event
    info = event.pop("exc_info", None)
    if info:
        error = sys.exc_info() if info is True else info
        kind, where = (error[0], error[2]) if isinstance(error, tuple) else (type(error), error.__traceback__)
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        event["error"] = kind.__name__ if kind else "unknown"
        if where is not None:
            event["at"] = f"{where.tb_frame.f_globals.get('__name__', '?')}:{where.tb_lineno}"
    return event
