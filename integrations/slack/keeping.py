"""What people keep for themselves: the Home tab, saved questions, muted alerts."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from integrations.slack import home, home_facts, jobs
from integrations.slack.payloads import Body, Parts, coming, enterprise_of, team_of, whisper
from integrations.slack.sender import politely


class Keeping:
    """The Home tab and the buttons that change what it shows."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listen(self, app: AsyncApp) -> None:
        app.event("app_home_opened")(self.home_opened)
        app.action(re.compile("^home_"))(self.home_button)
        app.action("save")(self.save)
        app.action("mute")(self.mute)

    async def save(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self._parts.soon(self._save(body, json.loads(action["value"])["a"], team_of(body, context)))

    async def _save(self, body: Body, answer_id: str, team: str) -> None:
        client = await self._parts.clients.of(team, enterprise_of(body))
        user = await self._parts.people.user(client, team, body["user"]["id"])
        kept = await asyncio.to_thread(self._parts.live.state.whole_answer, answer_id)
        said = "I do not know you yet: `/rapport help`."
        if user is not None and kept is not None:
            await asyncio.to_thread(home_facts.save, self._parts.live, user.name, str(kept["question"]))
            said = "Saved: you find it on my Home tab."
        await politely(whisper(client, body, said))

    async def home_opened(self, event: Body, body: Body, context: Any) -> None:
        team = team_of(body, context)
        if event.get("tab") == "home":
            self._parts.soon(self._publish_home(team, body.get("enterprise_id"), event["user"]))
        elif event.get("tab") == "messages":
            prompts = [{"title": t, "message": m} for t, m in home.PROMPTS]

            async def suggest() -> None:
                client = await self._parts.clients.of(team, body.get("enterprise_id"))
                await client.assistant_threads_setSuggestedPrompts(
                    channel_id=event["channel"], title="Ask about your customers", prompts=prompts
                )

            self._parts.soon(suggest())

    async def _publish_home(self, team: str, enterprise: str | None, slack_id: str) -> None:
        client = await self._parts.clients.of(team, enterprise)
        user = await self._parts.people.user(client, team, slack_id)

        def made() -> dict[str, Any]:
            return home.view(home_facts.gathered(self._parts.live, user, self._parts.live.scope(user)) if user else None)

        await client.views_publish(user_id=slack_id, view=await asyncio.to_thread(made))

    async def mute(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        chosen = action.get("selected_option") or action
        label = (chosen.get("text") or {}).get("text", "") if chosen is not action else ""
        value = {"l": label, **json.loads(chosen["value"])}
        self._parts.soon(self._mute(body, value, team_of(body, context)))

    async def _mute(self, body: Body, value: Body, team: str) -> None:
        """Only those to whom the message was sent mute what they are sent."""
        client = await self._parts.clients.of(team, enterprise_of(body))
        user = await self._parts.people.user(client, team, body["user"]["id"])
        if user is None or user.name != value["p"]:
            await politely(whisper(client, body, f"This is sent on behalf of {value['p']}; only they can mute it."))
            return
        await asyncio.to_thread(lambda: self._parts.live.home.post().mute(user.name, value["n"], label=value["l"]))
        await politely(whisper(client, body, "Muted for a week. My Home tab lists what you muted."))

    async def home_button(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        value, team, user = json.loads(action["value"]), team_of(body, context), body["user"]["id"]
        kind = action["action_id"].removeprefix("home_").partition("_")[0]
        if kind in ("ask", "brief"):
            job = jobs.new(
                "brief" if kind == "brief" else "ask", team, user, "", value["q"], private=True, enterprise=enterprise_of(body)
            )
            await self._parts.store(job, f"home:{user}:{action['action_ts']}")
        await ack()
        if kind in ("ask", "brief"):
            self._parts.soon(coming(self._parts, body, team))
        else:
            self._parts.soon(self._tidied(body, team, user, kind, value))

    async def _tidied(self, body: Body, team: str, slack_id: str, kind: str, value: Body) -> None:
        person = await self._parts.people.user(await self._parts.clients.of(team, enterprise_of(body)), team, slack_id)
        if person is not None:
            await asyncio.to_thread(self._tidy, person.name, kind, value)
        await self._publish_home(team, enterprise_of(body), slack_id)

    def _tidy(self, name: str, kind: str, value: Body) -> None:
        match kind:
            case "forget":
                home_facts.forget(self._parts.live, name, value["q"])
            case "stop":
                self._parts.live.state.unsubscribe(int(value["id"]), name)
            case "mute":
                self._parts.live.home.post().mute(name, value["n"], label=value["l"])
            case "unmute":
                self._parts.live.home.post().unmute(name, value["n"])
            case "unchoose":
                home_facts.unchoose(self._parts.live, name, value["w"])
