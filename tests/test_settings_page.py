"""docs/settings.md is held to the settings: every key is there with its default, and no key that is not."""

from __future__ import annotations

import json
import re
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from integrations.settings import Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| (.*?) \| (.+?) \|$", re.MULTILINE)


def models(kind: Any) -> list[type[BaseModel]]:
    """The models that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    inside = get_args(kind) if get_origin(kind) in (tuple, dict, list, Union, types.UnionType) else ()
    return [m for part in inside for m in models(part)]


def keys(model: type[BaseModel], above: str = "") -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        found[key] = field
        for inner in models(field.annotation):
            found |= keys(inner, f"{key}.")
    return found


def test_every_key_is_on_the_page_with_its_default() -> None:
    told = {key: default for key, default, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    real = keys(Settings)
    sections = {k for k in real if any(other.startswith(f"{k}.") for other in real)}
    assert set(real) - sections <= set(told)
    assert set(told) <= set(real)
    for key, default in told.items():
        field = real[key]
        if default == "needed":
            assert field.is_required(), key
        elif default not in ("none", "as `like`"):
            value = list(field.default) if isinstance(field.default, tuple) else field.default
            assert json.loads(default.strip("`")) == value, key
        else:
            assert not field.default, key
