"""Slack: how quickly events are acknowledged while 50 people ask at once, and 1,000 events through faults and kills.

Asked for: acknowledgement p99 <= 300 ms; exactly 1,000 answers or reasons, 0 doubles, 0 silences."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from integrations.build import build
from integrations.demo import generate
from integrations.settings import load
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from tests.integrations.slack.fake import FakeSlack
from tests.integrations.slack.storm import Outcome, people, storm


def company(folder: Path) -> Path:
    source, home = folder / "source", folder / "workspace"
    source.mkdir()
    generate(source, seed=7, scale=0.02)
    import_files(home, load_mapping("canonical"), [source], zone="UTC")
    build(home, load(home))
    return home


def run(home: Path, **how: float) -> Outcome:
    with FakeSlack() as fake:
        people(home, fake)
        return asyncio.run(storm(home, fake, **how))  # type: ignore[arg-type]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--events", type=int, default=1000)
    arguments.add_argument("--kills", type=int, default=10)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = company(Path(folder))
        calm = run(home, events=300, kills=0, faults=0.0, at_once=50, repeats=1)
        ms = np.array(calm.acks) * 1000
        print(
            f"acknowledged, 50 at once: p50 {np.percentile(ms, 50):.0f} ms, p99 {np.percentile(ms, 99):.0f} ms, longest {ms.max():.0f} ms ({len(ms)} events)"
        )
        print(f"answered: {calm.answers} of {calm.events} in {calm.seconds:.0f} s")
        came = run(home, events=given.events, kills=given.kills, faults=0.15, at_once=30)
        print(
            f"storm of {came.events} events sent three times each, {came.kills} kills, {came.seconds:.0f} s: {came.answers} answers, {came.doubles} doubles, {came.silences} silences"
        )
        print(
            "refused by Slack on the way: "
            + (", ".join(f"{what} {count}" for what, count in came.refused.most_common(8)) or "nothing")
        )


if __name__ == "__main__":
    main()
