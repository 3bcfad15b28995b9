"""Conversations of the page: listed and searched, opened again, an answer shared, its table taken along."""

from __future__ import annotations

import io
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from integrations.reopening import check, opened
from integrations.web import bodies
from integrations.web.context import Caller, Served
from integrations.web.paging import Cursor, Limit, page, tagged
from knowledge.access import Scope
from knowledge.errors import NotAllowed, UnknownName
from knowledge.state import State

router = APIRouter(prefix="/api/v1", tags=["questions"])
SHARED, OWN, MOST = "shared answer", "rest:", 2000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/threads", response_model=bodies.Page)
def threads(
    request: Request, live: Served, scope: Caller, search: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> Response:  # fmt: skip
    """The caller's conversations, newest first, each with its questions; `search` looks in these."""
    found: dict[str, dict[str, Any]] = {}
    for row in live.state.answers_of(scope.principal, MOST):
        name = row["conversation"] or ""
        if name.startswith(OWN):
            one = found.setdefault(name, {"id": name.removeprefix(OWN), "at": row["at"].isoformat(), "questions": []})
            one["questions"].insert(0, row["question"])
    part = (search or "").casefold()
    rows = [t for t in found.values() if not part or any(part in q.casefold() for q in t["questions"])]
    return tagged(request, page(rows, limit, cursor))


@router.get("/threads/{thread_id}", response_model=bodies.Page)
def thread(thread_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """One conversation: its answers as they were given, oldest first. What the caller may not see any more is left out and counted."""
    rows = [r for r in live.state.answers_of(scope.principal, MOST) if r["conversation"] == OWN + thread_id]
    answers, hidden = [], 0
    for row in reversed(rows[:100]):
        try:
            answers.append(opened(live.state, scope, row["id"]))
        except NotAllowed:
            hidden += 1
    if not rows:
        raise UnknownName("You have no such conversation.", "GET /api/v1/threads lists yours.")
    return tagged(request, {**page(answers, 200, None), "hidden": hidden})


@router.post("/answers/{answer_id}/share", response_model=dict[str, Any])
def share(answer_id: str, live: Served, scope: Caller) -> Any:
    """Lets colleagues who may see the same open an answer: the same figures, on the same snapshot."""
    opened(live.state, scope, answer_id)
    live.state.keep(SHARED, answer_id, {"by": scope.principal})
    live.state.audit(scope.principal, scope.role, "share", {"answer": answer_id})
    return {"path": f"/answers/{answer_id}"}


@router.get("/shared/{answer_id}", response_model=dict[str, Any])
def shared(answer_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """An answer of one's own, or one that was shared, as it was given. Fails: NotAllowed where the caller may not see all of it."""
    return tagged(request, _seen(live.state, scope, answer_id))


@router.get("/answers/{answer_id}/table.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def workbook(answer_id: str, live: Served, scope: Caller) -> Response:
    """An answer's table as a workbook, figures as numbers."""
    found = _seen(live.state, scope, answer_id)
    if not found.get("table"):
        raise UnknownName("This answer has no table.", "Ask for something over time or by group.")
    live.state.audit(scope.principal, scope.role, "export", {"what": "table", "answer": answer_id})
    headers = {"Content-Disposition": f'attachment; filename="rapport-{answer_id}.xlsx"', "Cache-Control": "private, no-cache"}
    return Response(_workbook(found), media_type=XLSX, headers=headers)


def _seen(state: State, scope: Scope, answer_id: str) -> dict[str, Any]:
    found = state.whole_answer(answer_id) if "\0" not in answer_id else None
    by = state.kept(SHARED, answer_id) if found is not None else None
    if found is None or (found["principal"] != scope.principal and by is None):
        raise UnknownName("There is no answer of that id for you.", "Whoever asked can share it with its link.")
    check(found, scope)
    mine = found["principal"] == scope.principal
    return {
        **{k: v for k, v in found.items() if k not in ("seen", "conversation")},
        "shared_by": None if mine else by["by"] if by else None,
    }


def _workbook(answer: dict[str, Any]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    values = {f["display"]: (f["value"], f["unit"]) for f in answer["figures"] if isinstance(f.get("value"), int | float)}
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Answer"
    sheet.append([str(answer.get("question") or "")])
    sheet.append([f"Data to {str(answer.get('as_of') or '')[:10]}, snapshot {answer.get('snapshot')}"])
    sheet.append([])
    sheet.append([str(c) for c in answer["table"]["columns"]])
    for cell in sheet[4]:
        cell.font = Font(bold=True)
    for row in answer["table"]["rows"]:
        sheet.append([None] * len(row))
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(sheet.max_row, place)
            plain = str(text if text is not None else "").replace("**", "")
            value, unit = values.get(plain, (None, ""))
            if value is not None:
                cell.value = value
                cell.number_format = "0.0%" if unit == "share" else "#,##0.00" if unit == "money" else "General"
            else:
                cell.value = plain
                cell.data_type = "s"  # a text that begins like a formula stays a text
    for column in "ABCDEFGH":
        sheet.column_dimensions[column].width = 22
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
