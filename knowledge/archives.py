"""Zip archives of files: unpacked aside for as long as an import takes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge.errors import BadInput


@contextmanager
def unpacked(given: Sequence[Path | str]) -> Iterator[list[Path | str]]:
    """The same list with each .zip as the folder of what is in it, gone afterwards. Fails: BadInput for what is no zip."""
    with TemporaryDirectory(prefix="rapport-") as aside:
        yield [_folder(Path(one), Path(aside) / str(n)) if _is_zip(one) else one for n, one in enumerate(given)]


def _is_zip(one: Path | str) -> bool:
    return "://" not in str(one) and Path(one).suffix.lower() == ".zip" and Path(one).is_file()


def _folder(archive: Path, to: Path) -> Path:
    to.mkdir()
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(to)  # names that lead elsewhere are mended by the standard library
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as err:
        raise BadInput(
            f"{archive.name} is not a zip archive that can be unpacked ({err}).", "Pack or download it again."
        ) from err
    return to
