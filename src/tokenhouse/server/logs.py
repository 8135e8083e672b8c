"""Logs: one event a line, on standard output, as JSON or for a person's eyes."""

from __future__ import annotations

import logging

import structlog

from tokenhouse.config.settings import Log


def configure(log: Log) -> None:
    """Configure structlog for this process."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if log.format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if log.format == "json" else _unchanged,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[log.level.upper()]),
        cache_logger_on_first_use=False,
    )
    library = logging.getLogger("uvicorn.error")
    library.handlers = [_ToEvents()]
    library.propagate = False
    library.setLevel(logging.ERROR)  # below that it says what strangers send, line after line


class _ToEvents(logging.Handler):
    """Says what the server library logs as an event like any other."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record."""
        structlog.get_logger("tokenhouse").error("server.library", text=record.getMessage(), exc_info=record.exc_info)


def _unchanged(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return event
