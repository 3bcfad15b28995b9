"""Fixtures of every package."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.postgres import cluster, programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL database that may be emptied; in CI it has to be there."""
    given = os.environ.get("RAPPORT_TEST_POSTGRES")
    if given:
        yield given
    elif programs() or os.environ.get("CI", "").lower() == "true":
        with cluster() as started:
            yield started
    else:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
