"""What operators see: Prometheus metrics, structured logs without personal data, traces where OpenTelemetry is configured."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from knowledge.errors import Unavailable

KEPT_FIELDS = ("event", "request_id", "method", "route", "status", "ms", "role", "code", "reference", "door", "kind", "count")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meters:
    """The measures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "rapport_http_requests_total",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "rapport_http_request_seconds",
            "Seconds a request took.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.answers = Counter(
            "rapport_answers_total", "Answers by door and status.", ("door", "status"), registry=self.registry
        )
        self.answer_seconds = Histogram(
            "rapport_answer_seconds", "Seconds an answer took.", ("door",), buckets=BUCKETS, registry=self.registry
        )
        self.pending = Gauge("rapport_pending_work", "Work that waits or is being done.", ("kind",), registry=self.registry)
        self.data_age = Gauge("rapport_data_age_seconds", "Age of the latest event in the data.", registry=self.registry)
        self.built_age = Gauge("rapport_snapshot_age_seconds", "Age of the published snapshot.", registry=self.registry)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class JsonLines(logging.Formatter):
    """One JSON object a line; of the extras only those that say nothing about a person."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: getattr(record, k) for k in KEPT_FIELDS if hasattr(record, k)}
        if record.exc_info and record.levelno >= logging.ERROR:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_as_json(level: str | None = None) -> None:
    """Sends the logs of `rapport.*` to stderr as JSON lines (RAPPORT_LOG sets the level, INFO without it)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("rapport")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel((level or os.environ.get("RAPPORT_LOG") or "INFO").upper())


class Tracer:
    """Spans where OpenTelemetry is configured by its own variables (OTEL_TRACES_EXPORTER: console, or otlp); else nothing."""

    def __init__(self) -> None:
        self._tracer: Any = None
        wanted = os.environ.get("OTEL_TRACES_EXPORTER", "otlp" if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") else "none")
        if wanted not in ("", "none") and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true":
            self._tracer = _configured(wanted)

    def span(self, name: str, **attributes: str | int | float) -> AbstractContextManager[Any]:
        if self._tracer is None:
            return _nothing()
        span: AbstractContextManager[Any] = self._tracer.start_as_current_span(name, attributes=attributes)
        return span


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def _configured(exporter: str) -> Any:
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

        made: SpanExporter
        if exporter == "console":
            made = ConsoleSpanExporter(out=sys.stderr)
        elif exporter == "otlp":
            from importlib import import_module

            made = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter()
        else:
            raise Unavailable(f"OTEL_TRACES_EXPORTER={exporter} is not known here.", "Use otlp, console or none.")
    except ModuleNotFoundError as err:
        raise Unavailable(
            f"Traces are configured, but {err.name} is not installed.",
            "pip install 'rapport-crm[telemetry]' opentelemetry-exporter-otlp-proto-http, or set OTEL_TRACES_EXPORTER=none.",
        ) from err
    provider = TracerProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "rapport")}))
    provider.add_span_processor(BatchSpanProcessor(made))
    return provider.get_tracer("rapport")
