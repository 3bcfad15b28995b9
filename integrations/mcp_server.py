"""The MCP door: tools, resources and prompts with the caller's rights, over stdio (`rapport mcp`) and HTTP (/mcp)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from assistant.engine import USUAL
from assistant.questions import Turn
from assistant.serialise import to_json
from integrations import accounts, documents, explained, review
from integrations.live import Live
from integrations.metric_names import fitting, named
from integrations.reopening import keep_answer
from integrations.web.bodies import Answer, Query
from integrations.web.context import in_turn
from knowledge.access import Scope
from knowledge.errors import RapportError, UnknownName

log = logging.getLogger("rapport.mcp")
ABOUT = """Answers about customers, orders, service and what customers say, from the company's own records. Every figure carries its
definition, filters, period, row count and as-of. Quote figures as `display` gives them; never compute or invent one. Ask follow-ups
with the same `conversation`. What the caller may not see is refused."""
T = TypeVar("T")
TOLD = ("name", "label", "unit", "definition", "synonyms", "dimensions", "grains")
READING = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
ASKING = ToolAnnotations(read_only_hint=True, idempotent_hint=False, destructive_hint=False, open_world_hint=False)
Rights = Callable[[Context[Any, Any]], Scope]


class Metrics(BaseModel):
    """A page of the catalogue; `next` is the `start` of the following one, null at the end."""

    metrics: list[dict[str, Any]]
    total: int
    next: int | None


class Brief(BaseModel):
    """An account brief in one form: to read, or as data."""

    markdown: str | None = None
    brief: dict[str, Any] | None = None


class Passage(BaseModel):
    """Exact words of a comment."""

    feedback_id: str
    customer_id: str | None
    text: str
    score: float


class Passages(BaseModel):
    passages: list[Passage]


class Themes(BaseModel):
    themes: list[dict[str, Any]]


def server(live: Live, rights: Rights) -> MCPServer[Any]:
    """The server over a served workspace; `rights` tells whose call a request is."""
    made: MCPServer[Any] = MCPServer("rapport", title="Rapport", instructions=ABOUT)
    _questions(made, live, rights)
    _catalogue(made, live, rights)
    _accounts(made, live, rights)
    _voice(made, live, rights)
    _resources(made, live, rights)
    _prompts(made)
    return made


def _questions(made: MCPServer[Any], live: Live, rights: Rights) -> None:
    """Tools that answer with figures."""

    @made.tool(title="Ask a question", annotations=ASKING)
    async def ask(
        ctx: Context[Any, Any],
        question: Annotated[str, Field(min_length=1, max_length=2000, description="In plain words.")],
        conversation: Annotated[str | None, Field(max_length=200, description="The same name for follow-ups.")] = None,
    ) -> Answer:
        """Answers a question in plain words, asks which reading is meant (`choices`), or says why not and what can be answered (`nearest`)."""
        thread = f"mcp:{conversation}" if conversation else None
        return await _as_caller(rights, ctx, lambda scope: Answer(**to_json(live.reply(Turn(question, scope, thread)))))

    @made.tool(title="Query a metric", annotations=READING)
    async def query_metric(
        ctx: Context[Any, Any],
        metric: Annotated[str, Field(max_length=200, description="A name or label of list_metrics.")],
        by: Annotated[list[str], Field(max_length=5, description="Dimensions to group by.")] = [],  # noqa: B006
        where: Annotated[dict[str, list[str]], Field(description="Members to keep, by dimension.")] = {},  # noqa: B006
        period: Annotated[
            str | None, Field(max_length=200, description='"2026", "Q3 2026", "last 90 days", "2026-06-01..2026-08-31".')
        ] = None,
        grain: Literal["day", "week", "month", "quarter", "year"] | None = None,
        order: Literal["asc", "desc"] | None = None,
        limit: Annotated[int | None, Field(ge=1, le=10_000)] = None,
    ) -> Answer:
        """Figures of one metric, by group and over time."""
        from assistant.answer import answer_query

        filters = [{"dimension": d, "values": v} for d, v in where.items()]
        asked = Query.model_validate(
            {"metric": metric, "by": by, "where": filters, "period": period, "grain": grain, "order": order, "limit": limit}
        )

        def work(scope: Scope) -> Answer:
            with live.reading(scope) as reader:
                said = to_json(answer_query(explained.metric_query(asked.model_dump(), reader), reader))
            keep_answer(live.state, said, scope, f"query: {metric}")
            return Answer(**said)

        return await _as_caller(rights, ctx, work)


def _catalogue(made: MCPServer[Any], live: Live, rights: Rights) -> None:
    """What can be asked for."""

    @made.tool(title="List metrics", annotations=READING)
    async def list_metrics(
        ctx: Context[Any, Any],
        search: Annotated[str | None, Field(max_length=200, description="Words of a name, a synonym or a definition.")] = None,
        start: Annotated[int, Field(ge=0, le=10_000, description="`next` of the page before.")] = 0,
        limit: Annotated[int, Field(ge=1, le=200)] = 40,
    ) -> Metrics:
        """The metrics that fit best, or a page of all of them: definition, unit, dimensions, and whether the caller may see each.
        metric://NAME has formula, source and variants."""

        def work(scope: Scope) -> Metrics:
            found = listed_metrics(live.catalogue(), search)
            page = [
                {**{k: m[k] for k in TOLD}, "open_to_you": scope.may(m["sensitivity"])} for m in found[start : start + limit]
            ]
            return Metrics(metrics=page, total=len(found), next=start + limit if start + limit < len(found) else None)

        return await _as_caller(rights, ctx, work)


def listed_metrics(catalogue: list[dict[str, Any]], search: str | None) -> list[dict[str, Any]]:
    """Those that are asked for most first; with `search` those whose words fit, best first."""
    if search and search.strip():
        return fitting(catalogue, search)
    return sorted(catalogue, key=lambda m: USUAL.index(m["name"]) if m["name"] in USUAL else len(USUAL))


def _accounts(made: MCPServer[Any], live: Live, rights: Rights) -> None:
    """One customer, and the words of customers."""

    @made.tool(title="Account brief", annotations=READING)
    async def account_brief(
        ctx: Context[Any, Any],
        customer: Annotated[str, Field(min_length=1, max_length=200, description="Name or id.")],
        form: Annotated[Literal["text", "data"], Field(description="Markdown to read, or the same as data.")] = "text",
    ) -> Brief:
        """What to know about one customer before talking to them."""
        from assistant import brief

        def work(scope: Scope) -> Brief:
            found = live.briefs.make(customer, scope, drawings=False)
            return Brief(markdown=brief.markdown(found)) if form == "text" else Brief(brief=brief.to_json(found))

        return await _as_caller(rights, ctx, work)

    @made.tool(title="Search comments", annotations=READING)
    async def search_feedback(
        ctx: Context[Any, Any],
        query: Annotated[str, Field(min_length=1, max_length=500)],
        customer_id: Annotated[str | None, Field(max_length=200, description="Of one customer: name or id.")] = None,
        limit: Annotated[int, Field(ge=1, le=50)] = 8,
    ) -> Passages:
        """The comments that fit best, in the customers' exact words (personal data masked)."""
        from knowledge.search import search
        from nlp.encoder import load_encoder

        def work(scope: Scope) -> Passages:
            encode = load_encoder(live.settings.encoder or None).encode
            with live.reading(scope) as reader:
                whose = accounts.customer(reader, customer_id)["customer_id"] if customer_id else None
                hits = search(query, reader, encode, kind="feedback", customer=whose, k=limit)
            return Passages(
                passages=[Passage(feedback_id=h.id, customer_id=h.customer_id, text=h.text, score=h.score) for h in hits]
            )

        return await _as_caller(rights, ctx, work)


def _voice(made: MCPServer[Any], live: Live, rights: Rights) -> None:
    """What is said, by theme."""

    @made.tool(title="Themes", annotations=READING)
    async def themes(
        ctx: Context[Any, Any],
        theme: Annotated[str | None, Field(max_length=200, description="An id or a name: its reasons and quotes.")] = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> Themes:
        """What customers say, most said first; or one theme with its reasons and their exact words."""

        def work(scope: Scope) -> Themes:
            with live.reading(scope) as reader:
                return Themes(themes=[review.theme_card(reader, theme)] if theme else review.theme_list(reader)[:limit])

        return await _as_caller(rights, ctx, work)


def _resources(made: MCPServer[Any], live: Live, rights: Rights) -> None:
    @made.resource("metric://{name}", title="Definition of a metric", mime_type="application/json")
    async def metric(name: str, ctx: Context[Any, Any]) -> dict[str, Any]:
        """Definition, formula and dimensions of one metric."""

        def work() -> dict[str, Any]:
            rights(ctx)
            catalogue = live.catalogue()
            own = named(name, catalogue).partition(".")[0]
            found = next((m for m in catalogue if m["name"] == own), None)
            if found is None:
                raise UnknownName(f"There is no metric `{name}`.", "list_metrics names them.")
            return found

        return await _said(work, ResourceError)

    @made.resource("document://{document_id}", title="A document", mime_type="text/markdown")
    async def document(document_id: str, ctx: Context[Any, Any]) -> str:
        """A policy, playbook or note that the caller may read."""

        def work() -> str:
            with live.reading(rights(ctx)) as reader:
                return documents.text(reader, document_id)

        return await _said(work, ResourceError)

    @made.resource("documents://{selection}", title="Documents", mime_type="application/json")
    async def listed(selection: str, ctx: Context[Any, Any]) -> dict[str, Any]:
        """The documents that the caller may read (`documents://all`): id, title, kind; each is at document://ID."""

        def work() -> dict[str, Any]:
            if selection != "all":
                raise UnknownName(f"There is no selection `{selection}` of documents.", "Read documents://all.")
            with live.reading(rights(ctx)) as reader:
                return {"documents": documents.listed(reader)}

        return await _said(work, ResourceError)


def _prompts(made: MCPServer[Any]) -> None:
    @made.prompt(title="Prepare a customer call")
    def prepare_call(customer: str) -> str:
        """What to know, to ask and to promise before a call."""
        return (
            f"Use account_brief for {customer}. Tell me in five lines what to know before I call, each with its figure as given. "
            "Then three questions worth asking, and what we must not promise. Use no figure that the tools did not give."
        )

    @made.prompt(title="What customers complain about")
    def complaints(period: str = "this quarter") -> str:
        """Themes, their reasons and what to do."""
        return (
            f"Use ask for what customers complain about {period}, then themes with the id of each of the three largest. "
            "For each: what they say, why (with one exact quote and its id), and who should act. Say what the data does not show."
        )


async def _as_caller(rights: Rights, ctx: Context[Any, Any], work: Callable[[Scope], T]) -> T:
    return await _said(lambda: work(rights(ctx)), ToolError)


async def _said(work: Callable[[], T], kind: type[Exception]) -> T:
    """Runs in a thread. The user's and the data's errors are told in words, others as a reference."""
    try:
        return await in_turn(work)
    except RapportError as err:
        if err.exit_code == 1 or err.code in ("unavailable", "overloaded"):
            raise kind(f"{err.code}: {err.message} {err.hint}".strip()) from err
        raise kind(_reference(err)) from err
    except Exception as err:  # the protocol would show its text to the caller
        raise kind(_reference(err)) from err


def _reference(err: Exception) -> str:
    reference = uuid.uuid4().hex[:8]
    log.error("internal", extra={"event": "error", "code": "internal", "reference": reference}, exc_info=err)
    return f"internal: Something went wrong in Rapport (reference {reference})."
