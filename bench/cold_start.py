"""Cold start of `rapport ask`, beside a bare Python and beside an import of torch, each as a whole process.

Run: python bench/cold_start.py [WORKSPACE]   (a built workspace; without one the demo company is made in a folder of its own)
Line to pass: median <= 2.5 s, and torch not imported.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAPPORT = str(Path(sys.executable).with_name("rapport"))


def seconds(command: list[str], runs: int = 5) -> float:
    """Median wall seconds of the whole process, after one warm-up."""
    took = []
    for number in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        if number:
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    if len(sys.argv) > 1:
        return measure(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([RAPPORT, "demo", "--workspace", folder], check=True, capture_output=True)
        return measure(folder)


def measure(workspace: str) -> None:
    ask = ["ask", "revenue by month", "--workspace", workspace, "--json"]
    code = (
        "import sys; sys.argv=['rapport',*{args!r}]\nfrom integrations.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    )
    code += (
        "sys.stderr.write('HEAVY '+','.join(m for m in ('torch','transformers','sentence_transformers') if m in sys.modules))"
    )
    seen = subprocess.run([sys.executable, "-c", code.format(args=ask)], capture_output=True, text=True, check=True).stderr
    print(f"rapport ask, cold   {seconds([RAPPORT, *ask]):.2f} s")
    print(f"python -c pass      {seconds([sys.executable, '-c', 'pass']):.2f} s")
    print(f"import torch        {seconds([sys.executable, '-c', 'import torch']):.2f} s")
    print(f"heavy modules imported by ask: {seen.split('HEAVY ')[-1] or 'none'}")


if __name__ == "__main__":
    main()
