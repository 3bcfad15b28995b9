"""What people read of the voice: the first themes of each data set with their names, reasons and random members, for judging blind.

Run: python bench/names.py OUT.txt SET   (SET: airline, clothing, laptops, dev, or a workspace's folder)
The rubric and what was judged: docs/voice-names.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from nlp.encoder import Encoder, load_encoder
from nlp.pipeline import Voice, analyse
from nlp.taxonomy import load_taxonomy
from nlp.text import readable

HERE = Path(__file__).resolve().parents[1]
DATA = HERE.parent / "shared" / "data"
THEMES, MEMBERS, QUOTES, REVIEWS, SEED = 30, 8, 3, 6_000, 16


def airline() -> pd.DataFrame:
    return pd.read_csv(DATA / "airline-tweets" / "Tweets.csv", dtype=str).drop_duplicates("tweet_id")[["text"]]


def clothing() -> pd.DataFrame:
    """Every fourth review, as many as REVIEWS."""
    told = pd.read_csv(next((DATA / "womens-clothing").glob("*.csv*")))
    text = next(c for c in told.columns if c.lower().replace("_", " ") == "review text")
    return told[[text]].set_axis(["text"], axis=1).dropna().iloc[::3].head(REVIEWS)


def laptops() -> pd.DataFrame:
    files = sorted((DATA / "semeval16-laptops").glob("*.xml")) + sorted((DATA / "semeval16-laptops").glob("*.gold"))
    reviews = [r for f in files for r in ElementTree.parse(f).getroot().iter("Review")]
    return pd.DataFrame({"text": [" ".join(t.text or "" for t in r.iter("text")) for r in reviews]})


def dev() -> pd.DataFrame:
    rows = [
        json.loads(line) for n in ("dev", "dev_food") for line in (HERE / f"tests/data/voice/{n}.jsonl").open(encoding="utf-8")
    ]
    return pd.DataFrame({"text": [r["text"] for r in rows]})


SETS = {"airline": airline, "clothing": clothing, "laptops": laptops, "dev": dev}


def comments(name: str) -> pd.DataFrame:
    """feedback_id, text of a data set, or of a workspace."""
    if name not in SETS:
        told = pd.read_parquet(Path(name) / "tables" / "feedback")
        return told.loc[told["text"].notna(), [c for c in ("feedback_id", "text", "customer_id", "at") if c in told]]
    told = SETS[name]().reset_index(drop=True)
    return told.assign(feedback_id=[f"{i:06d}" for i in range(len(told))], text=told["text"].astype("object"))


def heard(name: str, encoder: Encoder) -> Voice:
    return analyse(comments(name), encoder, load_taxonomy("supply_chain"))


def sheet(voice: Voice) -> str:
    """The first themes: name, size, mood, members by chance, reasons with quotes by chance."""
    draw = np.random.default_rng(SEED)
    lines = []
    for number, theme in enumerate(voice.themes.sort_values("comments", ascending=False).head(THEMES).to_dict("records"), 1):
        said = voice.segments[voice.segments["theme_id"] == theme["theme_id"]]
        glad, bad = (said["sentiment"] > 0).mean(), (said["sentiment"] < 0).mean()
        lines += [f"## {number}. THEME: {theme['name']}",
                  f"   above: {theme['parent_name']} | {theme['comments']} comments | clauses praising {glad:.0%}, complaining {bad:.0%}"]  # fmt: skip
        lines += [f"   - {_line(t)}" for t in _some(said["text"].tolist(), MEMBERS, draw)]
        for reason in (
            voice.reasons[voice.reasons["theme_id"] == theme["theme_id"]]
            .sort_values("comments", ascending=False)
            .to_dict("records")
        ):
            lines.append(f"   REASON: {reason['name']}  ({reason['comments']})")
            quotes = voice.reason_mentions.loc[voice.reason_mentions["reason_id"] == reason["reason_id"], "text"].tolist()
            lines += [f"      · {_line(t)}" for t in _some(quotes, QUOTES, draw)]
        lines.append("")
    return "\n".join(lines)


def _some(texts: list[str], count: int, draw: np.random.Generator) -> list[str]:
    return [texts[i] for i in sorted(draw.choice(len(texts), min(count, len(texts)), replace=False))] if texts else []


def _line(text: str) -> str:
    told = readable(text)
    return told if len(told) <= 220 else told[:217] + "…"


def main() -> None:
    out, name = sys.argv[1:]
    Path(out).write_text(sheet(heard(name, load_encoder())), encoding="utf-8")


if __name__ == "__main__":
    main()
