"""One writer at a time in a workspace; the lock goes with its process, so a crash never leaves one behind."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from knowledge.errors import Unavailable

PATIENCE, LOOK = 900.0, 0.5


@contextmanager
def writing(workspace: Path) -> Iterator[None]:
    """Holds the workspace's write lock. Fails: Unavailable (`busy`) naming the process that holds it."""
    with _held(workspace, ".lock", "import"):
        yield


@contextmanager
def building(workspace: Path, patience: float = PATIENCE) -> Iterator[None]:
    """One build at a time, and none while the workspace is copied or a person is erased; waits for its turn.
    Fails: Unavailable (`busy`) where it does not come."""
    with waited(lambda: _held(workspace, ".build.lock", "build"), patience):
        yield


@contextmanager
def preparing(workspace: Path, patience: float = PATIENCE) -> Iterator[None]:
    """One process at a time makes panels ahead: the next finds them made. Fails: Unavailable (`busy`), as `building`."""
    with waited(lambda: _held(workspace, ".panels.lock", "preparation"), patience):
        yield


@contextmanager
def waited(lock: Callable[[], AbstractContextManager[None]], patience: float) -> Iterator[None]:
    """Holds a lock as soon as it is free. Fails: Unavailable (`busy`) where it is not within so many seconds."""
    end = time.monotonic() + patience
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(lock())
                break
            except Unavailable:
                if time.monotonic() > end:
                    raise
                time.sleep(LOOK)
        yield


@contextmanager
def _held(workspace: Path, name: str, what: str) -> Iterator[None]:
    workspace.mkdir(parents=True, exist_ok=True)
    with (workspace / name).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Unavailable(
                f"Another {what} (process {holder}) is writing here.", "Try again when it is done.", code="busy"
            ) from err
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
