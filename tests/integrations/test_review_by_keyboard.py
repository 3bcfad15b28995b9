"""Two hundred uncertain comments worked through by keyboard in a browser, with the server killed half-way: nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from integrations.live import Live
from knowledge.state import in_force
from tests.browser import Browser, Page, chromium
from tests.integrations.serving import copied

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("whole"),
    pytest.mark.skipif(
        not chromium() and os.environ.get("CI", "").lower() != "true", reason="no Chromium here: apt-get install chromium"
    ),
]
COMMENTS = 200
LEFT = "Number((document.querySelector('main').innerText.match(/([\\d,]+) comments? left/)?.[1] ?? '-1').replaceAll(',', ''))"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def started(home: Path, port: int) -> subprocess.Popen[bytes]:
    """`rapport serve` in a process of its own, once it answers."""
    command = [sys.executable, "-c", "from integrations.cli import main; main()", "serve", "--port", str(port), "--workspace", str(home)]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 180
    while True:
        assert server.poll() is None
        assert time.monotonic() < end
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return server
        except httpx.HTTPError:
            time.sleep(0.2)


async def work(page: Page, comments: int) -> list[str]:
    """Decides about so many comments, each by one key; gives what they were."""
    seen = []
    for number in range(comments):
        before = await page.run(LEFT)
        seen.append(await page.run("document.querySelector('#comment .small').lastElementChild.textContent"))
        sure = await page.run("!document.querySelector('.ways button').disabled")
        await page.key("a" if sure and number % 4 else "x")
        await page.until(f"{LEFT} === {before - 1} || document.querySelector('.empty')", 60)
    return seen


def decisions(home: Path) -> list[str]:
    live = Live(home)
    found = [str(d.payload["feedback_id"]) for d in in_force(live.state.decisions()) if d.kind in ("assign", "not_feedback")]
    live.close()
    return found


def test_two_hundred_comments_by_keyboard_survive_a_kill(whole: Path, tmp_path: Path) -> None:
    home = copied(whole, tmp_path)
    live = Live(home)
    live.state.add_user("Quinn", "quality", accounts="all")
    token = live.state.new_token("Quinn")
    live.close()
    port = free_port()
    server = started(home, port)

    async def scenario() -> list[str]:
        nonlocal server
        async with Browser() as page:
            await page.size(1280, 900)
            await page.go(f"http://127.0.0.1:{port}/review")
            await page.until("document.activeElement?.id === 'token'")
            await page.type(token)
            await page.key("Enter")
            await page.until("document.querySelector('.ways')", 120)
            assert await page.run(LEFT) >= COMMENTS
            seen = await work(page, COMMENTS // 2)
            server.send_signal(signal.SIGKILL)
            server.wait(20)
            shown = await page.run("document.querySelector('.comment').textContent")
            await page.key("x")
            await page.until("document.body.innerText.includes('Rapport cannot be reached')", 30)
            assert await page.run("document.querySelector('.comment').textContent") == shown  # it is still to be decided
            server = await asyncio.to_thread(started, home, port)
            assert sorted(decisions(home)) == sorted(seen)
            await page.go(f"http://127.0.0.1:{port}/review")
            await page.until("document.querySelector('.ways')", 120)
            return seen + await work(page, COMMENTS - len(seen))

    try:
        seen = asyncio.run(scenario())
    finally:
        server.kill()
        server.wait(20)
    assert len(set(seen)) == COMMENTS
    assert sorted(decisions(home)) == sorted(seen)
