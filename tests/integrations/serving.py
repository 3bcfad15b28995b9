"""The web app over a copy of a workspace, served for real on loopback."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from integrations.live import Live
from integrations.web.app import create_app


@dataclass(frozen=True)
class Served:
    """Where it listens, the live workspace behind it, and tokens by name."""

    url: str
    live: Live
    tokens: dict[str, str]

    def client(self, name: str | None = "Ann") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """Serves the app in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        assert thread.is_alive(), "the server fell over"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def copied(company: Path, to: Path) -> Path:
    """A copy of the workspace without its state; the rate limit out of the way."""
    home = to / "workspace"
    shutil.copytree(company, home, ignore=shutil.ignore_patterns("state.db*", ".state.lock"))
    (home / "rapport.toml").write_text("requests_per_minute = 1000000\n", encoding="utf-8")
    return home


@contextmanager
def served(home: Path) -> Iterator[Served]:
    """Ann is admin, Max manager, Quinn quality; Rita is a rep of the first two customers, Rob of none."""
    live = Live(home)
    with live.reading(live.home.scope(None)) as reader:
        ids = sorted(reader.frame("orders")["customer_id"].unique())[:2]
    people = {
        "Ann": ("admin", "all"),
        "Max": ("manager", "all"),
        "Quinn": ("quality", "all"),
        "Rita": ("rep", ",".join(ids)),
        "Rob": ("rep", "nothing"),
    }
    for name, (role, accounts) in people.items():
        live.state.add_user(name, role, email=f"{name.lower()}@firm.example", accounts=accounts)
    tokens = {name: live.state.new_token(name) for name in people}
    with listening(create_app(live)) as url:
        yield Served(url, live, tokens)
    live.close()
