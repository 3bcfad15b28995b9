"""Zip archives of files: unpacked aside for as long as an import takes."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge.errors import BadInput

LEAST_ROOM, TIMES, MOST_MEMBERS, PIECE = 250_000_000, 50, 10_000, 1_000_000
"""Bytes that anything may unpack to, how many times its size beyond that, how many files a zip may hold."""


@contextmanager
def unpacked(given: Sequence[Path | str]) -> Iterator[list[Path | str]]:
    """The same list with each .zip as the folder of what is in it, gone afterwards. Fails: BadInput for what is no zip."""
    with TemporaryDirectory(prefix="rapport-") as aside:
        yield [_folder(Path(one), Path(aside) / str(n)) if _is_zip(one) else one for n, one in enumerate(given)]


def check_expansion(path: Path) -> None:
    """Fails: BadInput (`expands`) for a zip, a workbook or a .gz that is far larger unpacked than anything that people pack."""
    room = max(LEAST_ROOM, TIMES * path.stat().st_size)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
        if len(members) <= MOST_MEMBERS and sum(m.file_size for m in members) <= room:
            return
    elif path.suffix.lower() == ".gz":
        with gzip.open(path) as packed:
            try:
                while packed.tell() <= room:
                    if not packed.read(PIECE):
                        return
            except (OSError, EOFError, zlib.error):
                return  # whoever reads it says what is wrong with it
    else:
        return
    raise BadInput(
        f"{path.name} would unpack to more than {room // 1_000_000:,} MB.", "Unpack it, and give the files.", code="expands"
    )


def _is_zip(one: Path | str) -> bool:
    return "://" not in str(one) and Path(one).suffix.lower() == ".zip" and Path(one).is_file()


def _folder(archive: Path, to: Path) -> Path:
    to.mkdir()
    try:
        check_expansion(archive)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(to)  # names that lead elsewhere are mended by the standard library
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as err:
        raise BadInput(
            f"{archive.name} is not a zip archive that can be unpacked ({err}).", "Pack or download it again."
        ) from err
    return to
