"""What comes in as a file by either door: nothing grows past its bounds, and nothing is written anywhere but where uploads lie."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integrations.serving import Served, copied, served

DOORS = ("/api/v1/uploads", "/api/v1/imports")
NAMES = ("../../evil.csv", "..\\..\\evil.csv", "/tmp/evil.csv", "a/../../evil.csv", "....//evil.csv", "~/evil.csv", "uploads/../rapport.toml", "state.db", ".lock", "CON.csv", "%2e%2e%2fevil.csv")  # fmt: skip
ROWS = b"customer_id,name\nC-9001,Evil\n"


@pytest.fixture(scope="module")
def door(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(copied(company, tmp_path_factory.mktemp("doors"))) as up:
        yield up


def sent(door: Served, path: str, name: str, content: bytes) -> httpx.Response:
    form = {"mapping": "canonical"} if path.endswith("imports") else {}
    with door.client("Ann") as ann:
        return ann.post(path, files={"files": (name, content)}, data=form)


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in members.items():
            into.writestr(name, content)
    return out.getvalue()


BOMBS = {
    "zip": ("bomb.zip", lambda: packed(**{"customers.csv": b"0" * 300_000_000})),
    "zip in zip": ("bomb.zip", lambda: packed(**{"inner.zip": packed(**{"customers.csv": b"0" * 300_000_000})})),
    "gz": ("customers.csv.gz", lambda: gzip.compress(b"0" * 300_000_000, 1)),
    "xlsx": (
        "book.xlsx",
        lambda: packed(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 300_000_000}),
    ),
    "deep json": ("customers.json", lambda: b"[" * 200_000 + b"]" * 200_000),
    "wide json": ("customers.json", lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
}  # fmt: skip


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_in_words(door: Served, path: str, kind: str) -> None:
    name, make = BOMBS[kind]
    got = sent(door, path, name, make())
    if got.status_code == 201:  # taken aside by the page, which says why it cannot be read; nothing of it was unpacked
        assert path.endswith("uploads")
        assert got.json()["proposal"] is None
        assert got.json()["why_not"]
        kept = door.live.folder / "uploads" / got.json()["id"]
        assert sum(p.stat().st_size for p in kept.rglob("*") if p.is_file()) < 1_000_000
    else:
        assert 400 <= got.status_code < 500, got.text[:300]
        assert got.json()["code"]
        assert got.json()["detail"]
    with door.client("Ann") as ann:
        assert ann.get("/api/v1/session").status_code == 200


def everything(home: Path) -> dict[str, int]:
    """Files and sizes below and beside the workspace, apart from where uploads lie and what is written at any call."""
    return {
        str(p.relative_to(home.parent)): p.stat().st_size
        for p in home.parent.rglob("*")
        if p.is_file() and "uploads" not in p.parts and "state.db" not in p.name
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_upload_leads_nowhere(door: Served, name: str) -> None:
    before = everything(door.live.folder)
    got = sent(door, "/api/v1/uploads", name, ROWS)
    assert got.status_code < 500, got.text
    assert everything(door.live.folder) == before
    if got.status_code == 201:
        kept = door.live.folder / "uploads" / got.json()["id"]
        assert [len(list(p.iterdir())) for p in kept.iterdir() if p.is_dir()] == [1]
        with door.client("Ann") as ann:
            assert ann.delete(f"/api/v1/uploads/{got.json()['id']}").status_code == 204


@pytest.mark.parametrize("member", ["../../evil.csv", "/tmp/evil.csv", "..\\evil.csv"])
def test_the_names_in_an_archive_lead_nowhere(door: Served, member: str) -> None:
    before = everything(door.live.folder)
    got = sent(door, "/api/v1/uploads", "many.zip", packed(**{member: ROWS}))
    assert got.status_code < 500, got.text
    assert everything(door.live.folder) == before
    assert not Path("/tmp/evil.csv").exists()


@pytest.mark.parametrize("identity", ["..", "../..", "..%2f..", "%2e%2e%2f%2e%2e", "up-nosuch1", "."])
@pytest.mark.parametrize("what", ["preview", "import"])
def test_an_upload_is_named_by_its_id_alone(door: Served, identity: str, what: str) -> None:
    with door.client("Ann") as ann:
        got = ann.post(f"/api/v1/uploads/{identity}/{what}", json={"mapping": "canonical"})
        gone = ann.delete(f"/api/v1/uploads/{identity}")
    assert got.status_code in (404, 405, 422), got.text
    assert gone.status_code in (404, 405, 422)
    assert (door.live.folder / "rapport.toml").is_file()
