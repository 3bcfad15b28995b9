"""A server on loopback that speaks OpenAI's chat protocol; what it replies is scripted, what it was sent is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Script = Callable[[str, str], str]
"""From the system's and the user's message to the reply."""


@dataclass
class Chat:
    """`raw` replaces the whole body, `seconds` are waited first, `drips` sends it a byte at a time."""

    url: str = ""
    script: Script = lambda system, user: ""
    raw: bytes | None = None
    status: int = 200
    seconds: float = 0.0
    drips: float = 0.0
    sent: list[str] = field(default_factory=list)

    def reset(self) -> None:
        self.script, self.raw, self.status, self.seconds, self.drips, self.sent = (lambda s, u: ""), None, 200, 0.0, 0.0, []


@contextmanager
def chatting() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            chat.sent.append(body)
            system, user = (m["content"] for m in json.loads(body)["messages"])
            time.sleep(chat.seconds)
            message = {"role": "assistant", "content": chat.script(system, user)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice]}
            told = chat.raw if chat.raw is not None else json.dumps(reply).encode()
            self.send_response(chat.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            try:
                for piece in (told[i : i + 1] for i in range(len(told))) if chat.drips else (told,):
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(chat.drips)
            except OSError:
                return  # the client went away

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
