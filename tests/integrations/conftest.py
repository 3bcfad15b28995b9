"""The small company, served once for the tests of the doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integrations.serving import Served, copied, served


@pytest.fixture(scope="session")
def rest(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(copied(company, tmp_path_factory.mktemp("rest"))) as up:
        yield up
