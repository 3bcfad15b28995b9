"""What people ask: it is stored before it is acknowledged, and answered by the worker."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from integrations.slack import commands, jobs
from integrations.slack.blocks import quiet
from integrations.slack.payloads import Body, Parts, coming, enterprise_of, team_of
from integrations.slack.sender import politely
from integrations.slack.text import addressed, asked, escaped, question, words_of

HUMAN = (None, "", "file_share", "thread_broadcast", "me_message")


class Inbox:
    """Mentions, messages, commands, shortcuts and buttons that ask something."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listen(self, app: AsyncApp) -> None:
        app.event("app_mention")(self.mention)
        app.event("message")(self.message)
        for gone in ("app_uninstalled", "tokens_revoked"):
            app.event(gone)(self.uninstalled)
        app.command("/rapport")(self.command)
        app.shortcut("check_claim")(self.check_claim)
        app.action(re.compile("^(?:choose_|follow_)"))(self.asked_on)
        app.action("share")(self.share)

    async def mention(self, event: Body, body: Body, context: Any) -> None:
        if event["channel"].startswith("D") or event.get("bot_id") or not event.get("user"):
            return  # direct messages come as `message`
        if not addressed(event.get("text", ""), context.bot_user_id):
            return  # a sample or a quotation
        said = asked(event.get("text", ""), context.bot_user_id)
        again = f":{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"  # a corrected question is another one
        await self._asked(event, body, context, event["channel"], again=again)

    async def message(self, event: Body, body: Body, context: Any) -> None:
        if event.get("subtype") == "message_changed":
            await self._changed(event, body, context)
            return
        ours = event.get("bot_id") or event.get("user") == context.bot_user_id or not event.get("user")
        if event.get("channel_type") != "im" or event.get("subtype") not in HUMAN or ours:
            return
        await self._asked(event, body, context, event["channel"])

    async def _changed(self, event: Body, body: Body, context: Any) -> None:
        """A question that was corrected is answered as it stands now; what Slack changed itself (a link's preview) is not."""
        message, before = event.get("message") or {}, event.get("previous_message") or {}
        edited = message.get("edited") or {}
        ours = message.get("bot_id") or message.get("user") in (None, context.bot_user_id)
        said = [asked(m.get("text", ""), context.bot_user_id) for m in (message, before)]
        if event.get("channel_type") == "im" and edited.get("ts") and not ours and said[0] != said[1]:
            await self._asked(message, body, context, event["channel"], again=f":{edited['ts']}")

    async def _asked(self, event: Body, body: Body, context: Any, channel: str, again: str = "") -> None:
        team, thread = team_of(body, context), event.get("thread_ts") or event["ts"]
        what, text = question(event.get("text", ""), context.bot_user_id)
        job = jobs.new(
            what, team, event["user"], channel, text, thread=thread, since=event["ts"], enterprise=body.get("enterprise_id"),
            conversation=f"slack:{team}:{channel}:{thread}",
        )  # fmt: skip
        await self._parts.store(job, f"{team}:{channel}:{event['ts']}{again}")

    async def command(self, ack: Any, body: Body, context: Any) -> None:
        said, job = await asyncio.to_thread(commands.read, self._parts.live, self._parts.people, body, team_of(body, context))
        if job is not None:
            await self._parts.store(job, f"command:{body['trigger_id']}")
        await ack(response_type="ephemeral", text=said)

    async def asked_on(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        value = json.loads(action["value"])
        team, channel = team_of(body, context), body["container"]["channel_id"]
        stamp = body["container"]["message_ts"]
        thread = (body.get("message") or {}).get("thread_ts") or stamp
        conversation = value.get("c") or f"slack:{team}:{channel}:{thread}"
        job = jobs.new(
            "ask",
            team,
            body["user"]["id"],
            channel,
            value["q"],
            thread=thread,
            enterprise=enterprise_of(body),
            conversation=conversation,
            pressed=not channel.startswith("D"),
        )
        await self._parts.store(
            job, f"action:{channel}:{stamp}:{action['action_id']}:{body['user']['id']}:{action['action_ts']}"
        )
        await ack()
        if action["action_id"].startswith("choose_") and channel.startswith("D"):
            self._parts.soon(self._chosen(body, channel, stamp, value.get("l") or value["q"], team))

    async def _chosen(self, body: Body, channel: str, stamp: str, label: str, team: str) -> None:
        """Says below the question which reading was chosen, in place of the buttons."""
        message = body.get("message") or {}
        kept = [
            b
            for b in message.get("blocks", [])
            if not any(str(e.get("action_id", "")).startswith("choose_") for e in b.get("elements", []))
        ]
        client = await self._parts.clients.of(team, enterprise_of(body))
        blocks = [*kept, quiet(f"You chose *{escaped(label)}*.")]
        await politely(client.chat_update(channel=channel, ts=stamp, text=message.get("text") or label, blocks=blocks))

    async def share(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        value = json.loads(action["value"])
        job = jobs.new(
            "share",
            team_of(body, context),
            body["user"]["id"],
            value["o"],
            "",
            answer=value["a"],
            enterprise=enterprise_of(body),
            conversation=value.get("c", ""),
        )
        await self._parts.store(job, f"share:{value['a']}:{value['o']}")
        await ack()

    async def check_claim(self, ack: Any, body: Body, context: Any) -> None:
        message, channel = body["message"], body["channel"]["id"]
        job = jobs.new(
            "claim", team_of(body, context), body["user"]["id"], channel, words_of(message.get("text", ""), context.bot_user_id), private=True,
            origin="" if channel.startswith("D") else channel, answer=message["ts"], enterprise=enterprise_of(body),
        )  # fmt: skip
        await self._parts.store(job, f"claim:{body['trigger_id']}")
        await ack()
        self._parts.soon(coming(self._parts, body, job.team))

    async def uninstalled(self, body: Body, event: Body) -> None:
        tokens = event.get("tokens") or {}
        if event["type"] == "app_uninstalled" or tokens.get("bot"):
            await self._parts.clients.installs.async_delete_all(
                enterprise_id=body.get("enterprise_id"), team_id=body["team_id"]
            )
