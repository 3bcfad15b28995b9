"""Windows that open at once: how an answer was made, a draft, what was wrong, a comment to log."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from integrations import accounts, explained, intake
from integrations.reopening import SEEN_BY_ALL, covers
from integrations.slack import jobs, modals
from integrations.slack.blocks import section
from integrations.slack.payloads import Body, Parts, enterprise_of, team_of, whisper
from integrations.slack.sender import politely
from integrations.slack.text import words_of
from integrations.vouched import vouched


class Windows:
    """Buttons and shortcuts that open a window, and what is sent from it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listen(self, app: AsyncApp) -> None:
        for name in ("how", "draft", "opinion"):
            app.action(name)(getattr(self, name))
        app.shortcut("log_feedback")(self.log_feedback)
        app.options("customer")(self.customers)
        app.view("opinion_reason")(self.opinion_reason)
        app.view("log_feedback")(self.feedback_logged)
        app.view("draft")(self.draft_kept)

    async def how(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self._parts.soon(self._how(body, json.loads(action["value"])["a"], team_of(body, context)))

    async def _how(self, body: Body, answer_id: str, team: str) -> None:
        client = await self._parts.clients.of(team, enterprise_of(body))
        opened = await client.views_open(trigger_id=body["trigger_id"], view=modals.waiting("How it was made"))
        scope = await self._parts.people.scope(client, team, body["user"]["id"])

        def explain() -> modals.View:
            kept = self._parts.live.state.whole_answer(answer_id)
            if kept is None or scope is None or not covers(scope, kept.get("seen") or SEEN_BY_ALL):
                return modals.modal("How it was made", [section("This answer is not kept any more, or not for you.")])
            with self._parts.live.reading(scope) as reader:
                return modals.how(explained.how(kept, reader))

        await client.views_update(view_id=opened["view"]["id"], view=await asyncio.to_thread(explain))

    async def draft(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self._parts.soon(self._draft(body, json.loads(action["value"]), team_of(body, context)))

    async def _draft(self, body: Body, value: Body, team: str) -> None:
        client = await self._parts.clients.of(team, enterprise_of(body))
        opened = await client.views_open(trigger_id=body["trigger_id"], view=modals.waiting("Draft a reply"))
        user = await self._parts.people.user(client, team, body["user"]["id"])
        kept = await asyncio.to_thread(self._parts.live.state.whole_answer, value["a"])
        if user is None or kept is None or kept["principal"] != user.name:
            view = modals.modal("Draft a reply", [section("Only whoever asked can draft from this answer: ask it yourself.")])
        elif not await asyncio.to_thread(lambda: explained.for_customers(kept, self._parts.live.added())):
            view = modals.modal("Draft a reply", [section("This answer holds figures that are not for customers.")])
        else:
            view = modals.draft(modals.draft_of(kept, value["n"], user.name), value["n"])
        await client.views_update(view_id=opened["view"]["id"], view=view)

    async def draft_kept(self, ack: Any, body: Body, view: Body, context: Any) -> None:
        text = modals.value(view, "text", "text")
        team, user = team_of(body, context), body["user"]["id"]
        job = jobs.new("words", team, user, "", text, private=True, enterprise=enterprise_of(body))
        await self._parts.store(job, f"draft:{view['id']}:{view.get('hash', '')}")
        await ack()

    async def opinion(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self._parts.soon(self._opinion(body, str(action["value"]), team_of(body, context)))

    async def _opinion(self, body: Body, value: str, team: str) -> None:
        verdict, _, answer_id = value.partition(":")
        client = await self._parts.clients.of(team, enterprise_of(body))
        await self._note_opinion(client, body, team, answer_id, useful=verdict == "yes")
        if verdict == "no":
            await client.views_open(trigger_id=body["trigger_id"], view=modals.reason(answer_id))
        else:
            await politely(whisper(client, body, "Thank you."))

    async def opinion_reason(self, ack: Any, body: Body, view: Body, context: Any) -> None:
        await ack()
        about, reason, team = json.loads(view["private_metadata"]), modals.value(view, "reason", "text"), team_of(body, context)

        async def note() -> None:
            client = await self._parts.clients.of(team, enterprise_of(body))
            await self._note_opinion(client, body, team, about["a"], useful=False, reason=reason)

        self._parts.soon(note())

    async def _note_opinion(
        self, client: Any, body: Body, team: str, answer_id: str, *, useful: bool, reason: str = ""
    ) -> None:
        user = await self._parts.people.user(client, team, body["user"]["id"])
        if user is not None:
            detail = {"answer": answer_id, "useful": useful, "reason": reason, "door": "slack"}
            await asyncio.to_thread(self._parts.live.state.audit, user.name, user.role, "opinion", detail)

    async def log_feedback(self, ack: Any, body: Body, context: Any) -> None:
        await ack()
        message = body["message"]
        about = {"ts": message["ts"], "channel": body["channel"]["id"]}
        view = modals.log_feedback(words_of(message.get("text", ""), context.bot_user_id), about)

        async def window() -> None:
            client = await self._parts.clients.of(team_of(body, context), enterprise_of(body))
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        self._parts.soon(window())

    async def feedback_logged(self, ack: Any, body: Body, view: Body, context: Any) -> None:

        team, about = team_of(body, context), json.loads(view["private_metadata"])
        client = await self._parts.clients.of(team, enterprise_of(body))
        user = await self._parts.people.user(client, team, body["user"]["id"])
        if user is None:
            await ack(response_action="errors", errors={"text": "I do not know you yet: /rapport help."})
            return
        comment = {
            "feedback_id": f"SL-{about['channel']}-{about['ts']}", "text": modals.value(view, "text", "text"), "channel": modals.value(view, "channel", "channel"),
            "customer_id": modals.value(view, "customer", "customer") or None, "order_id": modals.value(view, "order", "order").strip() or None,
            "at": datetime.fromtimestamp(float(about["ts"]), UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        live = self._parts.live

        def taken() -> str:
            with live.reading(live.scope(user)) as reader:
                mine, refused = vouched([comment], reader)
            if not refused:
                intake.accept(live.state, mine, user.name, event=f"slack:{about['channel']}:{about['ts']}")
            return refused[0][1] if refused else ""

        if wrong := await asyncio.to_thread(taken):
            field = "order" if "order_id" in wrong else "customer"
            await ack(response_action="errors", errors={field: f"I see no such {field}: check it."})
            return
        await ack()
        self._parts.soon(
            politely(
                client.chat_postMessage(
                    channel=body["user"]["id"], text="Logged as feedback; it counts from the next build on."
                )
            )
        )

    async def customers(self, ack: Any, body: Body, context: Any) -> None:

        team = team_of(body, context)
        scope = await self._parts.people.scope(
            await self._parts.clients.of(team, enterprise_of(body)), team, body["user"]["id"]
        )

        def found() -> list[dict[str, Any]]:
            if scope is None:
                return []
            with self._parts.live.reading(scope) as reader:
                return accounts.customers(reader, body.get("value"))[:50]

        listed = await asyncio.to_thread(found)
        await ack(
            options=[
                {"text": {"type": "plain_text", "text": (c["name"] or c["customer_id"])[:75]}, "value": c["customer_id"][:150]}
                for c in listed
            ]
        )
