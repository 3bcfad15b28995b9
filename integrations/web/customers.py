"""Customers and their briefs, cut to the caller's accounts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from assistant.brief import to_json
from integrations import accounts
from integrations.exports.brief_forms import FORMS
from integrations.web import bodies
from integrations.web.context import Caller, Served
from integrations.web.paging import Cursor, Limit, page, tagged

Form = Literal["json", "md", "html", "docx", "pdf"]
router = APIRouter(prefix="/api/v1/customers", tags=["customers"])


@router.get("", response_model=bodies.Page)
def customers(
    request: Request,
    live: Served,
    scope: Caller,
    search: Annotated[str | None, Query(max_length=200, description="Part of a name or an id.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The customers that the caller may see, by name."""
    with live.reading(scope) as reader:
        return tagged(request, page(accounts.customers(reader, search), limit, cursor))


@router.get("/{customer_id}")
def customer(customer_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """One customer with what is known of it as of the snapshot."""
    with live.reading(scope) as reader:
        return tagged(request, accounts.customer(reader, customer_id))


@router.get("/{customer_id}/brief", response_class=Response, responses={200: {"content": {t: {} for t in FORMS.values()}}})
def brief(
    customer_id: str,
    request: Request,
    live: Served,
    scope: Caller,
    form: Annotated[Form, Query(alias="format")] = "json",
    since: Annotated[date | None, Query(description="Say what changed since this day; without it since you read last.")] = None,
) -> Response:
    """The account brief, as JSON, Markdown, HTML, Word or PDF."""
    made = live.briefs.make(customer_id, scope, since=since, drawings=form != "md")
    if form == "json":
        return tagged(request, to_json(made))
    file = live.briefs.render(made, form)
    live.state.audit(scope.principal, scope.role, "export", {"what": "brief", "customer": customer_id, "form": form})
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'} if form in ("docx", "pdf") else {}
    if form == "html":
        headers["Content-Security-Policy"] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return Response(file.content, media_type=file.media_type, headers={**headers, "Cache-Control": "private, no-cache"})
