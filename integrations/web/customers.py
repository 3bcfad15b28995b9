"""Customers and their briefs, cut to the caller's accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from integrations import accounts
from integrations.web import bodies
from integrations.web.context import Caller, Served
from integrations.web.paging import Cursor, Limit, page, tagged

Form = Literal["json", "md"]
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


@router.get(
    "/{customer_id}/brief", response_class=Response, responses={200: {"content": {"text/markdown": {}, "application/json": {}}}}
)
def brief(
    customer_id: str, request: Request, live: Served, scope: Caller, format_: Annotated[Form, Query(alias="format")] = "json"
) -> Response:
    """The account brief, as JSON or Markdown."""
    from assistant.brief import make, markdown, to_json

    with live.reading(scope) as reader:
        made = make(customer_id, reader)
    if format_ == "md":
        return Response(
            markdown(made), media_type="text/markdown; charset=utf-8", headers={"Cache-Control": "private, no-cache"}
        )
    return tagged(request, to_json(made))
