"""The question bank (tests/questions/bank): wordings whose words are marked with the field of the plan that they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

MARKS = ("m", "g", "n", "c", "p", "q", "k", "t", "x")
_MARK = re.compile(r"\[(\w)\|([^\[\]]*)\]")


@dataclass(frozen=True)
class Mark:
    """Characters from `start` to before `end` of a wording say the plan's field `role`."""

    role: str
    start: int
    end: int


@dataclass(frozen=True)
class Wording:
    """One line of the bank: `text` without its marks, the `plan` that it says, and who wrote it. Of a question that came before its
    plan the plan holds the operation and what annotators made of it: `measures`, a record's name or "" for each mark "m"."""

    text: str
    marks: tuple[Mark, ...]
    plan: Mapping[str, Any]
    company: str
    persona: str
    file: str

    @property
    def op(self) -> str:
        return str(self.plan["op"])


@dataclass(frozen=True)
class Bank:
    """`companies`: of each company the facts its writers were given, lists of names by kind."""

    wordings: tuple[Wording, ...]
    companies: Mapping[str, Mapping[str, Any]]

    @cached_property
    def ops(self) -> tuple[str, ...]:
        return tuple(sorted({w.op for w in self.wordings}))


def unmark(marked: str) -> tuple[str, tuple[Mark, ...]]:
    """The wording without its marks, and the marks. Fails: ValueError on a mark that is not one, is empty or is left open."""
    parts: list[str] = []
    marks: list[Mark] = []
    at = length = 0
    for found in _MARK.finditer(marked):
        parts += [marked[at : found.start()], found[2]]
        start = length + found.start() - at
        length, at = start + len(found[2]), found.end()
        if found[1] not in MARKS or not found[2].strip():
            raise ValueError(f"no such mark: {found[0]}")
        marks.append(Mark(found[1], start, length))
    text = "".join([*parts, marked[at:]])
    if "[" in text or "]" in text:
        raise ValueError(f"a mark is not closed: {marked}")
    return text, tuple(marks)


def read_bank(folder: Path) -> Bank:
    """Every line of `w*.jsonl` with its plan from `plans/*.json`, and every line of `free*.jsonl` and `thread*.jsonl`, which hold what
    is known of their plans. Fails: ValueError, naming file and line."""
    plans: dict[str, Mapping[str, str]] = {}
    companies: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("plans/*.json")):
        given = json.loads(path.read_text(encoding="utf-8"))
        companies |= given["companies"]
        plans |= {p["id"]: p for p in given["plans"]}
    files = [*sorted(folder.glob("w*.jsonl")), *sorted(folder.glob("free*.jsonl")), *sorted(folder.glob("thread*.jsonl"))]
    return Bank(tuple(w for path in files for w in _wordings(path, plans)), companies)


def _wordings(path: Path, plans: Mapping[str, Mapping[str, str]]) -> Iterator[Wording]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            text, marks = unmark(row["q"])
            plan = plans[row["plan"]] if "plan" in row else _asked(row, marks)
            if (row["op"], row["company"]) != (plan["op"], plan["company"]):
                raise ValueError(f"not the operation or company of {plan['id']}")
            yield Wording(text, marks, plan, row["company"], row["persona"], path.stem)
        except (KeyError, ValueError) as err:
            raise ValueError(f"{path.name}, line {number}: {err!r}") from err


def _asked(row: Mapping[str, Any], marks: tuple[Mark, ...]) -> Mapping[str, Any]:
    """What is known of the plan of a question that was asked before anybody planned it: `measures` and `only` as annotators wrote them,
    `nothing` the places, within each role, of marks for which there is no record."""
    measures, only = row.get("measures"), row.get("only")
    count = {role: sum(m.role == role for m in marks) for role in MARKS}
    if measures is not None and len(measures) != count["m"]:
        raise ValueError("a measure for each mark m, or none")
    nothing = {
        "m": [i for i, m in enumerate(measures or ()) if m is None],
        "g": [i for i, g in enumerate(row.get("groups") or ()) if g is None],
        "c": [],
    }
    if row.get("missing") in nothing and count[row["missing"]] == 1:
        nothing[row["missing"]] = [0]
    if row["op"] == "out of scope" or row.get("missing") in ("action", "domain"):
        nothing["m"] = list(range(count["m"]))
    plan = {"id": row.get("thread", "a free question"), "op": row["op"], "company": row["company"], "only": only}
    return plan | {"measures": tuple(m or "" for m in measures or ()), "nothing": nothing} | {m.role: "" for m in marks}
