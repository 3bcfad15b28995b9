"""Files that come in by the web: under names that cannot lead anywhere, no larger than they may be, no bombs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import UploadFile

from knowledge.archives import check_expansion
from knowledge.errors import BadInput

LARGEST = 200_000_000


def received(files: Sequence[UploadFile], into: Path) -> list[Path]:
    """The files, each in a folder of its own under its last name. Fails: BadInput (`bad_request`, `too_large`, or a bomb's)."""
    paths = []
    for number, file in enumerate(files):
        name = Path((file.filename or "").replace("\\", "/").replace("\0", "")).name[-120:]
        if not name or name in (".", ".."):
            raise BadInput("A file has no name.", "Send each file with its name.", code="bad_request")
        inside = into / str(number)
        inside.mkdir(parents=True)
        content = file.file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise BadInput(
                f"{name} is too large for an upload.", "Use `rapport import` on the machine itself.", code="too_large"
            )
        (inside / name).write_bytes(content)
        check_expansion(inside / name)
        paths.append(inside / name)
    return paths
