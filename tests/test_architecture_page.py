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
    sizes = (n for n in range(len(parts), 0, -1) if (p := ROOT.joinpath(*parts[:n])).is_dir() or p.with_suffix(".py").exists())
    size = next(sizes, 0)
    assert size, "no module of ours"
    found = importlib.import_module(".".join(parts[:size]))
    for part in parts[size:]:
        assert hasattr(found, part)
        found = getattr(found, part)
