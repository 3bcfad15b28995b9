"""A Slack of our own: the Web API over HTTP, Socket Mode over a WebSocket, signed events; strict as the real one, faults on request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.integrations.slack.rules import broken, broken_view

TEAM, BOT, BOT_ID, TOKEN, SECRET, APP_TOKEN = (
    "T0COMPANY1",
    "U0RAPPORT1",
    "B0RAPPORT1",
    "xoxb-company",
    "signing-secret",
    "xapp-company",
)
Fault = Callable[[str, dict[str, Any]], str | None]
JSON = dict[str, Any]
ARGUMENTS: dict[str, set[str]] = {
    "auth.test": set(),
    "chat.postMessage": {"channel", "text", "blocks", "thread_ts", "metadata", "unfurl_links", "unfurl_media", "mrkdwn"},
    "chat.postEphemeral": {"channel", "user", "text", "blocks", "thread_ts"},
    "chat.update": {"channel", "ts", "text", "blocks", "metadata"},
    "chat.delete": {"channel", "ts"},
    "chat.startStream": {
        "channel",
        "thread_ts",
        "recipient_team_id",
        "recipient_user_id",
        "chunks",
        "markdown_text",
        "task_display_mode",
    },
    "chat.appendStream": {"channel", "ts", "markdown_text", "chunks"},
    "chat.stopStream": {"channel", "ts", "markdown_text", "blocks", "metadata", "chunks"},
    "conversations.open": {"users"},
    "conversations.members": {"channel", "limit", "cursor"},
    "conversations.replies": {"channel", "ts", "oldest", "limit", "cursor", "include_all_metadata"},
    "conversations.history": {"channel", "oldest", "limit", "cursor", "include_all_metadata"},
    "users.info": {"user"},
    "users.lookupByEmail": {"email"},
    "views.open": {"trigger_id", "view"},
    "views.update": {"view_id", "view", "hash"},
    "views.publish": {"user_id", "view", "hash"},
    "assistant.threads.setStatus": {"channel_id", "thread_ts", "status", "loading_messages"},
    "assistant.threads.setSuggestedPrompts": {"channel_id", "thread_ts", "prompts", "title"},
    "files.getUploadURLExternal": {"filename", "length", "alt_txt", "snippet_type"},
    "files.completeUploadExternal": {"files", "channel_id", "thread_ts", "initial_comment", "channels"},
    "apps.connections.open": set(),
    "oauth.v2.access": {"client_id", "client_secret", "code", "redirect_uri", "grant_type", "refresh_token"},
}
NEEDED = {
    "chat.postMessage": {"channel"}, "chat.postEphemeral": {"channel", "user"}, "chat.update": {"channel", "ts"}, "chat.startStream": {"channel", "thread_ts"},
    "chat.stopStream": {"channel", "ts"}, "conversations.open": {"users"}, "conversations.members": {"channel"}, "conversations.replies": {"channel", "ts"},
    "conversations.history": {"channel"}, "users.info": {"user"}, "views.open": {"trigger_id", "view"}, "views.publish": {"user_id", "view"},
    "assistant.threads.setStatus": {"channel_id", "thread_ts", "status"}, "assistant.threads.setSuggestedPrompts": {"channel_id", "prompts"},
    "files.getUploadURLExternal": {"filename", "length"}, "files.completeUploadExternal": {"files"},
}  # fmt: skip


@dataclass
class Channel:
    members: list[str] = field(default_factory=list)
    messages: list[JSON] = field(default_factory=list)


class FakeSlack:
    """Runs in a thread of its own, so that the app under test may be in this process or in another one."""

    def __init__(self) -> None:
        self.users: dict[str, JSON] = {BOT: {"id": BOT, "team_id": TEAM, "is_bot": True, "profile": {}}}
        self.channels: dict[str, Channel] = defaultdict(Channel)
        self.ephemerals: list[JSON] = []
        self.views: dict[str, JSON] = {}
        self.homes: dict[str, JSON] = {}
        self.files: dict[str, JSON] = {}
        self.calls: list[tuple[str, JSON]] = []
        self.refused: list[tuple[str, str, list[str]]] = []
        self.tokens: dict[str, str] = {TOKEN: TEAM}
        self.streams: dict[str, str] = {}
        self.triggers: dict[str, float] = {}
        self.fault: Fault = lambda _, __: None
        self.lateness = 3.0
        self.acked: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._sockets: list[web.WebSocketResponse] = []
        self.url = ""

    # --- what a test does ---------------------------------------------------------------------------------------------------

    def person(self, slack_id: str, email: str = "", **more: Any) -> str:
        self.users[slack_id] = {
            "id": slack_id,
            "team_id": TEAM,
            "is_bot": False,
            "is_email_confirmed": True,
            "profile": {"email": email},
            **more,
        }
        return slack_id

    def stamp(self) -> str:
        return f"{time.time():.3f}{next(self._numbers) % 1000:03d}"

    def says(self, channel: str, user: str, text: str, thread: str | None = None, *, members: list[str] | None = None) -> JSON:
        """Somebody writes; gives the event as Slack would send it."""
        with self._lock:
            ts = self.stamp()
            if channel.startswith("D"):
                self.channels[channel].members = [user, BOT]
            elif members is not None:
                self.channels[channel].members = members
            self.channels[channel].messages.append(
                {"ts": ts, "user": user, "text": text, **({"thread_ts": thread} if thread else {})}
            )
        event: JSON = {"user": user, "text": text, "ts": ts, "channel": channel, "event_ts": ts, "team": TEAM}
        event |= {"thread_ts": thread} if thread else {}
        event |= {"type": "message", "channel_type": "im"} if channel.startswith("D") else {"type": "app_mention"}
        return self.wrapped(event)

    def wrapped(self, event: JSON) -> JSON:
        return {
            "token": "legacy", "team_id": TEAM, "api_app_id": "A0RAPPORT1", "type": "event_callback", "event_id": f"Ev{next(self._numbers):09d}",
            "event_time": int(time.time()), "event": event, "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        }  # fmt: skip

    def pressed(self, user: str, channel: str, message: JSON, action: JSON) -> JSON:
        """Somebody presses a button of a message."""
        return {
            "type": "block_actions", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "api_app_id": "A0RAPPORT1", "trigger_id": self.trigger(),
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel, **({"thread_ts": message["thread_ts"]} if "thread_ts" in message else {})},
            "channel": {"id": channel}, "message": message, "actions": [{**action, "action_ts": self.stamp(), "block_id": "b"}],
        }  # fmt: skip

    def shortcut(self, user: str, channel: str, message: JSON, callback: str) -> JSON:
        return {
            "type": "message_action", "callback_id": callback, "trigger_id": self.trigger(), "team": {"id": TEAM}, "user": {"id": user},
            "channel": {"id": channel}, "message": message, "message_ts": message["ts"], "response_url": "https://example.com/none",
        }  # fmt: skip

    def submitted(self, user: str, view: JSON, values: JSON) -> JSON:
        return {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user},
            "view": {**view, "state": {"values": values}},
        }

    def command(self, user: str, channel: str, text: str) -> JSON:
        return {
            "command": "/rapport", "text": text, "user_id": user, "channel_id": channel, "team_id": TEAM, "trigger_id": self.trigger(), "api_app_id": "A0RAPPORT1",
            "response_url": "https://example.com/none",
        }  # fmt: skip

    def trigger(self) -> str:
        made = f"{next(self._numbers)}.trigger"
        self.triggers[made] = time.monotonic()
        return made

    def answers(self, channel: str | None = None) -> list[JSON]:
        """Messages of ours that answer something."""
        with self._lock:
            places = [self.channels[channel]] if channel else list(self.channels.values())
            return [m for c in places for m in c.messages if (m.get("metadata") or {}).get("event_type") == "rapport_answer"]

    def dm(self, user: str) -> str:
        return f"D{user[1:]}"

    # --- HTTP from Slack to the app -----------------------------------------------------------------------------------------

    async def send(
        self, session: aiohttp.ClientSession, url: str, payload: JSON, *, retry: int = 0, secret: str = SECRET, age: int = 0
    ) -> tuple[int, float, Any]:
        """Delivers a payload signed as Slack signs; gives status, seconds and body."""
        kind = payload.get("type")
        if kind in ("event_callback", "url_verification"):
            body, content = json.dumps(payload), "application/json"
        elif "command" in payload:
            body, content = urllib.parse.urlencode(payload), "application/x-www-form-urlencoded"
        else:
            body, content = urllib.parse.urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        moment = str(int(time.time()) - age)
        signature = "v0=" + hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": content, "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": signature}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        began = time.perf_counter()
        async with session.post(url, data=body, headers=headers) as response:
            text = await response.text()
            return response.status, time.perf_counter() - began, text

    async def send_socket(self, payload: JSON) -> None:
        """Delivers a payload over Socket Mode."""
        kinds = {"event_callback": "events_api", None: "slash_commands"}
        envelope = f"env{next(self._numbers)}"
        message = {
            "envelope_id": envelope,
            "type": kinds.get(payload.get("type"), "interactive"),
            "payload": payload,
            "accepts_response_payload": True,
        }
        end = time.monotonic() + 20
        while not self._sockets:
            assert time.monotonic() < end, "nobody connected"
            await asyncio.sleep(0.02)
        asyncio.run_coroutine_threadsafe(self._sockets[-1].send_str(json.dumps(message)), self._loop).result(5)
        while envelope not in self.acked:
            assert time.monotonic() < end, "never acknowledged"
            await asyncio.sleep(0.01)

    # --- the server ---------------------------------------------------------------------------------------------------------

    def __enter__(self) -> FakeSlack:
        started = threading.Event()

        def run() -> None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._start())
            started.set()
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _start(self) -> None:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._uploaded)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/api/"

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given: JSON = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        elif request.can_read_body:
            given |= dict(await request.post())
        for name in ("blocks", "metadata", "view", "files", "chunks", "prompts"):
            if isinstance(given.get(name), str):
                given[name] = json.loads(given[name])
        basic = (
            aiohttp.BasicAuth.decode(signed)
            if (signed := request.headers.get("Authorization", "")).startswith("Basic ")
            else None
        )
        given |= {"client_id": basic.login, "client_secret": basic.password} if basic else {}
        token = signed.removeprefix("Bearer ") or str(given.pop("token", ""))
        given.pop("token", None)
        wanted = self.fault(method, given)
        if wanted == "429":
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "0"})
        if wanted == "500":
            return web.Response(status=500, text="oops")
        if wanted and not wanted.endswith("_after"):
            return web.json_response({"ok": False, "error": wanted})
        with self._lock:
            answer = self._answer(method, given, token)
            self.calls.append((method, given))
            if not answer["ok"]:
                self.refused.append((method, answer["error"], answer.get("response_metadata", {}).get("messages", [])))
        if wanted == "500_after":
            return web.Response(status=500, text="oops")
        if wanted == "late_after":
            await asyncio.sleep(self.lateness)
        if wanted == "hang_up_after":
            assert request.transport is not None
            request.transport.close()
        return web.json_response(answer)

    def _answer(self, method: str, given: JSON, token: str) -> JSON:
        if method not in ARGUMENTS:
            return _no("unknown_method")
        unknown = {k for k, v in given.items() if v is not None} - ARGUMENTS[method]
        if unknown or NEEDED.get(method, set()) - set(given):
            return _no(
                "invalid_arguments", [f"unknown {sorted(unknown)}, lacking {sorted(NEEDED.get(method, set()) - set(given))}"]
            )
        if method == "apps.connections.open":
            return (
                {"ok": True, "url": self.url.replace("http", "ws").replace("/api/", "/socket")}
                if token == APP_TOKEN
                else _no("invalid_auth")
            )
        if method == "oauth.v2.access":
            return self._oauth(given)
        if token not in self.tokens:
            return _no("invalid_auth")
        if given.get("blocks") and (wrong := broken(given["blocks"], "message")):
            return _no("invalid_blocks", wrong)
        if given.get("view") and (wrong := broken_view(given["view"])):
            return _no("invalid_arguments", wrong)
        return getattr(self, "_" + method.replace(".", "_"))(given)

    def _auth_test(self, _: JSON) -> JSON:
        return {
            "ok": True,
            "team_id": TEAM,
            "user_id": BOT,
            "bot_id": BOT_ID,
            "user": "rapport",
            "team": "Company",
            "url": "https://company.slack.com/",
        }

    def _chat_postMessage(self, given: JSON) -> JSON:
        channel = self.dm(given["channel"]) if given["channel"].startswith("U") else given["channel"]
        if wrong := self._place(channel, given.get("thread_ts")):
            return wrong
        if not given.get("text") and not given.get("blocks"):
            return _no("no_text")
        if len(given.get("text") or "") > 40_000:
            return _no("msg_too_long")
        for block in given.get("blocks") or []:
            if "slack_file" in block and not self.files.get(block["slack_file"]["id"], {}).get("complete"):
                return _no("invalid_blocks", ["slack_file"])
        message = {k: given[k] for k in ("text", "blocks", "thread_ts", "metadata") if given.get(k)} | {
            "ts": self.stamp(),
            "user": BOT,
            "bot_id": BOT_ID,
        }
        self.channels[channel].messages.append(message)
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": message}

    def _chat_postEphemeral(self, given: JSON) -> JSON:
        if wrong := self._place(given["channel"], None):
            return wrong
        self.ephemerals.append(given)
        return {"ok": True, "message_ts": self.stamp()}

    def _chat_update(self, given: JSON) -> JSON:
        message = self._mine(given)
        if message is None:
            return _no("message_not_found")
        message |= {k: given[k] for k in ("text", "blocks", "metadata") if given.get(k)}
        self.streams.pop(given["ts"], None)
        return {"ok": True, "ts": given["ts"], "channel": given["channel"]}

    def _chat_delete(self, given: JSON) -> JSON:
        if self._mine(given) is None:
            return _no("message_not_found")
        self.channels[given["channel"]].messages = [
            m for m in self.channels[given["channel"]].messages if m["ts"] != given["ts"]
        ]
        return {"ok": True}

    def _chat_startStream(self, given: JSON) -> JSON:
        if wrong := self._place(given["channel"], given["thread_ts"]):
            return wrong
        ts = self.stamp()
        self.channels[given["channel"]].messages.append(
            {"ts": ts, "user": BOT, "bot_id": BOT_ID, "thread_ts": given["thread_ts"], "text": "", "streaming": True}
        )
        self.streams[ts] = given["channel"]
        return {"ok": True, "ts": ts, "channel": given["channel"]}

    def _chat_stopStream(self, given: JSON) -> JSON:
        message = self._mine(given)
        if message is None or given["ts"] not in self.streams:
            return _no("message_not_in_streaming_state")
        del self.streams[given["ts"]]
        message.pop("streaming")
        message |= {k: given[k] for k in ("blocks", "metadata") if given.get(k)}
        message["text"] = given.get("markdown_text") or "(blocks)"
        return {"ok": True, "ts": given["ts"]}

    def _conversations_open(self, given: JSON) -> JSON:
        self.channels[self.dm(given["users"])].members = [given["users"], BOT]
        return {"ok": True, "channel": {"id": self.dm(given["users"])}}

    def _conversations_members(self, given: JSON) -> JSON:
        members = self.channels[given["channel"]].members
        start, limit = int(given.get("cursor") or 0), int(given.get("limit") or 100)
        following = str(start + limit) if start + limit < len(members) else ""
        return {"ok": True, "members": members[start : start + limit], "response_metadata": {"next_cursor": following}}

    def _conversations_replies(self, given: JSON) -> JSON:
        root = given["ts"]
        return self._messages(
            given, [m for m in self.channels[given["channel"]].messages if root in (m["ts"], m.get("thread_ts"))]
        )

    def _conversations_history(self, given: JSON) -> JSON:
        return self._messages(given, [m for m in self.channels[given["channel"]].messages if "thread_ts" not in m][::-1])

    def _messages(self, given: JSON, found: list[JSON]) -> JSON:
        found = [m for m in found if float(m["ts"]) >= float(given.get("oldest") or 0)]
        start, limit = int(given.get("cursor") or 0), int(given.get("limit") or 100)
        following = str(start + limit) if start + limit < len(found) else ""
        metadata = str(given.get("include_all_metadata")) in ("1", "true", "True")
        shown = [m if metadata else {k: v for k, v in m.items() if k != "metadata"} for m in found[start : start + limit]]
        return {"ok": True, "messages": shown, "has_more": bool(following), "response_metadata": {"next_cursor": following}}

    def _users_info(self, given: JSON) -> JSON:
        user = self.users.get(given["user"])
        return {"ok": True, "user": user} if user else _no("user_not_found")

    def _users_lookupByEmail(self, given: JSON) -> JSON:
        found = [u for u in self.users.values() if u["profile"].get("email") == given["email"]]
        return {"ok": True, "user": found[0]} if found else _no("users_not_found")

    def _views_open(self, given: JSON) -> JSON:
        began = self.triggers.pop(given["trigger_id"], None)
        if began is None or time.monotonic() - began > 3:
            return _no("expired_trigger_id")
        made = {**given["view"], "id": f"V{next(self._numbers)}", "hash": "h1"}
        self.views[made["id"]] = made
        return {"ok": True, "view": made}

    def _views_update(self, given: JSON) -> JSON:
        if given["view_id"] not in self.views:
            return _no("not_found")
        self.views[given["view_id"]] = {**given["view"], "id": given["view_id"], "hash": "h2"}
        return {"ok": True, "view": self.views[given["view_id"]]}

    def _views_publish(self, given: JSON) -> JSON:
        self.homes[given["user_id"]] = given["view"]
        return {"ok": True, "view": given["view"]}

    def _assistant_threads_setStatus(self, given: JSON) -> JSON:
        return self._place(given["channel_id"], given["thread_ts"]) or {"ok": True}

    def _assistant_threads_setSuggestedPrompts(self, given: JSON) -> JSON:
        right = 1 <= len(given["prompts"]) <= 4 and all(set(p) == {"title", "message"} for p in given["prompts"])
        return {"ok": True} if right else _no("invalid_arguments")

    def _files_getUploadURLExternal(self, given: JSON) -> JSON:
        made = f"F{next(self._numbers)}"
        self.files[made] = {"id": made, "name": given["filename"], "length": int(given["length"]), "alt": given.get("alt_txt")}
        return {"ok": True, "file_id": made, "upload_url": self.url.replace("/api/", f"/upload/{made}")}

    async def _uploaded(self, request: web.Request) -> web.Response:
        content = await request.read()
        self.files[request.match_info["file"]]["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    def _files_completeUploadExternal(self, given: JSON) -> JSON:
        for one in given["files"]:
            file = self.files[one["id"]]
            if len(file.get("content", b"")) < file["length"]:
                return _no("file_not_found")
            file |= {
                "complete": True,
                "channel": given.get("channel_id"),
                "thread_ts": given.get("thread_ts"),
                "title": one.get("title"),
            }
        return {"ok": True, "files": [{"id": f["id"], "title": f.get("title")} for f in given["files"]]}

    def _oauth(self, given: JSON) -> JSON:
        if given.get("client_secret") != "client-secret":
            return _no("bad_client_secret")
        number = next(self._numbers)
        team = "T0SECOND01"
        made = f"xoxe.xoxb-{number}"
        self.tokens[made] = team
        about = {
            "ok": True,
            "access_token": made,
            "refresh_token": f"xoxe-{number}",
            "expires_in": 43200,
            "token_type": "bot",
            "scope": "chat:write",
        }
        return about | {
            "bot_user_id": BOT,
            "app_id": "A0RAPPORT1",
            "team": {"id": team, "name": "Second"},
            "authed_user": {"id": "U0ADMIN001"},
            "is_enterprise_install": False,
        }

    def _place(self, channel: str, thread: str | None) -> JSON | None:
        if channel not in self.channels:
            return _no("channel_not_found")
        if BOT not in self.channels[channel].members:
            return _no("not_in_channel")
        if thread and not any(m["ts"] == thread for m in self.channels[channel].messages):
            return _no("thread_not_found")
        return None

    def _mine(self, given: JSON) -> JSON | None:
        found = [m for m in self.channels[given["channel"]].messages if m["ts"] == given["ts"] and m.get("bot_id") == BOT_ID]
        return found[0] if found else None

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=5)
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0RAPPORT1"}}))
        self._sockets.append(socket)
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT and message.data.startswith("{"):
                told = json.loads(message.data)
                if "envelope_id" in told:
                    self.acked[told["envelope_id"]] = time.monotonic()
        self._sockets.remove(socket)
        return socket


def _no(error: str, messages: list[str] | None = None) -> JSON:
    return {"ok": False, "error": error, **({"response_metadata": {"messages": messages}} if messages else {})}
