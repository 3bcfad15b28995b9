"""One small company, made and built once for the tests of the doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.build import build
from integrations.demo import generate
from integrations.settings import load
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from tests.integrations.serving import Served, copied, served


def make_company(folder: Path, scale: float) -> Path:
    source = folder / "source"
    source.mkdir(parents=True)
    generate(source, seed=7, scale=scale)
    home = folder / "workspace"
    import_files(home, load_mapping("canonical"), [source], zone="UTC")
    build(home, load(home))
    return home


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_company(tmp_path_factory.mktemp("company"), scale=0.02)


@pytest.fixture(scope="session")
def tenth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenth of the demo company: the smallest in which every planted cause shows (about fifteen seconds; slow tests only)."""
    return make_company(tmp_path_factory.mktemp("tenth"), scale=0.1)


@pytest.fixture(scope="session")
def rest(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(copied(company, tmp_path_factory.mktemp("rest"))) as up:
        yield up
