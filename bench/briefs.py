"""Briefs: how long one takes in a running process (JSON, Markdown, PDF), and how many a second in a batch.

python bench/briefs.py [WORKSPACE]        without one, the whole demo company is made first (minutes)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from assistant.brief import Brief, make, markdown, to_json
from assistant.brief.book import Book
from integrations.exports.brief_forms import rendered
from integrations.wiring import Workspace
from knowledge.access import Scope

ASKED = {"JSON": 300.0, "Markdown": 300.0, "PDF": 3000.0}
BATCH, ASKED_A_SECOND = 1000, 10.0


def company(folder: Path) -> Path:
    from integrations.build import build
    from integrations.demo import generate
    from integrations.settings import load
    from knowledge.ingest import import_files
    from knowledge.mapping import load_mapping

    source, home = folder / "source", folder / "workspace"
    source.mkdir()
    generate(source, seed=7, scale=1.0)
    import_files(home, load_mapping("canonical"), [source], zone="UTC")
    build(home, load(home))
    return home


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        home = Path(sys.argv[1]) if len(sys.argv) > 1 else company(Path(made))
        book = Book(Workspace(home).reader(Scope.of_role("manager")))
        everybody = sorted(book.customers)

        def brief(who: str, drawings: bool = True) -> Brief:
            return make(who, book.reader, book, drawings=drawings)

        began = time.perf_counter()
        brief(everybody[0])
        first = time.perf_counter() - began
        print(f"first brief of a process, every account's figures read: {first:.1f} s")
        forms: dict[str, tuple[Callable[[str], object], int]] = {
            "JSON": (lambda who: json.dumps(to_json(brief(who))), 200),
            "Markdown": (lambda who: markdown(brief(who, drawings=False)), 200),
            "PDF": (lambda who: rendered(brief(who), "pdf"), 20),
        }
        for name, (write, times) in forms.items():
            write(everybody[1])
            took = []
            for who in everybody[2 : 2 + times]:
                began = time.perf_counter()
                write(who)
                took.append((time.perf_counter() - began) * 1000)
            p50, p95 = np.percentile(took, [50, 95])
            print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms of {len(took)} (asked: p95 {ASKED[name]:.0f} ms)")
        fresh = Book(Workspace(home).reader(Scope.of_role("manager")))
        began = time.perf_counter()
        for n in range(BATCH):
            markdown(make(everybody[n % len(everybody)], fresh.reader, fresh, drawings=False))
        rate = BATCH / (time.perf_counter() - began)
        print(f"batch of {BATCH}, reading included: {rate:.0f} a second (asked: {ASKED_A_SECOND:.0f})")


if __name__ == "__main__":
    main()
