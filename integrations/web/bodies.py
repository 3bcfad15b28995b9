"""The bodies of REST, with examples: what comes in is checked here; what goes out is the contract's JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class Ask(_In):
    """A question, in the thread `conversation` where one is named (any name of the caller's own)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "top 5 customers by revenue this year", "conversation": "c1"}]},
    )
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
    conversation: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")] | None = None


class Where(_In):
    """Rows whose dimension is (or, `negated`, is not) one of the values."""

    dimension: Line
    values: Annotated[list[Name], Field(min_length=1, max_length=500)]
    negated: bool = False


class Span(_In):
    """Days, both included."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.end < self.start:
            raise ValueError("the period ends before it starts")
        return self


class Query(_In):
    """An explicit metric query; `period` is said as people do ("Q3 2026", "last 90 days") or given as two days."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"metric": "revenue", "by": ["region"], "period": "2026", "order": "desc", "limit": 5}]
        },
    )
    metric: Line
    by: Annotated[list[Line], Field(max_length=5)] = []
    where: Annotated[list[Where], Field(max_length=20)] = []
    period: Line | Span | None = None
    grain: Literal["day", "week", "month", "quarter", "year"] | None = None
    order: Literal["asc", "desc"] | None = None
    limit: Annotated[int, Field(ge=1, le=10_000)] | None = None


class Figure(_Out):
    metric: str
    label: str
    value: float | int | str | None
    unit: str
    display: str
    rows: int


class Coming(_Out):
    """What was asked for is being made."""

    coming: bool


class Answer(_Out):
    """An answer, a choice of readings, or a refusal in words (see `status`)."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "id": "a-5f0c", "status": "answered", "text": "**93.4 %** line fill rate of Acme Industrial …",
                    "figures": [{"metric": "fill_rate", "label": "Line fill rate", "value": 0.934, "unit": "share", "display": "93.4 %", "rows": 441}],
                    "table": None, "chart": None, "quotes": [], "citations": [], "choices": [], "nearest": [], "followups": [],
                    "as_of": "2026-10-31T23:59:59+00:00", "snapshot": "20261101T060000-a1b2c3", "plan": {"operation": "value"}, "timings_ms": {"total": 41.0},
                }
            ]
        },
    )  # fmt: skip
    id: str
    status: Literal["answered", "clarify", "out_of_scope", "not_allowed", "no_data", "error"]
    text: str
    figures: list[Figure]
    table: dict[str, Any] | None
    chart: dict[str, Any] | None
    quotes: list[dict[str, Any]]
    citations: list[dict[str, Any]]
    choices: list[dict[str, Any]]
    nearest: list[str]
    followups: list[str]
    as_of: str | None
    snapshot: str
    plan: dict[str, Any]
    timings_ms: dict[str, Any]


class Page(_Out):
    """One page of a list; `next` is the cursor of the next one, null at the end."""

    items: list[Any]
    next: str | None
    total: int


class Problem(_Out):
    """RFC 9457; `code` is stable."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"type": "urn:rapport:error:unknown_name", "title": "Not found", "status": 404, "code": "unknown_name", "detail": "There is no metric `revenu`.", "hint": "Nearest: revenue."}]
        },
    )  # fmt: skip
    type: str
    title: str
    status: int
    code: str
    detail: str


class Comment(_In):
    """One comment of a customer; text, rating or nps is needed. An id makes sending it again harmless."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"feedback_id": "S-1001", "text": "The driver was late again.", "customer_id": "C-001", "channel": "survey", "rating": 2, "rating_scale": "1-5"}]},
    )  # fmt: skip
    feedback_id: Line | None = None
    text: Text | None = None
    at: datetime | None = None
    channel: Line = "api"
    customer_id: Line | None = None
    order_id: Line | None = None
    product_id: Line | None = None
    rating: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)] | None = None
    rating_scale: Annotated[str, StringConstraints(pattern=r"^-?\d{1,6}-\d{1,6}$")] | None = None
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str | None) -> str | None:
        return text if text and text.strip() else None

    @field_validator("at")
    @classmethod
    def _in_time(cls, at: datetime | None) -> datetime | None:
        if at is not None and not 1900 <= at.year <= 2999:
            raise ValueError("the year is not between 1900 and 2999")
        return at

    @model_validator(mode="after")
    def _something(self) -> Comment:
        if self.text is None and self.rating is None and self.nps is None:
            raise ValueError("give `text`, `rating` or `nps`")
        return self


class Comments(_In):
    """Many comments at once."""

    comments: Annotated[list[Comment], Field(min_length=1, max_length=5000)]


class Taken(_Out):
    """What was stored to be loaded: it is safe from now on, and shows after the next build."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"id": 17, "accepted": 1, "state": "waiting", "feedback_ids": ["S-1001"]}]},
    )
    id: int
    accepted: int
    state: str


class Subscribe(_In):
    """What is sent, when, and where to: `web`, `email`, `email:ADDRESS`, or a Slack channel or person (C…, U…)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "question", "what": "on-time delivery last week", "schedule": {"every": "week", "day": "monday", "at": "07:30"}, "channel": "C0123456789"}]},
    )  # fmt: skip
    kind: Literal["digest", "alerts", "question"]
    what: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00]*$")] = ""
    schedule: Annotated[dict[Line, Line | int | None], Field(max_length=10)] = {}
    channel: Line


class Decide(_In):
    """A decision about a theme; later ones win, and every one is kept."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "rename", "name": "Crushed corners"}]})
    kind: Literal["rename", "merge", "split", "move", "assign", "approve"]
    name: Line | None = Field(default=None, description="rename: the new name; split: the name of what is split off.")
    into: Line | None = Field(default=None, description="merge, move: the theme that stays, or that the comment goes to.")
    reason: Line | None = Field(default=None, description="split: the reason whose comments become a theme.")
    feedback_id: Line | None = Field(default=None, description="move, assign: the comment.")

    @model_validator(mode="after")
    def _complete(self) -> Decide:
        wanted = {
            "rename": ("name",),
            "merge": ("into",),
            "split": ("reason",),
            "move": ("feedback_id", "into"),
            "assign": ("feedback_id",),
        }
        lacking = [w for w in wanted.get(self.kind, ()) if getattr(self, w) is None]
        if lacking:
            raise ValueError(f"`{self.kind}` needs `{lacking[0]}`")
        return self


class Opinion(_In):
    """Whether an answer was of use, and why not."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"useful": False, "reason": "I meant the group, not the plant."}]}
    )
    useful: bool
    reason: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""
