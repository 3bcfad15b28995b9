"""The encoder against `SentenceTransformer.encode` with the same weights: speed and agreement in one run.

Run: python bench/encoder.py [CSV COLUMN]   (default: the airline tweets in ../shared/data)
Lines to pass: at least 6 times as fast, mean cosine at least 0.99.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from nlp.encoder import load_encoder
from nlp.weights import default_files

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def main() -> None:
    path, column = (sys.argv[1], sys.argv[2]) if len(sys.argv) > 2 else (str(DATA / "airline-tweets" / "Tweets.csv"), "text")
    texts = pd.read_csv(path)[column].dropna().astype(str).drop_duplicates().head(2000).tolist()
    ours = load_encoder()
    ours.encode(texts[:50])
    began = time.perf_counter()
    a = ours.encode(texts)
    took = time.perf_counter() - began
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(default_files()["model.safetensors"].parent), device="cpu")
    peer.encode(texts[:50])
    began = time.perf_counter()
    b = np.asarray(peer.encode(texts, normalize_embeddings=True, show_progress_bar=False))
    peer_took = time.perf_counter() - began
    cosine = (a * b).sum(axis=1)
    print(
        f"texts {len(texts)}   ours {len(texts) / took:.0f}/s   SentenceTransformer {len(texts) / peer_took:.0f}/s   ratio {peer_took / took:.1f}"
    )
    print(f"cosine: mean {cosine.mean():.4f}, lowest {cosine.min():.4f}")


if __name__ == "__main__":
    main()
