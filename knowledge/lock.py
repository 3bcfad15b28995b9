"""One writer at a time in a workspace; the lock goes with its process, so a crash never leaves one behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import Unavailable


@contextmanager
def writing(workspace: Path) -> Iterator[None]:
    """Holds the workspace's write lock. Fails: Unavailable (`busy`) naming the process that holds it."""
    workspace.mkdir(parents=True, exist_ok=True)
    with (workspace / ".lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Unavailable(
                f"Another import or build (process {holder}) is writing here.", "Try again when it is done.", code="busy"
            ) from err
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
