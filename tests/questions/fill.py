"""Computes what the questions expect: `truth` of each entry, worked out by `truth.py`, is written into its `expect`.

Run: python -m tests.questions.fill RAW_DEMO_FOLDER FILE.yaml…   (the folder is made when it holds no demo company)"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.questions import truth

HEAD = (
    "# {id, workspace, topic, question, conversation?, as?, truth?, expect?}; `expect` is filled in from `truth` by fill.py\n"
)


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """The entry with what its truth computes; what is written by hand in `expect` stays beside it."""
    if "truth" not in row:
        return row
    told = dict(row["truth"])
    loose = told.pop("any_period", False)
    computed = truth.expected(str(row["workspace"]), told)
    if loose:
        computed.pop("period", None)
    by_hand = {
        k: v for k, v in (row.get("expect") or {}).items() if k not in ("value", "values", "group", "period", "unordered")
    }
    return {**row, "expect": {**computed, **by_hand}}


def line(row: dict[str, Any]) -> str:
    """One entry as one line of YAML (JSON is YAML)."""
    return "- " + json.dumps(row, ensure_ascii=False)


def main() -> None:
    truth.use_demo(Path(sys.argv[1]))
    for name in sys.argv[2:]:
        path = Path(name)
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        path.write_text(HEAD + "\n".join(line(filled(row)) for row in rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
