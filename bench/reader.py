"""The question reader beside itself: what it answers, asks back and refuses, how many of the answers are wrong, and how long it takes.

    python bench/reader.py --workspace W            the judged questions over the demo company, by how sure the reader must be
    python bench/reader.py --workspace W --fit      fits and writes the weights that say how likely a reading is what was asked

`tests/questions/first` holds the questions and, in `answers.jsonl`, what judges (who saw question, meaning and answer, nothing else) said
of each answer, kept with the sentence that says its reading back: a verdict counts only for that reading. The questions of
`tests/questions/demo.yaml`, whose answers are known, count as well. Scores are of sets that the weights were not fitted on: one set of
questions is left out at a time."""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant import evaluate
from assistant.conversation import InMemory
from assistant.questions import Answer, Turn
from assistant.reader.confidence import FILE, Signs
from integrations.wiring import Workspace
from knowledge.access import Scope

ROOT = Path(__file__).resolve().parents[1] / "tests" / "questions"
KEEPS = (1.0, 0.9, 0.8, 0.78, 0.75, 0.7, 0.6, 0.5)
SET_WEIGHT = 0.25
"""A question whose wording was seen before counts so much."""
STRENGTH = 1.0


@dataclass(frozen=True)
class Asked:
    """One question, what was answered, the signs of its last reading, and the verdict where there is one."""

    set: str
    answer: Answer
    signs: Signs | None
    verdict: str
    seconds: float


def ask(home: Workspace) -> Iterator[Asked]:
    """Every judged question once, each thread in its order; nothing is asked back."""
    engine, seen = home.engine(memory=InMemory()), []

    def recorded(signs: Signs) -> float:
        seen.append(signs)
        return 1.0

    engine.likely = recorded
    judged = {(r["id"], r["said"]): r["verdict"] for r in _rows(ROOT / "first" / "answers.jsonl")}
    for file in sorted((ROOT / "first").glob("?.jsonl")):
        for row in _rows(file):
            seen.clear()
            began = time.perf_counter()
            thread = f"{file.stem}{row['thread']}" if row.get("thread") else None
            answer = engine.reply(Turn(row["question"], Scope.of_role("manager"), thread))
            took = time.perf_counter() - began
            verdict = judged.get((row["id"], head(answer)), "") if answer.status == "answered" else ""
            yield Asked(file.stem, answer, seen[-1] if seen else None, verdict, took)
    for item in evaluate.load(ROOT / "demo.yaml"):
        seen.clear()
        outcome = evaluate.ask_all([item], engine, lambda role: Scope.of_role(role or "manager"))
        if outcome and seen and outcome[0].answer.status == "answered":
            yield Asked("seen", outcome[0].answer, seen[-1], "right" if outcome[0].right else "wrong", 0.0)


def head(answer: Answer) -> str:
    """What an answer is recognised by: the figures that it tells and of what, without the numbers."""
    plans = (answer.plan, *answer.plan.get("parts", ()))
    told = sorted(json.dumps(q, sort_keys=True, default=str) for p in plans for q in p.get("queries") or ())
    return hashlib.sha256(f"{answer.plan.get('operation')}|{told}|{len(answer.figures)}".encode()).hexdigest()[:12]


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()] if path.exists() else []


def fitted(rows: list[Asked]) -> LogisticRegression:
    weights = [SET_WEIGHT if r.set == "seen" else 1.0 for r in rows]
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    return model.fit([astuple(r.signs) for r in rows], [r.verdict != "wrong" for r in rows], sample_weight=weights)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument(
        "--keep",
        type=float,
        default=0.78,
        help="the share of the answers that are given, of the rest the reading is asked back",
    )
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    every = list(ask(Workspace(given.workspace)))
    times = np.array([a.seconds for a in every if a.seconds]) * 1000
    print(f"{len(times)} questions, p50 {np.percentile(times, 50):.0f} ms, p95 {np.percentile(times, 95):.0f} ms")
    rows = [a for a in every if a.verdict and a.signs is not None]
    sets = sorted({r.set for r in rows} - {"seen"})
    chance = np.zeros(len(rows))
    for one in (*sets, "seen"):
        inside = [i for i, r in enumerate(rows) if r.set == one]
        rest = [r for r in rows if r.set != one or (one == "seen" and r.set == "seen")]
        chance[inside] = fitted(rest).predict_proba([astuple(rows[i].signs) for i in inside])[:, 1]
    strange = np.array([r.set != "seen" for r in rows])
    right = np.array([r.verdict == "right" for r in rows])
    wrong = np.array([r.verdict == "wrong" for r in rows])
    print(
        f"{strange.sum()} judged answers, {right[strange].sum()} right, {wrong[strange].sum()} wrong; AUC {roc_auc_score(~wrong[strange], chance[strange]):.3f}"
    )
    for keep in KEEPS:
        at = np.quantile(chance[strange], 1 - keep) if keep < 1 else 0.0
        kept, of_seen = strange & (chance >= at), ~strange & (chance >= at)
        print(
            f"  from {at:.2f} on: {right[kept].sum()} right, {wrong[kept].sum()} wrong of {kept.sum()} kept; of questions seen before"
            f" {of_seen.sum()} of {(~strange).sum()}, {wrong[of_seen].sum()} wrong"
        )
    if given.fit:
        model = fitted(rows)
        told = {n: round(float(w), 4) for n, w in zip(Signs.__dataclass_fields__, model.coef_[0], strict=True)}
        enough = round(float(np.quantile(chance[strange], 1 - given.keep)), 4)
        made = {"bias": round(float(model.intercept_[0]), 4), "enough": enough, "weights": told}
        FILE.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{FILE.name} written: {made}")


if __name__ == "__main__":
    main()
