"""The whole workspace in one file, also while it serves; and back, checked before anything is put in place."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from knowledge.errors import BadInput, BadQuestion, Unavailable
from knowledge.lock import building, waited, writing

MANIFEST, FORM = "rapport-backup.json", 1
STATE = "state.db"
PIECE = 1 << 20
PATIENCE = 900.0
UNREADABLE = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    FileNotFoundError,
    NotADirectoryError,
    IsADirectoryError,
)
"""What reading gives where bytes were changed: of the packing, of names, of the list of what is in it."""


def back_up(workspace: Path, to: Path) -> dict[str, Any]:
    """Writes the file (never over another); an import or build that is under way is waited for. Gives what is in it.

    Fails: BadQuestion (`exists`), BadInput where there is no workspace, Unavailable (`busy`, `disk`)."""
    if not (workspace / "tables").is_dir() and not (workspace / STATE).is_file():
        raise BadInput(f"There is no workspace at {workspace}.", "Name it with --workspace.", code="no_workspace")
    if to.exists():
        raise BadQuestion(f"{to} is there already.", "Give a name that is free.", code="exists")
    part = to.with_name(f".{to.name}.part")
    try:
        with _quiet(workspace), TemporaryDirectory(prefix="rapport-backup-") as aside:
            state = _state(workspace, Path(aside))
            files = [(f, f.relative_to(workspace).as_posix()) for f in _files(workspace)] + ([(state, STATE)] if state else [])
            told = _written(files, part)
        os.replace(part, to)
        to.chmod(0o600)
    except OSError as err:
        raise Unavailable(
            f"{to} cannot be written ({err.strerror}).", "Make room, or name another place.", code="disk"
        ) from err
    finally:
        part.unlink(missing_ok=True)
    return told


def restore(archive: Path, workspace: Path) -> dict[str, Any]:
    """Makes the workspace out of a backup; every file is checked before the folder is there. Gives what was in it.

    Fails: BadQuestion (`exists`) where there is one already; BadInput (`bad_backup`) for what is none or is damaged."""
    if workspace.exists() and any(workspace.iterdir()):
        raise BadQuestion(f"{workspace} is not empty.", "Restore into a folder that is not there yet.", code="exists")
    if not archive.is_file():
        raise BadInput(f"{archive} is not there.", "Check the path.", code="no_file")
    aside = workspace.with_name(f".{workspace.name}.restoring-{os.getpid()}")
    try:
        told = _unpacked(archive, aside)
        if workspace.exists():
            workspace.rmdir()
        os.replace(aside, workspace)
    except UNREADABLE as err:
        raise BadInput(f"{archive.name} is no backup that can be restored.", "Take another one.", code="bad_backup") from err
    except OSError as err:
        raise Unavailable(
            f"It cannot be restored ({err.strerror or err}).", "Make room, or name another place.", code="disk"
        ) from err
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _opened(workspace)
    return told


@contextmanager
def _quiet(workspace: Path) -> Iterator[None]:
    """Nobody imports or builds meanwhile; questions are answered on."""
    with building(workspace, PATIENCE), waited(lambda: writing(workspace), PATIENCE):
        yield


def _files(workspace: Path) -> Iterator[Path]:
    """Everything that is kept, but the state, which is copied as one moment of it, and what belongs to a process."""
    for path in sorted(workspace.rglob("*")):
        inside = path.relative_to(workspace).parts
        if path.is_file() and not path.is_symlink() and not inside[0].startswith((".", STATE)):
            yield path


def _state(workspace: Path, aside: Path) -> Path | None:
    if not (workspace / STATE).is_file():
        return None
    copy = aside / STATE
    with closing(sqlite3.connect(workspace / STATE)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _written(files: list[tuple[Path, str]], to: Path) -> dict[str, Any]:
    digests: dict[str, str] = {}
    with tarfile.open(to, "w:gz", compresslevel=1) as packed:
        for path, name in files:
            digests[name] = _digest(path)
            packed.add(path, arcname=name, recursive=False)
        size = sum(p.stat().st_size for p, _ in files)
        told = {
            "form": FORM,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": len(files),
            "bytes": size,
            "state": STATE in digests,
        }
        content = json.dumps({**told, "sha256": digests}).encode()
        about = tarfile.TarInfo(MANIFEST)
        about.size = len(content)
        packed.addfile(about, io.BytesIO(content))
    with to.open("rb+") as file:
        os.fsync(file.fileno())
    return told


def _unpacked(archive: Path, aside: Path) -> dict[str, Any]:
    aside.mkdir(parents=True)
    with tarfile.open(archive, "r:gz") as packed:
        packed.extractall(aside, filter="data")
    about: dict[str, Any] = json.loads((aside / MANIFEST).read_text(encoding="utf-8"))
    digests: dict[str, str] = about.pop("sha256")
    if about["form"] > FORM:
        raise BadInput("This backup is of a newer version of Rapport.", "Update Rapport.", code="bad_backup")
    (aside / MANIFEST).unlink()
    there = {p.relative_to(aside).as_posix() for p in aside.rglob("*") if p.is_file()}
    if there != set(digests) or any(_digest(aside / PurePosixPath(n)) != d for n, d in digests.items()):
        raise BadInput(
            f"{archive.name} is damaged: what is in it is not what was put in.", "Take another one.", code="bad_backup"
        )
    return about


def _opened(workspace: Path) -> None:
    """Brings its state to this version."""
    from integrations.wiring import Workspace

    state = Workspace(workspace).state()
    state.audit("command line", "admin", "restore", {})
    state.close()


def _digest(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            made.update(piece)
    return made.hexdigest()
