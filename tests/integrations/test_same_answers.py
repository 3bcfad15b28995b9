"""The same data give the same answers with any number of threads: a small company, built and asked anew in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import hashlib, sys
from pathlib import Path
from tests.companies import make_company
from tests.integrations.test_same_answers import told
home = make_company(Path(sys.argv[1]), 0.02)
print(hashlib.sha256(told(home).encode()).hexdigest()[:16])
"""
TABLES = {
    "feedback_segments": ["feedback_id", "segment", "theme_id", "reason_id", "aspect", "sentiment", "sentiment_score"],
    "themes": ["theme_id", "name", "parent_name", "terms", "comments", "sentiment", "examples"],
    "reasons": ["reason_id", "name", "comments", "share"],
    "theme_lifts": ["theme_id", "dimension", "level"],
}
QUESTIONS = (
    "what is our revenue in 2026",
    "what do customers complain about most",
    "why are customers unhappy about delivery",
    "which carrier is late most often",
    "on time delivery by warehouse",
)


def told(home: Path) -> str:
    """Everything about voice that was decided, and what is answered, as one text."""
    from integrations.wiring import Workspace
    from knowledge.access import Scope

    workspace = Workspace(home)
    reader = workspace.reader(Scope.of_role("admin"))
    tables = [reader.frame(n)[c].sort_values(c[:3]).to_csv(index=False) for n, c in TABLES.items()]
    command = [sys.executable, "-c", "from integrations.cli import main; main()"]
    answers = []
    for question in QUESTIONS:
        done = subprocess.run(
            [*command, "ask", "--workspace", str(home), question], capture_output=True, text=True, cwd=ROOT, check=True
        )
        answers.append(done.stdout)
    return "\n".join([*tables, *answers])


@pytest.mark.slow
def test_threads_do_not_matter(tmp_path: Path) -> None:
    found = {}
    for threads in ("1", "2", "4"):
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "COLUMNS": "120"}
        command = [sys.executable, "-c", RUN, str(tmp_path / threads)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment)
        assert done.returncode == 0, done.stderr
        found[threads] = done.stdout.split()[-1]
    warnings.warn(f"answers by number of threads: {found}", stacklevel=1)
    assert len(set(found.values())) == 1
