"""Files that were made to do more than be read: names that lead out of the archive, entities of other files, links, formulas."""

from __future__ import annotations

import io
import os
import random
import stat
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from knowledge.archives import unpacked
from knowledge.errors import RapportError
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.tables import Store

ROWS = "customer_id,name\nC1,Acme\n"


def test_names_that_lead_elsewhere_write_nothing_elsewhere(tmp_path: Path) -> None:
    archive, inside = tmp_path / "in" / "a.zip", tmp_path / "in"
    inside.mkdir()
    with zipfile.ZipFile(archive, "w") as packed:
        for name in (
            "../customers.csv",
            "../../customers.csv",
            "/tmp/rapport-slip/customers.csv",
            "..\\customers.csv",
            "customers.csv",
        ):
            packed.writestr(name, ROWS)
    before = set(tmp_path.rglob("*"))
    with unpacked([archive]) as given:
        folder = Path(str(given[0]))
        assert all(p.resolve().is_relative_to(folder.resolve()) for p in folder.rglob("*"))
    assert set(tmp_path.rglob("*")) == before
    assert not Path("/tmp/rapport-slip").exists()
    assert import_files(tmp_path / "w", load_mapping("canonical"), [archive]).loaded >= 1


def test_a_link_in_a_zip_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("customer_id,name\nC9,Secret\n", encoding="utf-8")
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        link = zipfile.ZipInfo("customers.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, str(secret))
    try:
        import_files(tmp_path / "w", load_mapping("canonical"), [archive])
    except RapportError:
        return
    store = Store(tmp_path / "w" / "tables")
    assert not store.exists("customers") or "Secret" not in str(store.read("customers").to_pylist())


@pytest.mark.parametrize("kind", ["another file", "laughs"])
def test_entities_in_a_workbook_are_not_expanded(kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret", encoding="utf-8")
    made = io.BytesIO()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "customers"
    for row in (("customer_id", "name"), ("C1", "PLACE")):
        sheet.append(row)
    book.save(made)
    told = {
        "another file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>',
        "laughs": "<!DOCTYPE x [<!ENTITY a0 'ha'>"
        + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 12}'>" for n in range(1, 12))
        + "<!ENTITY e '&a11;'>]>",
    }[kind]
    file = tmp_path / "customers.xlsx"
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name).decode()
            if b"PLACE" in source.read(name):
                head, sep, rest = content.partition("?>") if content.startswith("<?xml") else ("", "", content)
                content = head + sep + told + rest.replace("PLACE", "&e;")
            target.writestr(name, content)
    with pytest.raises(RapportError) as err:
        import_files(tmp_path / "w", load_mapping("canonical"), [file])
    assert err.value.code == "not_xlsx"
    assert "the-secret" not in f"{err.value.message} {err.value.hint}"


@pytest.mark.parametrize("seed", range(int(os.environ.get("RAPPORT_EXAMPLES", "40"))))
def test_a_workbook_whose_parts_are_noise_is_read_or_refused_in_words(seed: int, tmp_path: Path) -> None:
    chance, made = random.Random(seed), io.BytesIO()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "customers"
    for row in (("customer_id", "name", "created_at"), ("C1", "Acme", "2026-01-02"), ("C2", "Bolt & Söhne", 46_000)):
        sheet.append(row)
    book.save(made)
    file = tmp_path / "customers.xlsx"
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(file, "w") as target:
        harmed = chance.choice(source.namelist())
        for name in source.namelist():
            raw = bytearray(source.read(name))
            if name == harmed:
                deed = chance.choice(("cut", "flip", "gone", "noise", "swap"))
                if deed == "gone":
                    continue
                if deed == "cut":
                    raw = raw[: chance.randrange(len(raw))]
                for _ in range(chance.randint(1, 20) if deed == "flip" else 0):
                    raw[chance.randrange(len(raw))] = chance.randrange(256)
                if deed == "noise":
                    raw = bytearray(chance.randbytes(200))
                if deed == "swap":
                    raw = bytearray(source.read(chance.choice(source.namelist())))
            target.writestr(name, bytes(raw))
    try:
        report = import_files(tmp_path / "w", load_mapping("canonical"), [file])
    except RapportError:
        return
    assert report.adds_up
