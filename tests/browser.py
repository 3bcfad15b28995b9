"""A real browser for tests of the page: Debian's Chromium, headless, driven through its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

AXE = Path(__file__).parent / "data" / "vendor" / "axe.min.js"
OUTSIDE = """(() => {
  const wide = document.documentElement.clientWidth, scrolls = (e) => ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX);
  const out = [...document.body.querySelectorAll("*")].filter((e) => {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || getComputedStyle(e).position === "fixed") return false;
    for (let up = e.parentElement; up; up = up.parentElement) if (scrolls(up)) return false;
    return box.right > wide + 1 || box.left < -1;
  }).map((e) => `${e.tagName} ${e.className}`);
  return document.documentElement.scrollWidth > wide ? ["the page scrolls sideways", ...out] : out;
})()"""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One page; what scripts and requests complained about is in `complaints`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, process: asyncio.subprocess.Process) -> None:
        self.complaints: list[str] = []
        self._socket, self._process = socket, process
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reading = asyncio.create_task(self._read())

    async def go(self, url: str) -> None:
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def size(self, width: int, height: int, *, dark: bool = False) -> None:
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])

    async def run(self, script: str) -> Any:
        """The value of an expression (a promise is awaited)."""
        done = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in done:
            raise AssertionError(done["exceptionDetails"].get("exception", {}).get("description", done["exceptionDetails"]))
        return done["result"].get("value")

    async def until(self, script: str, seconds: float = 20) -> None:
        """Waits until the expression is truthy."""
        end = time.monotonic() + seconds
        while not await self.run(f"!!({script})"):
            assert time.monotonic() < end, f"never true: {script}; {self.complaints}"
            await asyncio.sleep(0.05)

    async def type(self, text: str) -> None:
        await self.send("Input.insertText", text=text)

    async def key(self, name: str) -> None:
        codes = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""), "ArrowDown": (40, "")}
        code, text = codes[name] if name in codes else (ord(name.upper()), name)
        for kind in ("keyDown", "keyUp"):
            await self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=code,
                text=text if kind == "keyDown" else "",
            )

    async def accessible(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader is told."""
        tree = await self.send("Accessibility.getFullAXTree")
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in tree["nodes"] if not node.get("ignored") and "role" in node
        ]  # fmt: skip

    async def findings(self) -> list[str]:
        """What axe finds that is worse than minor: rule, impact, and the first element."""
        if not await self.run("!!window.axe"):
            await self.run(AXE.read_text(encoding="utf-8"))
        found = await self.run("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] != "minor"]

    async def outside(self) -> list[str]:
        """Elements wider than their place, apart from what scrolls inside something of its own."""
        found: list[str] = await self.run(OUTSIDE)
        return found

    async def printed(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode((await self.send("Page.printToPDF", printBackground=False))["data"])

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        shot = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        return await asyncio.wait_for(self._answers[self._number], 30)

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                answer = self._answers.pop(told["id"])
                if "error" in told:
                    answer.set_exception(AssertionError(told["error"]["message"]))
                else:
                    answer.set_result(told["result"])
            elif told["method"] == "Runtime.exceptionThrown":
                details = told["params"]["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            elif told["method"] == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.complaints.append(told["params"]["entry"]["text"])


class Browser:
    """`async with Browser() as page`."""

    async def __aenter__(self) -> Page:
        program = chromium()
        assert program, "no Chromium: apt-get install chromium"
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = await asyncio.create_subprocess_exec(
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--disable-background-networking", "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={self._folder.name}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        port = await self._port()
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://127.0.0.1:{port}/json") as response:
            page = next(p for p in await response.json() if p["type"] == "page")
        socket = await self._session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0)
        self._page = Page(socket, self._process)
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            await self._page.send(f"{domain}.enable")
        return self._page

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        self._process.terminate()
        await self._process.wait()
        self._folder.cleanup()

    async def _port(self) -> int:
        told = Path(self._folder.name) / "DevToolsActivePort"
        for _ in range(400):
            if told.is_file() and (text := told.read_text().split()):
                return int(text[0])
            await asyncio.sleep(0.05)
        raise AssertionError("Chromium did not start")
