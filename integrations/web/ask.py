"""Questions, metric queries, and what is kept of an answer: how it was made, its chart, whether it was of use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from assistant.questions import Turn
from assistant.serialise import to_json
from integrations import explained
from integrations.live import Live
from integrations.reopening import keep_answer, opened
from integrations.web import bodies, problems
from integrations.web.context import Caller, Served, in_turn
from integrations.web.paging import Cursor, Limit, page, tagged
from knowledge.errors import RapportError, UnknownName

router = APIRouter(prefix="/api/v1", tags=["questions"])


@router.post(
    "/ask", response_model=bodies.Answer, responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
)
async def ask(body: bodies.Ask, request: Request, live: Served, scope: Caller) -> Any:
    """An answer, a choice, or a refusal in words. With `Accept: text/event-stream`: events `progress`, then one `answer` or `problem`."""
    conversation = f"rest:{body.conversation}" if body.conversation else None
    turn = Turn(body.question, scope, conversation)
    if "text/event-stream" in request.headers.get("accept", ""):
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(live, turn), media_type="text/event-stream", headers=headers)
    return await in_turn(lambda: to_json(live.reply(turn)))


@router.post("/query", response_model=bodies.Answer)
def query(body: bodies.Query, live: Served, scope: Caller) -> Any:
    """An explicit metric query, answered like a question."""
    from assistant.answer import answer_query

    with live.reading(scope) as reader:
        said = to_json(answer_query(explained.metric_query(body.model_dump(), reader), reader))
    keep_answer(live.state, said, scope, f"query: {body.metric}")
    return said


@router.post("/query/explain")
def explain(body: bodies.Query, live: Served, scope: Caller) -> dict[str, str]:
    """The SQL that the query would run."""
    from knowledge.query import explain as sql

    with live.reading(scope) as reader:
        return {"sql": sql(explained.metric_query(body.model_dump(), reader), reader)}


@router.get("/metrics", response_model=bodies.Page)
def metrics(request: Request, live: Served, scope: Caller, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """The catalogue: every metric with definition, formula, source, synonyms and dimensions, and whether the caller may see it."""
    rows = [{**m, "open_to_you": scope.may(m["sensitivity"])} for m in live.catalogue()]
    return tagged(request, page(rows, limit, cursor))


@router.get("/metrics/{name}")
def metric(name: str, request: Request, live: Served, scope: Caller) -> Response:
    """One metric."""
    found = next((m for m in live.catalogue() if m["name"] == name.split(".", maxsplit=1)[0]), None)
    if found is None:
        raise UnknownName(f"There is no metric `{name}`.", "GET /api/v1/metrics lists them.")
    return tagged(request, {**found, "open_to_you": scope.may(found["sensitivity"])})


@router.get("/answers", response_model=bodies.Page)
def answers(request: Request, live: Served, scope: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The caller's own questions, newest first."""
    return tagged(request, page(live.state.answers_of(scope.principal, 1000), limit, cursor))


@router.get("/answers/{answer_id}", response_model=bodies.Answer)
def answer(answer_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """An answer of the caller's own, as it was given."""
    return tagged(request, opened(live.state, scope, answer_id))


@router.get("/answers/{answer_id}/how")
def how(answer_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """How an answer was made: definitions, what was understood, the SQL, the rows used."""
    found = opened(live.state, scope, answer_id)
    with live.reading(scope) as reader:
        return tagged(request, explained.how(found, reader))


@router.get("/answers/{answer_id}/chart.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
def chart(answer_id: str, live: Served, scope: Caller) -> Response:
    """An answer's chart as an image."""
    from integrations.exports.charts import render_svg

    found = opened(live.state, scope, answer_id)
    if not found["chart"]:
        raise UnknownName("This answer has no chart.", "Ask for something over time or by group.")
    live.state.audit(scope.principal, scope.role, "export", {"what": "chart", "answer": answer_id})
    return Response(render_svg(found["chart"]), media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})


@router.post("/answers/{answer_id}/opinion", status_code=204)
def opinion(answer_id: str, body: bodies.Opinion, live: Served, scope: Caller) -> None:
    """Says whether an answer was of use; people who look after Rapport read it."""
    opened(live.state, scope, answer_id)
    live.state.audit(
        scope.principal, scope.role, "opinion", {"answer": answer_id, "useful": body.useful, "reason": body.reason}
    )


async def _events(live: Live, turn: Turn) -> AsyncIterator[str]:
    steps: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def heard(step: str) -> None:
        loop.call_soon_threadsafe(steps.put_nowait, step)

    work = asyncio.create_task(in_turn(lambda: live.reply(turn, heard)))
    waiting: asyncio.Task[str] | None = None
    while not work.done():
        waiting = waiting or asyncio.create_task(steps.get())
        done, _ = await asyncio.wait({work, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done:
            yield _event("progress", {"step": waiting.result()})
            waiting = None
        elif not done:
            yield ": still at it\n\n"
    if waiting is not None:
        waiting.cancel()
    while not steps.empty():
        yield _event("progress", {"step": steps.get_nowait()})
    try:
        yield _event("answer", to_json(work.result()))
    except RapportError as err:
        yield _event("problem", json.loads(bytes(problems.of_error(err).body)))
    except Exception as err:  # the stream has begun: it can only be told inside it
        problems.log.error("internal", extra={"event": "error", "code": "internal"}, exc_info=err)
        yield _event("problem", {"code": "internal", "detail": "Something went wrong in Rapport."})


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, default=str)}\n\n"
