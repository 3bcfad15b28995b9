"""The made-up company, made and built: shared by tests of every package through the fixtures of `tests/conftest.py`."""

from __future__ import annotations

from pathlib import Path

from integrations.build import build
from integrations.demo import generate
from integrations.settings import load
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping


def make_company(folder: Path, scale: float, settings: str = "") -> Path:
    """Below `folder`: the files in `source`, the built workspace (its path is given back) in `workspace`."""
    source, home = folder / "source", folder / "workspace"
    source.mkdir(parents=True)
    generate(source, seed=7, scale=scale)
    if settings:
        home.mkdir()
        (home / "rapport.toml").write_text(settings, encoding="utf-8")
    import_files(home, load_mapping("canonical"), [source], zone=load(home).zone)
    build(home, load(home))
    return home
