"""From a file to figures, by the page: upload, a mapping proposed, a preview of its sums, the import; quarantine and its mending."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile
from pydantic import Field

from integrations import page_jobs
from integrations.meaning import when_asked
from integrations.page_jobs import Jobs
from integrations.web import bodies
from integrations.web.bodies import Line
from integrations.web.context import ADMINS, Admin, Served
from integrations.web.paging import Limit, page, tagged
from integrations.web.received import received
from knowledge import mending, quarantine
from knowledge.errors import BadInput, RapportError, UnknownName
from knowledge.import_log import entries

router = APIRouter(prefix="/api/v1", tags=["data"])
FOLDER, PROPOSED, MOST_KEPT = "uploads", "proposed.yaml", 20
NAMED = re.compile(r"[A-Za-z0-9_-]{8,40}")


def jobs_of(request: Request) -> Jobs:
    found: Jobs = request.app.state.jobs
    return found


Working = Annotated[Jobs, Depends(jobs_of)]


Column = Annotated[str, Field(max_length=500)]
Target = Annotated[str, Field(max_length=100, pattern=r"^([a-z_]+\.[a-z_]+)?$")]


class Chosen(bodies._In):
    """How an upload is read: a shipped mapping by name, or the proposed one with answers to its questions, and with what a person says
    that columns are (`table.field`, or empty: left out)."""

    mapping: Annotated[str, Field(max_length=100, pattern=r"^([a-z0-9][a-z0-9_-]*)?$")] = ""
    answers: Annotated[dict[Line, Line], Field(max_length=50, default_factory=dict)]
    columns: Annotated[dict[Column, Target], Field(max_length=400, default_factory=dict)]


class Demo(bodies._In):
    """How large the made-up company is: 1 is whole."""

    scale: Annotated[float, Field(ge=0.01, le=1)] = 1.0


@router.post("/uploads", status_code=201, response_model=dict[str, Any])
def upload(live: Served, scope: Admin, files: Annotated[list[UploadFile], File()]) -> Any:
    """Takes files aside and proposes how they are read; nothing is loaded yet."""
    home = live.folder / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    _tidy(home)
    folder = Path(tempfile.mkdtemp(prefix="up-", dir=home))
    try:
        received(files, folder)
        found = _proposed(folder, {}, {})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    live.state.audit(scope.principal, scope.role, "upload", {"files": [p.name for p in _paths(folder)]})
    return {"id": folder.name, "files": [p.name for p in _paths(folder)], "fields": _fields(), **found}


@router.post("/uploads/{upload_id}/proposal", response_model=dict[str, Any])
def proposal(upload_id: str, body: Chosen, live: Served, scope: Admin) -> Any:  # noqa: ARG001
    """How the upload would be read with what a person says of its columns."""
    return _proposed(_folder(live, upload_id), body.answers, body.columns)


@router.post("/uploads/{upload_id}/preview", response_model=dict[str, Any])
def preview(upload_id: str, body: Chosen, live: Served, scope: Admin) -> Any:  # noqa: ARG001
    """What would become of the rows: counts, sums to check against the source, three rows of each table. Nothing is kept."""
    from knowledge.mapping import load_mapping
    from knowledge.trial import trial

    folder = _folder(live, upload_id)
    found = _proposed(folder, body.answers, body.columns) if not body.mapping else {}
    made = trial(load_mapping(body.mapping or folder / PROPOSED), _paths(folder), zone=live.settings.zone)
    told = made.as_dict()
    return {**found, "sums": told["sums"], "rows": _plain(told["rows"]), "left": told["left"], "report": made.report.as_dict(),
            "sentence": made.report.sentence(), "nothing": made.report.nothing_loaded}  # fmt: skip


@router.post("/uploads/{upload_id}/import", status_code=202, response_model=dict[str, Any])
def import_it(upload_id: str, body: Chosen, live: Served, scope: Admin, jobs: Working) -> Any:
    """Loads it and builds; GET /api/v1/jobs/last tells every step."""
    folder = _folder(live, upload_id)
    if not body.mapping:
        _proposed(folder, body.answers, body.columns)
    mapping: str | Path = body.mapping or folder / PROPOSED
    names = [p.name for p in _paths(folder)]
    live.state.audit(scope.principal, scope.role, "import", {"files": names, "mapping": body.mapping or "proposed"})
    return jobs.start(
        f"Loading {', '.join(names[:3])}", lambda say: page_jobs.imported(live, mapping, _paths(folder), folder, say)
    )


@router.delete("/uploads/{upload_id}", status_code=204)
def drop(upload_id: str, live: Served, scope: Admin) -> None:  # noqa: ARG001
    """Throws an upload away."""
    shutil.rmtree(_folder(live, upload_id), ignore_errors=True)


@router.post("/first/demo", status_code=202, response_model=dict[str, Any])
def demo(body: Demo, live: Served, scope: Admin, jobs: Working) -> Any:
    """Fills an empty workspace with the made-up company. Fails: BadInput (`not_empty`) where anything was imported."""
    if entries(live.folder):
        raise BadInput("This workspace holds data already.", "The demo company goes into an empty one.", code="not_empty")
    live.state.audit(scope.principal, scope.role, "demo", {"scale": body.scale})
    return jobs.start("The demo company", lambda say: page_jobs.demo(live, body.scale, say))


@router.get("/jobs/last", response_model=dict[str, Any], dependencies=[ADMINS])
def last(jobs: Working) -> Any:
    """The job that the page started last, with its steps."""
    return jobs.last()


@router.post("/jobs/build", status_code=202, response_model=dict[str, Any])
def build(live: Served, scope: Admin, jobs: Working) -> Any:
    """Builds now, step by step to be watched."""
    live.state.audit(scope.principal, scope.role, "build", {})
    return jobs.start("Building", lambda say: page_jobs.build(live, say))


@router.get("/quarantine/rows", response_model=bodies.Page, dependencies=[ADMINS])
def kept_out(
    request: Request, live: Served, reason: Annotated[str | None, Query(max_length=500)] = None, limit: Limit = 20
) -> Response:
    """Rows that were not loaded, with their original values."""
    return tagged(request, page(_plain(quarantine.rows(live.folder, reason=reason, limit=limit)), limit, None))


@router.get("/quarantine/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def exported(live: Served, scope: Admin, reason: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    """Those rows as CSV, to be mended and sent back."""
    with tempfile.TemporaryDirectory() as aside:
        out = Path(aside) / "quarantine.csv"
        count = mending.export(live.folder, out, reason=reason)
        content = out.read_bytes()
    live.state.audit(scope.principal, scope.role, "export", {"what": "quarantine", "rows": count})
    headers = {"Content-Disposition": 'attachment; filename="quarantine.csv"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/quarantine/retry", response_model=dict[str, Any])
def retried(live: Served, scope: Admin, files: Annotated[list[UploadFile] | None, File()] = None) -> Any:
    """Tries the rows again, mended ones from an exported file, or all as they are."""
    with tempfile.TemporaryDirectory() as aside:
        paths = received(files or [], Path(aside))
        report = mending.retry(live.folder, paths[0] if paths else None)
    live.state.audit(scope.principal, scope.role, "import", {"what": "quarantine", "rows": report.rows_in})
    return {**report.as_dict(), "sentence": report.sentence()}


def _folder(live: Served, upload_id: str) -> Path:
    folder = live.folder / FOLDER / upload_id
    if not NAMED.fullmatch(upload_id) or not folder.is_dir() or folder.is_symlink():
        raise UnknownName("There is no such upload.", "Upload the file again.", code="unknown_upload")
    return folder


def _paths(folder: Path) -> list[Path]:
    return sorted((p for p in folder.glob("*/*") if p.is_file()), key=lambda p: int(p.parent.name))


def _proposed(folder: Path, answers: dict[str, str], told: dict[str, str]) -> dict[str, Any]:
    """The proposal for the first file, written beside it; where none can be made, the reason and the columns that a person can explain."""
    from knowledge.suggest import columns_of, suggest

    first = _paths(folder)[0]
    try:
        found = suggest(first, when_asked(), answers, told)
    except RapportError as err:
        with suppress(RapportError):
            return {"proposal": None, "why_not": f"{err.message} {err.hint}".strip(), "columns": columns_of(first)}
        return {"proposal": None, "why_not": f"{err.message} {err.hint}".strip(), "columns": []}
    (folder / PROPOSED).write_text(found.yaml, encoding="utf-8")
    shown = found.as_dict()
    shown.pop("yaml")
    return {"proposal": {**shown, "file": Path(found.file).name}, "why_not": "", "columns": []}


def _fields() -> dict[str, tuple[str, ...]]:
    from knowledge.suggest import FIELDS

    return FIELDS


def _tidy(home: Path) -> None:
    """Old uploads go, so that they do not heap up."""
    kept = sorted((p for p in home.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    for old in kept[: max(0, len(kept) - MOST_KEPT)]:
        shutil.rmtree(old, ignore_errors=True)


def _plain(value: Any) -> Any:
    """JSON-ready: moments and decimals as text."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
