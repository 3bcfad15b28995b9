"""How sure zero-shot aspects are: coverage against accuracy on comments whose subject is known, those of a made-up company.

Run: python bench/aspects.py [seed]   (default 11; no other demo company has this seed)
Method: English comments written to say one thing; the clause whose aspect is surest speaks for the comment. Right is any aspect
that a person would accept for the subject (RIGHT). Nothing is learned from these comments.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from integrations.demo import generate
from nlp.aspects import AspectTagger
from nlp.encoder import load_encoder
from nlp.language import languages
from nlp.taxonomy import load_taxonomy
from nlp.text import clauses, readable

SEED, SCALE, STEPS = 11, 0.15, 5
RIGHT = {
    "late": {"delivery.late"}, "damaged": {"product.damaged"}, "wrong_item": {"order.wrong_item"}, "short": {"order.incomplete"},
    "invoice": {"commercial.invoice"}, "price": {"commercial.price"}, "quality": {"product.quality", "product.defective"},
    "portal": {"digital.portal", "digital.ordering"}, "manners": {"people.courtesy", "delivery.driver"},
    "waste": {"product.packaging"}, "packed": {"product.packaging"}, "fine_goods": {"product.quality"},
    "silence": {"people.responsiveness", "people.communication"}, "punctual": {"delivery.speed", "delivery.late", "delivery.appointment"},
    "staff": {"people.courtesy", "people.expertise", "people.responsiveness", "people.communication"},
    "easy": {"digital.portal", "digital.ordering"},
}  # fmt: skip


def main(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = generate(Path(folder), seed=seed, scale=SCALE)
        read = pd.read_csv(Path(folder) / "feedback.csv", dtype=str).dropna(subset=["text"])
    subject = read["feedback_id"].map(lambda i: ledger.topics.get(i, ()))
    known = [len(t) == 1 and t[0] in RIGHT for t in subject]
    read = read[known].assign(subject=[t[0] for t in subject[known]])
    read = read[[spoken == "en" for spoken in languages(read["text"].tolist())]]
    texts = read["text"].tolist()
    said = [(row, readable(texts[row][a:b])) for row, spans in enumerate(clauses(texts)) for a, b in spans]
    encoder = load_encoder()
    tagged = AspectTagger(load_taxonomy("supply_chain"), encoder).tag(encoder.encode([t for _, t in said]))
    rows = pd.DataFrame({"row": [r for r, _ in said], "aspect": tagged.aspect, "sure": tagged.confidence}).dropna()
    best = rows.sort_values("sure", ascending=False, kind="stable").drop_duplicates("row")
    right = np.array([a in RIGHT[read["subject"].iloc[r]] for r, a in zip(best["row"], best["aspect"], strict=True)])
    print(f"demo company {seed}: {len(read):,} comments about one thing, {len(best) / len(read):.0%} answered")
    print("answered   right   confidence from")
    for step in range(1, STEPS + 1):
        kept = round(len(best) * step / STEPS)
        print(f"{kept / len(read):8.0%} {right[:kept].mean():7.1%} {best['sure'].iloc[kept - 1]:12.2f}")
    wrong = best.assign(subject=read["subject"].iloc[best["row"]].to_numpy(), right=right)
    print(
        wrong.groupby("subject")["right"].agg(["size", "mean"]).round(2).rename(columns={"size": "answered", "mean": "right"})
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEED)
