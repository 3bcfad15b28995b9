"""Small files that went wrong elsewhere (../shared/cases): what each must give, or the true cause with which it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.errors import BadInput
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.suggest import Suggestion, suggest
from knowledge.tables import Store
from tests.support import DATA

CASES = DATA.parent / "cases"
if not CASES.is_dir():
    pytest.skip("the cases are not here (../shared/cases)", allow_module_level=True)


@dataclass(frozen=True)
class Loaded:
    """A workspace after an import."""

    home: Path
    report: ImportReport
    proposal: Suggestion | None = None

    def rows(self, table: str) -> list[dict[str, object]]:
        store = Store(self.home / "tables")
        return store.read(table).to_pylist() if store.exists(table) else []

    @property
    def revenue(self) -> float:
        return round(sum(float(r["qty_ordered"] * r["unit_price"] - (r["discount"] or 0)) for r in self.rows("order_lines")), 2)  # type: ignore[operator]


def case(number: int) -> Path:
    return next(CASES.glob(f"{number:02}-*"))


def load(home: Path, mapping: str, *files: Path) -> Loaded:
    return Loaded(home, import_files(home, load_mapping(mapping), files))


def proposed(home: Path, file: Path) -> Loaded:
    """The file loaded with the mapping that is proposed for it, unchanged."""
    found = suggest(file)
    home.mkdir(exist_ok=True, parents=True)
    (home / "m.yaml").write_text(found.yaml, encoding="utf-8")
    return Loaded(home, import_files(home, load_mapping(home / "m.yaml"), [file]), found)


def test_07_german_csv(tmp_path: Path) -> None:
    got = proposed(tmp_path, case(7) / "auftraege.csv")
    assert got.revenue == 2739.0
    assert sum(r["qty_ordered"] for r in got.rows("order_lines")) == 3512  # type: ignore[misc]
    assert {r["name"] for r in got.rows("customers")} == {"Müller & Söhne", "Bäckerei Groß", "Öl-Häusler"}


@pytest.mark.parametrize("name", ["comments.csv", "comments.txt"])
def test_08_utf16(name: str, tmp_path: Path) -> None:
    got = proposed(tmp_path, case(8) / name)
    assert [r["text"] for r in got.rows("feedback")] == ["Lieferung zu spät 😡", "Très bien"]


def test_09_excel_report(tmp_path: Path) -> None:
    got = proposed(tmp_path, case(9) / "report.xlsx")
    assert (got.revenue, len(got.rows("order_lines"))) == (80.0, 3)
    assert [str(r["ordered_at"])[:10] for r in got.rows("orders")] == ["2026-01-05", "2026-01-09", "2026-02-02"]
    assert got.report.set_aside == {"total row": 1}
    assert any("found in row 5" in n for n in got.report.notes)


def test_10_ids_in_e_notation(tmp_path: Path) -> None:
    got = load(tmp_path, "feedback", case(10) / "feedback.csv")
    assert got.report.nothing_loaded
    assert "E notation" in got.report.causes()


def test_11_total_row(tmp_path: Path) -> None:
    got = proposed(tmp_path, case(11) / "orders.csv")
    assert (got.revenue, len(got.rows("orders"))) == (80.0, 3)
    assert got.report.set_aside == {"empty row": 1, "total row": 1}


def test_12_line_total(tmp_path: Path) -> None:
    got = proposed(tmp_path, case(12) / "orders.csv")
    assert got.revenue == 190.0
    assert got.proposal is not None
    assert any("agrees with `Order Total` on 4 of 4" in a for a in got.proposal.assumed)


def test_13_discount_share(tmp_path: Path) -> None:
    got = proposed(tmp_path, case(13) / "superstore.csv")
    assert got.revenue == 355.0
    assert [float(r["unit_price"]) for r in got.rows("order_lines")] == [130.0, 20.0, 5.0]  # type: ignore[arg-type]
    assert [str(r["ordered_at"])[:10] for r in got.rows("orders")] == ["2026-11-08", "2026-06-12"]


def test_14_review_jsonl(tmp_path: Path) -> None:
    got = proposed(tmp_path, case(14) / "reviews.jsonl")
    rows = got.rows("feedback")
    assert [str(r["at"])[:10] for r in rows] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert [r["rating"] for r in rows] == [2, 5, 5]
    assert {r["product_id"] for r in rows} == {"B0001", "B0002"}
    assert {r["customer_id"] for r in rows} == {"A1", "A2", "A3"}


def test_22_credit_notes(tmp_path: Path) -> None:
    got = load(tmp_path, "canonical", *sorted(case(22).glob("*.csv")))
    assert (got.revenue, len(got.rows("orders"))) == (250.0, 3)
    assert {"`qty_ordered` is below 0", "`unit_price` is below 0"} <= set(got.report.reasons)


FORMS = sorted(p.name for p in case(34).glob("*.csv"))
REFUSED = {"b-double-header.csv": "column `text` is there twice", "g-unquoted-comma.csv": "line 3"}


@pytest.mark.parametrize("name", FORMS)
def test_34_csv_forms(name: str, tmp_path: Path) -> None:
    if name in REFUSED:
        with pytest.raises(BadInput) as caught:
            load(tmp_path, "feedback", case(34) / name)
        assert REFUSED[name] in caught.value.message
        return
    texts = [r["text"] for r in load(tmp_path, "feedback", case(34) / name).rows("feedback")]
    assert len(texts) == 3
    if name == "k-latin1.csv":
        assert texts[0] == "Lieferung zu spät – schade"
    if name[0] in "adfhil":
        assert 'Invoice "again" wrong\nsecond line' in texts
    if name[0] == "e":
        assert 'Invoice "again" wrong' in texts


def test_36_partial_customer_file(tmp_path: Path) -> None:
    load(tmp_path, "canonical", case(36) / "customers.csv")
    got = proposed(tmp_path, case(36) / "orders.csv")
    assert len(got.rows("orders")) == 1
    norrvik = next(r for r in got.rows("customers") if r["customer_id"] == "N")
    assert [norrvik[c] for c in ("name", "region", "industry", "account_owner")] == ["Norrvik", "North", "pumps", "Ann"]


def test_37_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        load(tmp_path, "feedback", tmp_path / "nothere.csv")
    assert caught.value.message.endswith("nothere.csv is not there.")
    assert caught.value.exit_code == 1
