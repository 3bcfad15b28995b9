"""Every dotted name on the architecture page is a module of ours, or something in one."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("knowledge", "nlp", "assistant", "integrations")
NAMES = sorted(
    set(re.findall(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))
)


def test_the_page_names_the_rooms() -> None:
    assert len(NAMES) > 40


@pytest.mark.parametrize("name", NAMES)
def test_a_name_on_the_page_is_there(name: str) -> None:
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:size])
        if path.with_suffix(".py").exists() or path.is_dir():
            found = importlib.import_module(".".join(parts[:size]))
            for part in parts[size:]:
                found = getattr(found, part)
            return
    pytest.fail(f"{name} is no module of ours")
