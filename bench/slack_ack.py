"""How quickly Slack's events are acknowledged while 50 people ask at once and their answers are being made.

Asked for: p99 <= 300 ms. Beside it, in the same run: an ASGI app that reads the body and says 200, under the same senders."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import aiohttp
import numpy as np

from bench.slack import company
from tests.integrations.slack.fake import FakeSlack
from tests.integrations.slack.storm import free_port, people, storm

EVENTS, AT_ONCE = 500, 50
BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", lifespan="off")
"""


async def bare(fake: FakeSlack) -> list[float]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
    url, took = f"http://127.0.0.1:{port}/slack/events", []
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
            while True:
                try:
                    async with session.get(url):
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
            left = [fake.says("C0OPEN", "U0ANN", "hello") for _ in range(EVENTS)]

            async def person() -> None:
                while left:
                    took.append((await fake.send(session, url, left.pop()))[1])

            await asyncio.gather(*(person() for _ in range(AT_ONCE)))
    finally:
        process.kill()
        process.wait()
    return took


def said(name: str, seconds: list[float]) -> str:
    ms = np.array(seconds) * 1000
    return f"{name:<28} p50 {np.percentile(ms, 50):6.0f} ms   p99 {np.percentile(ms, 99):6.0f} ms   longest {ms.max():6.0f} ms"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = company(Path(folder))
        with FakeSlack() as fake:
            people(home, fake)
            print(said("bare ASGI acknowledger", asyncio.run(bare(fake))))
            for name, pace in (("Rapport, all at one moment", 0.0), ("Rapport, each every 2 s", 2.0)):
                came = asyncio.run(
                    storm(home, fake, events=EVENTS, kills=0, faults=0.0, at_once=AT_ONCE, repeats=1, pace=pace, seed=int(pace))
                )
                print(said(name, came.acks))
                print(f"  {came.answers} answers in {came.seconds:.0f} s, {came.doubles} twice")


if __name__ == "__main__":
    main()
