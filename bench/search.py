"""Hybrid search beside its two halves: recall@5 and MRR of BM25 alone, vectors alone, and both fused.

Run: python bench/search.py [WORKSPACE] [documents|banking77]   (default: both, over the demo company built in ./workspace)
Lines to pass: on each set's scoring half the hybrid is no worse than the better half (within one question in a hundred).

Sets: `tests/search/judged.yaml` (our own: questions in people's words, the demo company's documents), and Banking77 (Casanueva et al.
2020, CC BY 4.0) as retrieval: 26 customers' questions of each of its 77 intents are the passages, every fourth question of its test
split is asked, and a passage is right when it has the same intent; recall@5 is there whether one of five is right. Nothing is tuned on it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import yaml

from integrations.settings import workspace_folder
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.search import Hit, build_index, search
from knowledge.snapshot import Snapshot
from nlp.encoder import load_encoder

ROOT = Path(__file__).resolve().parents[1]
BANKING = ROOT.parent / "shared" / "data" / "banking77"
JUDGED = ROOT / "tests" / "search" / "judged.yaml"
ALL, FIRST, EACH, EVERY = 200, 5, 26, 4


@dataclass(frozen=True)
class Asked:
    """A question, the ids that answer it, and of how many of them five hits can hold all."""

    question: str
    right: frozenset[str]
    needed: int


WAYS: dict[str, Callable[[Hit], float]] = {
    "BM25 alone": lambda h: h.lexical_rank or 10**6,
    "vectors alone": lambda h: h.dense_rank or 10**6,
    "hybrid": lambda h: -h.score,
}


def scored(asked: Sequence[Asked], find: Callable[[str], list[Hit]]) -> dict[str, tuple[float, float]]:
    """(recall@5, MRR) of each way."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for one in asked:
        hits = find(one.question)
        for way, key in WAYS.items():
            used = [h for h in sorted(hits, key=key) if key(h) < 10**6]
            ids = list(dict.fromkeys(h.id for h in used))
            at = next((n for n, i in enumerate(ids, 1) if i in one.right), 0)
            found[way].append((min(one.needed, len(one.right & set(ids[:FIRST]))) / one.needed, 1 / at if at else 0.0))
    return {way: (sum(r for r, _ in s) / len(s), sum(m for _, m in s) / len(s)) for way, s in found.items()}


def documents(workspace: Path) -> Iterable[tuple[str, dict[str, tuple[float, float]]]]:
    reader = Workspace(workspace).reader(Scope.of_role("admin"))
    encode = load_encoder().encode
    judged = yaml.safe_load(JUDGED.read_text(encoding="utf-8"))
    asked = [Asked(j["q"], frozenset(j["docs"]), len(j["docs"])) for j in judged]
    for name, half in (("documents, dev half", asked[::2]), ("documents, scoring half", asked[1::2])):
        yield f"{name} ({len(half)})", scored(half, lambda q: search(q, reader, encode, kind="document", k=ALL))


def banking77(workspace: Path) -> Iterable[tuple[str, dict[str, tuple[float, float]]]]:
    train, test = (pd.read_csv(BANKING / f"{part}.csv") for part in ("train", "test"))
    kept = train.groupby("category").head(EACH).reset_index(drop=True)
    passages = pd.DataFrame(
        {"id": [f"B-{n}" for n in kept.index], "kind": "feedback", "customer_id": None, "title": "", "text": kept["text"]}
    )
    ids = passages["id"].groupby(kept["category"]).agg(frozenset)
    asked = [Asked(t, ids[c], 1) for t, c in test.iloc[::EVERY][["text", "category"]].itertuples(index=False, name=None)]
    encode = load_encoder().encode
    here = Workspace(workspace).reader(Scope.of_role("admin"))
    with tempfile.TemporaryDirectory() as folder:
        build_index(passages, encode, Path(folder) / "index")
        reader = Reader(workspace, _at(here.snapshot, Path(folder)), here.scope, here.engine)
        yield f"Banking77, test split ({len(asked)})", scored(asked, lambda q: search(q, reader, encode, k=ALL))


def _at(snapshot: Snapshot, folder: Path) -> Snapshot:
    """The snapshot with its files elsewhere."""
    return replace(snapshot, folder=folder)


def main(workspace: Path, wanted: Sequence[str]) -> None:
    if "banking77" in wanted and not BANKING.is_dir():
        print(f"{BANKING} is not here: Banking77 is left out.")
        wanted = [w for w in wanted if w != "banking77"]
    print(f"{'':38}" + "".join(f"{way:>22}" for way in WAYS))
    print(f"{'':38}" + f"{'recall@5    MRR':>22}" * len(WAYS))
    for part in wanted:
        for name, scores in {"documents": documents, "banking77": banking77}[part](workspace):
            print(f"{name:38}" + "".join(f"{scores[way][0]:>15.3f}{scores[way][1]:>7.3f}" for way in WAYS), flush=True)


if __name__ == "__main__":
    folder, *parts = sys.argv[1:] or [None]
    main(workspace_folder(Path(folder) if folder else None), parts or ["documents", "banking77"])
