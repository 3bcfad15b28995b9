"""Measures the ranges of the encoder's activations under torch, as nlp/data/encoder_ranges.npz holds them.

Run: python bench/encoder_ranges.py [OUT.npz]   Texts: Banking77's training file and clothing reviews in ../shared/data.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer

from nlp.encoder_export import LONGEST
from nlp.encoder_tuning import load_bert
from nlp.weights import default_files

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def texts() -> list[str]:
    asked = pd.read_csv(DATA / "banking77" / "train.csv")["text"].sample(1000, random_state=1).tolist()
    told = pd.read_csv(DATA / "womens-clothing" / "womens_reviews.csv.gz")["Review Text"].dropna().sample(1000, random_state=1)
    every = [*asked, *(x for t in told for x in [t, *re.split(r"(?<=[.!?]) ", t)[:2]])]
    random.seed(0)
    return random.sample(every, 300)


def main() -> None:
    files = default_files()
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    bert, seen = load_bert(files["model.safetensors"]).eval(), dict[str, list[Any]]()

    def kept(name: str) -> Callable[..., None]:
        def hook(_: Any, given: Any) -> None:
            seen.setdefault(name, []).append(given[0].reshape(-1, given[0].shape[-1]).numpy())

        return hook

    for i, layer in enumerate(bert.encoder.layer):
        for name, part in (
            ("in", layer.attention.self.query), ("ctx", layer.attention.output.dense), ("mid", layer.intermediate.dense),
            ("gout", layer.output.dense),
        ):  # fmt: skip
            part.register_forward_pre_hook(kept(f"{i}.{name}"))
    with torch.no_grad():
        for text in texts():
            ids = torch.tensor([tokenizer.encode(text).ids])
            bert(input_ids=ids, attention_mask=torch.ones_like(ids))
    found = {}
    for name, parts in seen.items():
        values = np.concatenate(parts).astype(np.float64)
        found |= {f"{name}.max": np.abs(values).max(axis=0), f"{name}.rms": np.sqrt((values**2).mean(axis=0))}
    out = sys.argv[1] if len(sys.argv) > 1 else "encoder_ranges.npz"
    np.savez_compressed(out, **{n: v.astype(np.float16) for n, v in found.items()})
    print(f"{out}: {len(found)} ranges")


if __name__ == "__main__":
    main()
