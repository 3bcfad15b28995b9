"""Imports go one way: integrations -> assistant -> nlp -> knowledge; heavy libraries only behind their one door."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ORDER = ["knowledge", "nlp", "assistant", "integrations"]
DOORS = {
    "ibis": {"knowledge"},
    "deltalake": {"knowledge/tables.py"},
    "pyspark": {"knowledge/tables.py"},
    "duckdb": {"knowledge"},
    "faiss": {"knowledge/index.py"},
    "sqlalchemy": {"knowledge/state", "knowledge/databases.py"},  # our own state; other people's databases as sources
    "alembic": {"knowledge/state"},
    "onnxruntime": {"nlp/encoder", "nlp/tagger/graph.py"},
    "torch": {"nlp/encoder", "nlp/tagger/train.py"},
    "sentence_transformers": {"nlp/encoder"},
    "transformers": {"nlp/encoder", "integrations/language_model.py"},
    "openai": {"integrations/language_model.py"},
    "spacy": {"nlp/text.py"},
    "graspologic_native": {"nlp/cluster.py"},
    "bm25s": {"knowledge/search.py"},
    "slack_bolt": {"integrations/slack"},
    "fastapi": {"integrations/web"},
}


def modules() -> list[Path]:
    return sorted(p for package in ORDER for p in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: relative import"
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    above = set(ORDER[ORDER.index(path.relative_to(ROOT).parts[0]) + 1 :])
    assert not imports(path) & above


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_one_library_one_door(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    for library, doors in DOORS.items():
        if library in imports(path):
            assert any(here == d or here.startswith(d.removesuffix(".py")) for d in doors), f"{here} imports {library}"
