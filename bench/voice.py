"""The voice of the customer: 14,640 tweets to themes, sentiment, aspects and reasons beside the peer's themes alone; how time grows
to 100,000 comments; what 1,000 more cost.

Run: python bench/voice.py [tweets|peer|growth]   (default: all; each part in a process of its own, so that its memory is its own)
Lines to pass: at least 6 times as fast as the peer, at most 800 MB, growth exponent at most 1.1, 1,000 more no rebuild.

The peer is BERTopic with the same model where it is installed. Where it is not, its steps are run with what is there: the same
model through SentenceTransformer, five dimensions by PCA (UMAP, which BERTopic would use, is slower), scikit-learn's HDBSCAN
with BERTopic's settings, c-TF-IDF.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

TWEETS = Path(__file__).resolve().parents[2] / "shared" / "data" / "airline-tweets" / "Tweets.csv"
SMALL, LARGE, MORE = 10_000, 100_000, 1_000


def tweets() -> list[str]:
    return pd.read_csv(TWEETS, dtype=str)["text"].fillna("").tolist()


def recombined(count: int) -> list[str]:
    """Different comments in as many as asked: the first half of one tweet and the second half of another."""
    words = [t.split() for t in tweets()]
    draw = np.random.default_rng(7)
    pairs = draw.integers(0, len(words), (count, 2))
    return [" ".join(words[a][: len(words[a]) // 2 + 1] + words[b][len(words[b]) // 2 :]) for a, b in pairs.tolist()]


def feedback(texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"feedback_id": [f"{i:07d}" for i in range(len(texts))], "text": pd.Series(texts, dtype="object")})


def measured(work: str) -> dict[str, float]:
    """The seconds and the peak memory of one part, run in a process of its own."""
    done = subprocess.run([sys.executable, __file__, f"--{work}"], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(texts: list[str], more: int = 0) -> dict[str, float]:
    from nlp.encoder import load_encoder
    from nlp.pipeline import analyse
    from nlp.taxonomy import load_taxonomy

    encoder, taxonomy = load_encoder(), load_taxonomy("supply_chain")
    encoder.encode(["warm"])
    every = feedback(texts)
    first = every.iloc[: len(every) - more]
    began = time.perf_counter()
    voice = analyse(first, encoder, taxonomy)
    found = {"seconds": time.perf_counter() - began, "themes": len(voice.themes), "unassigned": voice.unassigned,
             "clauses": len(voice.segments), "reasons": len(voice.reasons)}  # fmt: skip
    if more:
        began = time.perf_counter()
        analyse(every, encoder, taxonomy, before=voice.kept())
        found["added_seconds"] = time.perf_counter() - began
        began = time.perf_counter()
        analyse(every.iloc[-more:], encoder, taxonomy)
        found["alone_seconds"] = time.perf_counter() - began
    return found


def peer(texts: list[str]) -> dict[str, float]:
    from sentence_transformers import SentenceTransformer

    from nlp.text import readable
    from nlp.weights import default_files

    plain = [readable(t) for t in texts]
    model = SentenceTransformer(str(default_files()["model.safetensors"].parent), device="cpu")
    model.encode(["warm"])
    began = time.perf_counter()
    vectors = model.encode(plain, show_progress_bar=False)
    encoded = time.perf_counter()
    if find_spec("bertopic"):
        from bertopic import BERTopic

        labels = np.array(BERTopic(embedding_model=model).fit_transform(plain, vectors)[0])
    else:
        from sklearn.cluster import HDBSCAN
        from sklearn.decomposition import PCA
        from sklearn.feature_extraction.text import CountVectorizer

        labels = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(PCA(5, random_state=7).fit_transform(vectors))
        joined = pd.Series(plain).groupby(labels).agg(" ".join)
        counts = CountVectorizer().fit_transform(joined)
        total = np.asarray(counts.sum(axis=0)).ravel()
        counts.multiply(np.log(1 + counts.sum() / len(joined) / total)).tocsr()
    ended = time.perf_counter()
    return {
        "seconds": ended - began,
        "encoding": encoded - began,
        "themes": int(labels.max() + 1),
        "unassigned": float((labels < 0).mean()),
    }


def of_tweets() -> dict[str, float]:
    found = measured("tweets")
    print(f"ours, 14,640 tweets to themes, sentiment, aspects, reasons: {found['seconds']:.1f} s, {found['peak_mb']:.0f} MB, "
          f"{found['themes']:.0f} themes, {found['reasons']:.0f} reasons, {found['unassigned']:.1%} in none")  # fmt: skip
    return found


def of_peer() -> dict[str, float]:
    found = measured("peer")
    name = "BERTopic" if find_spec("bertopic") else "BERTopic's steps without UMAP (BERTopic is not installed)"
    print(f"{name}, themes alone: {found['seconds']:.1f} s (encoding {found['encoding']:.1f} s), {found['peak_mb']:.0f} MB, "
          f"{found['themes']:.0f} themes, {found['unassigned']:.1%} in none")  # fmt: skip
    return found


def of_growth() -> None:
    small, large = measured("small"), measured("large")
    exponent = np.log(large["seconds"] / small["seconds"]) / np.log(large["clauses"] / small["clauses"])
    print(f"{SMALL:,} comments {small['seconds']:.1f} s, {LARGE:,} comments {large['seconds']:.1f} s ({large['peak_mb']:.0f} MB): "
          f"exponent {exponent:.2f}")  # fmt: skip
    print(f"{MORE:,} more to {LARGE:,}: {large['added_seconds']:.1f} s; {MORE:,} alone: {large['alone_seconds']:.1f} s")


PARTS = {"tweets": of_tweets, "peer": of_peer, "growth": of_growth}
WORK = {
    "tweets": lambda: ours(tweets()),
    "peer": lambda: peer(tweets()),
    "small": lambda: ours(recombined(SMALL)),
    "large": lambda: ours(recombined(LARGE + MORE), MORE),
}


def main() -> None:
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    if asked.startswith("--"):
        found = WORK[asked[2:]]()
        print(json.dumps(found | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    if not TWEETS.is_file():
        print(f"{TWEETS} is not there.")
        return
    done = {name: part() for name, part in PARTS.items() if asked in ("", name)}
    if (a := done.get("tweets")) and (b := done.get("peer")):
        print(f"{b['seconds'] / a['seconds']:.1f} times as fast as the peer")


if __name__ == "__main__":
    main()
