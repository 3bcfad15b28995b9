"""Fixtures of every package, and a run that ends when it is over."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import cluster, programs

PATIENCE = float(os.environ.get("RAPPORT_TEST_PATIENCE", "60"))
"""Seconds that a process may still be there after its last test."""


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What still runs when all is told (a thread, a worker that does not go) is shown and left behind: no run hangs at its end."""
    parent = os.getppid() if hasattr(session.config, "workerinput") else None  # a worker waits for the other workers
    threading.Thread(target=_leave, args=(int(exitstatus), parent), daemon=True).start()


def _leave(status: int, parent: int | None) -> None:
    while parent is not None and os.getppid() == parent:
        time.sleep(1)
    time.sleep(PATIENCE)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    print(f"\nStill here {PATIENCE:.0f} seconds after the last test; leaving. What runs:", file=sys.__stderr__, flush=True)
    faulthandler.dump_traceback(file=2, all_threads=True)
    os._exit(status)


FIRST = ("question-sets", "whole", "tenth", "test_build", "online-retail", "test_connectors")
"""Groups and modules that take longest: they begin while there is other work for the other workers."""


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = (
        False  # with `--dist loadgroup`: work is given out in the order of collection, which is ours
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, modules with slow tests before the others, and each module in one piece."""
    slow = {i.path for i in items if i.get_closest_marker("slow")}
    place: dict[Path, int] = {}
    for item in items:
        group = next(iter(item.iter_markers("xdist_group")), None)
        names = (str(group.args[0]) if group else "", item.path.stem)
        first = min((FIRST.index(n) for n in names if n in FIRST), default=len(FIRST) + (item.path not in slow))
        place[item.path] = min(first, place.get(item.path, first))
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company (ten seconds, once a worker). To be read only: who writes takes a copy."""
    from tests.companies import make_company

    return make_company(tmp_path_factory.mktemp("company"), scale=0.02)


@pytest.fixture(scope="session")
def tenth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenth of the demo company: the smallest in which every planted cause shows. Slow tests of the group `tenth` only."""
    from tests.companies import make_company

    return make_company(tmp_path_factory.mktemp("tenth"), scale=0.1)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole demo company as `rapport demo` makes it (minutes). Slow tests of the group `whole` only."""
    from tests.companies import make_company

    return make_company(tmp_path_factory.mktemp("whole"), 1.0, 'currency = "USD"\nzone = "America/Chicago"\n')


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
