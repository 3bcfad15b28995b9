"""The page under load: twenty people at once open pages of a served workspace; server time by page, the first page after a start, memory.

    python bench/web.py --workspace workspace [--people 20] [--rounds 10]

It serves a copy, so that nothing is changed."""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

PAGES = (
    "/", "/api/v1/session", "/api/v1/home", "/api/v1/home/attention", "/api/v1/home/promises", "/api/v1/voice/board", "/api/v1/voice/board?mood=negative", "/api/v1/voice/themes/{theme}",
    "/api/v1/voice/themes/{theme}/comments?limit=10", "/api/v1/voice/queue?limit=100", "/api/v1/accounts?sort=revenue&order=desc", "/api/v1/accounts?search=halvorsen",
    "/api/v1/customers/{customer}/brief", "/api/v1/metrics?limit=200", "/api/v1/threads",
)  # fmt: skip
COMMAND = (sys.executable, "-c", "from integrations.cli import main; main()")


def serve(home: Path) -> tuple[subprocess.Popen[str], str]:
    """A server of its own process, and where it listens."""
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0", "--workspace", str(home)], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"Rapport is at (http://\S+?)/?$", line.strip()):
            return process, found[1]
    raise SystemExit("the server did not start")


def drained(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for _ in process.stderr:
        pass


def token(home: Path) -> str:
    subprocess.run(
        [*COMMAND, "user", "add", "Bench", "--role", "manager", "--accounts", "all", "--workspace", str(home)],
        check=True,
        capture_output=True,
    )
    made = subprocess.run(
        [*COMMAND, "user", "token", "Bench", "--workspace", str(home)], check=True, capture_output=True, text=True
    )
    return made.stdout.strip()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--workspace", type=Path, required=True)
    asked.add_argument("--people", type=int, default=20)
    asked.add_argument("--rounds", type=int, default=10)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        home = Path(aside) / "workspace"
        shutil.copytree(given.workspace, home, ignore=shutil.ignore_patterns("state.db*"))
        with (home / "rapport.toml").open("a", encoding="utf-8") as settings:
            settings.write("\nrequests_per_minute = 1000000\n")
        began = time.perf_counter()
        subprocess.run([*COMMAND, "prepare", "--workspace", str(home)], check=True, capture_output=True)
        print(f"panels made ahead in {time.perf_counter() - began:.1f} s (once a build, in a process of its own)")
        headers = {"Authorization": f"Bearer {token(home)}"}
        process, url = serve(home)
        with concurrent.futures.ThreadPoolExecutor(given.people + 1) as pool:
            pool.submit(drained, process)
            try:
                measure(url, headers, given.people, given.rounds, pool)
                print(f"memory of the server: {psutil.Process(process.pid).memory_info().rss / 1e6:,.0f} MB")
            finally:
                process.terminate()
                process.wait(20)


def measure(url: str, headers: dict[str, str], people: int, rounds: int, pool: concurrent.futures.ThreadPoolExecutor) -> None:
    with httpx.Client(base_url=url, headers=headers, timeout=120) as first:
        theme = first.get("/api/v1/themes?limit=1").json()["items"][0]["theme_id"]
        customer = first.get("/api/v1/customers?limit=1").json()["items"][0]["customer_id"]
        pages = [p.format(theme=theme, customer=customer) for p in PAGES]
        for page in pages:
            began = time.perf_counter()
            assert first.get(page).status_code == 200, page
            print(f"  first {1000 * (time.perf_counter() - began):7.0f} ms  {page}")

    def person(number: int) -> list[tuple[str, float]]:
        took = []
        with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
            for step in range(rounds * len(pages)):
                page = pages[(step + number) % len(pages)]
                began = time.perf_counter()
                assert client.get(page).status_code == 200, page
                took.append((page, time.perf_counter() - began))
                time.sleep(0.5)  # somebody looks at it
        return took

    began = time.perf_counter()
    seen = [one for many in pool.map(person, range(people)) for one in many]
    took = sorted(t for _, t in seen)
    print(f"{people} people, {len(seen)} pages in {time.perf_counter() - began:.0f} s: p50 {1000 * took[len(took) // 2]:.0f} ms, "
          f"p95 {1000 * took[int(0.95 * len(took))]:.0f} ms, slowest {1000 * took[-1]:.0f} ms ({os.cpu_count()} cores, client on the same machine)")  # fmt: skip
    for page in pages:
        own = sorted(t for p, t in seen if p == page)
        print(f"  p95 {1000 * own[int(0.95 * len(own))]:7.0f} ms  {page}")


if __name__ == "__main__":
    main()
