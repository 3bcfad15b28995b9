"""The page's addresses: each gives the same small client, which shows what the address says; and what there is where there is nothing."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
PAGES = ("ask", "answers", "themes", "review", "accounts", "catalogue", "data", "admin", "enter")
router = APIRouter(include_in_schema=False)


def shell(_: Request) -> Response:
    """The client."""
    return FileResponse(STATIC / "index.html", headers=HEADERS)


router.add_api_route("/", shell, methods=["GET"])
for _page in PAGES:
    router.add_api_route(f"/{_page}", shell, methods=["GET"])
    router.add_api_route(f"/{_page}/{{rest:path}}", shell, methods=["GET"])


@router.get("/docs")
def documentation() -> FileResponse:
    return FileResponse(STATIC / "docs.html", headers=HEADERS)


@router.get("/favicon.ico")
def icon() -> RedirectResponse:
    return RedirectResponse("/static/icon.svg")


def not_found(request: Request) -> Response | None:
    """A page that says so, for a person's browser; None for a program, which gets its problem."""
    path = request.url.path
    if request.method != "GET" or path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return None
    return FileResponse(STATIC / "404.html", status_code=404, headers=HEADERS)
