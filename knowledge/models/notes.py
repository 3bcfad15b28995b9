"""How each model was fitted and what was chosen, in a sentence for a manager and in parameters for a check."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

VERSION = "3"  # raised whenever a model changes what it gives: the next build then makes all of them again


@dataclass(frozen=True)
class Note:
    """One model's note. `fitted` is False where it was left out, and `sentence` then says why."""

    model: str
    sentence: str
    version: str = VERSION
    fitted: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)


def left_out(model: str, why: str) -> Note:
    return Note(model, f"Left out: {why}", fitted=False)


def table(notes: Iterable[Note], as_of: date, inputs: dict[str, int]) -> pd.DataFrame:
    """`model`, `version`, `as_of`, `inputs` (JSON: versions of the tables read), `fitted`, `sentence`, `parameters` (JSON)."""
    read = json.dumps(inputs, sort_keys=True)
    rows = [
        (n.model, n.version, as_of, read, n.fitted, n.sentence, json.dumps(_plain(n.parameters), sort_keys=True, ensure_ascii=False))
        for n in sorted(notes, key=lambda n: n.model)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["model", "version", "as_of", "inputs", "fitted", "sentence", "parameters"])


def _plain(value: Any) -> Any:
    """Numbers rounded to six significant digits, so that the same data give the same text."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    number = float(value)
    return None if math.isnan(number) else float(f"{number:.6g}")
