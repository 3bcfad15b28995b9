"""What comes from Slack: it is stored before it is acknowledged. Answers are the worker's; only windows open at once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from slack_bolt.async_app import AsyncApp

from integrations import explained, intake
from integrations.live import Live
from integrations.slack import commands, home, jobs, modals
from integrations.slack.blocks import quiet, section
from integrations.slack.installs import Clients
from integrations.slack.people import People
from integrations.slack.sender import politely
from integrations.slack.storing import Storing
from integrations.slack.text import asked, escaped
from knowledge.errors import RapportError

log = logging.getLogger("rapport.slack")
HUMAN = (None, "", "file_share", "thread_broadcast")
Body = dict[str, Any]


class Inbox:
    """The listeners, over the parts that they need."""

    def __init__(self, live: Live, clients: Clients, people: People, wake: Callable[[], None]) -> None:
        self.live, self.clients, self.people = live, clients, people
        self.store = Storing(live.state, wake).store
        self._running: set[asyncio.Task[Any]] = set()

    def listen(self, app: AsyncApp) -> None:
        app.event("app_mention")(self.mention)
        app.event("message")(self.message)
        app.event("app_home_opened")(self.home_opened)
        for gone in ("app_uninstalled", "tokens_revoked"):
            app.event(gone)(self.uninstalled)
        app.command("/rapport")(self.command)
        app.shortcut("check_claim")(self.check_claim)
        app.shortcut("log_feedback")(self.log_feedback)
        app.action(_starting("choose_", "follow_"))(self.asked_on)
        app.action(_starting("home_"))(self.home_button)
        for name in ("how", "share", "draft", "save", "opinion"):
            app.action(name)(getattr(self, name))
        app.options("customer")(self.customers)
        app.view("opinion_reason")(self.opinion_reason)
        app.view("log_feedback")(self.feedback_logged)
        app.view("draft")(self.draft_kept)

    def soon(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Runs after the acknowledgement; what fails is logged."""
        task = asyncio.create_task(_logged(coroutine))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def mention(self, event: Body, body: Body, context: Any) -> None:
        if event["channel"].startswith("D") or event.get("bot_id") or event.get("edited") or not event.get("user"):
            return  # direct messages come as `message`
        await self._asked(event, body, context, event["channel"])

    async def message(self, event: Body, body: Body, context: Any) -> None:
        ours = event.get("bot_id") or event.get("user") == context.bot_user_id or not event.get("user")
        if event.get("channel_type") != "im" or event.get("subtype") not in HUMAN or ours:
            return
        await self._asked(event, body, context, event["channel"])

    async def _asked(self, event: Body, body: Body, context: Any, channel: str) -> None:
        team, thread = _team(body, context), event.get("thread_ts") or event["ts"]
        text = asked(event.get("text", ""), context.bot_user_id)
        job = jobs.new(
            "ask", team, event["user"], channel, text, thread=thread, since=event["ts"], enterprise=body.get("enterprise_id"),
            conversation=f"slack:{team}:{channel}:{thread}",
        )  # fmt: skip
        await self.store(job, f"{team}:{channel}:{event['ts']}")

    async def command(self, ack: Any, body: Body, context: Any) -> None:
        said, job = await asyncio.to_thread(commands.read, self.live, self.people, body, _team(body, context))
        if job is not None:
            await self.store(job, f"command:{body['trigger_id']}")
        await ack(response_type="ephemeral", text=said)

    async def asked_on(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        value = json.loads(action["value"])
        team, channel = _team(body, context), body["container"]["channel_id"]
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
            enterprise=_enterprise(body),
            conversation=conversation,
        )
        await self.store(job, f"action:{channel}:{stamp}:{action['action_id']}:{body['user']['id']}:{action['action_ts']}")
        await ack()
        if action["action_id"].startswith("choose_") and channel.startswith("D"):
            self.soon(self._chosen(body, channel, stamp, value.get("l") or value["q"], team))

    async def _chosen(self, body: Body, channel: str, stamp: str, label: str, team: str) -> None:
        """Says below the question which reading was chosen, in place of the buttons."""
        message = body.get("message") or {}
        kept = [
            b
            for b in message.get("blocks", [])
            if not any(str(e.get("action_id", "")).startswith("choose_") for e in b.get("elements", []))
        ]
        client = await self.clients.of(team, _enterprise(body))
        blocks = [*kept, quiet(f"You chose *{escaped(label)}*.")]
        await politely(client.chat_update(channel=channel, ts=stamp, text=message.get("text") or label, blocks=blocks))

    async def share(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        value = json.loads(action["value"])
        job = jobs.new(
            "share",
            _team(body, context),
            body["user"]["id"],
            value["o"],
            "",
            answer=value["a"],
            enterprise=_enterprise(body),
            conversation=value.get("c", ""),
        )
        await self.store(job, f"share:{value['a']}:{value['o']}")
        await ack()

    async def check_claim(self, ack: Any, body: Body, context: Any) -> None:
        message, channel = body["message"], body["channel"]["id"]
        job = jobs.new(
            "claim", _team(body, context), body["user"]["id"], channel, asked(message.get("text", ""), context.bot_user_id), private=True,
            origin="" if channel.startswith("D") else channel, answer=message["ts"], enterprise=_enterprise(body),
        )  # fmt: skip
        await self.store(job, f"claim:{body['trigger_id']}")
        await ack()

    async def how(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self.soon(self._how(body, json.loads(action["value"])["a"], _team(body, context)))

    async def _how(self, body: Body, answer_id: str, team: str) -> None:
        client = await self.clients.of(team, _enterprise(body))
        opened = await client.views_open(trigger_id=body["trigger_id"], view=modals.waiting("How it was made"))
        scope = await self.people.scope(client, team, body["user"]["id"])

        def explain() -> modals.View:
            kept = self.live.state.whole_answer(answer_id)
            if kept is None or scope is None:
                return modals.modal("How it was made", [section("This answer is not kept any more, or not for you.")])
            with self.live.reading(scope) as reader:
                return modals.how(explained.how(kept, reader))

        await client.views_update(view_id=opened["view"]["id"], view=await asyncio.to_thread(explain))

    async def draft(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self.soon(self._draft(body, json.loads(action["value"]), _team(body, context)))

    async def _draft(self, body: Body, value: Body, team: str) -> None:
        client = await self.clients.of(team, _enterprise(body))
        opened = await client.views_open(trigger_id=body["trigger_id"], view=modals.waiting("Draft a reply"))
        user = await self.people.user(client, team, body["user"]["id"])
        kept = await asyncio.to_thread(self.live.state.whole_answer, value["a"])
        if user is None or kept is None or kept["principal"] != user.name:
            view = modals.modal("Draft a reply", [section("Only whoever asked can draft from this answer: ask it yourself.")])
        elif not await asyncio.to_thread(explained.for_customers, kept):
            view = modals.modal("Draft a reply", [section("This answer holds figures that are not for customers.")])
        else:
            view = modals.draft(modals.draft_of(kept, value["n"], user.name), value["n"])
        await client.views_update(view_id=opened["view"]["id"], view=view)

    async def draft_kept(self, ack: Any, body: Body, view: Body, context: Any) -> None:
        text = modals.value(view, "text", "text")
        team, user = _team(body, context), body["user"]["id"]
        job = jobs.new("words", team, user, "", text, private=True, enterprise=_enterprise(body))
        await self.store(job, f"draft:{view['id']}:{view.get('hash', '')}")
        await ack()

    async def save(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self.soon(self._save(body, json.loads(action["value"])["a"], _team(body, context)))

    async def _save(self, body: Body, answer_id: str, team: str) -> None:
        client = await self.clients.of(team, _enterprise(body))
        user = await self.people.user(client, team, body["user"]["id"])
        kept = await asyncio.to_thread(self.live.state.whole_answer, answer_id)
        said = "I do not know you yet: `/rapport help`."
        if user is not None and kept is not None:
            await asyncio.to_thread(home.save, self.live, user.name, str(kept["question"]))
            said = "Saved: you find it on my Home tab."
        await politely(_whisper(client, body, said))

    async def opinion(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        await ack()
        self.soon(self._opinion(body, str(action["value"]), _team(body, context)))

    async def _opinion(self, body: Body, value: str, team: str) -> None:
        verdict, _, answer_id = value.partition(":")
        client = await self.clients.of(team, _enterprise(body))
        await self._note_opinion(client, body, team, answer_id, useful=verdict == "yes")
        if verdict == "no":
            await client.views_open(trigger_id=body["trigger_id"], view=modals.reason(answer_id))
        else:
            await politely(_whisper(client, body, "Thank you."))

    async def opinion_reason(self, ack: Any, body: Body, view: Body, context: Any) -> None:
        await ack()
        about, reason, team = json.loads(view["private_metadata"]), modals.value(view, "reason", "text"), _team(body, context)

        async def note() -> None:
            client = await self.clients.of(team, _enterprise(body))
            await self._note_opinion(client, body, team, about["a"], useful=False, reason=reason)

        self.soon(note())

    async def _note_opinion(
        self, client: Any, body: Body, team: str, answer_id: str, *, useful: bool, reason: str = ""
    ) -> None:
        user = await self.people.user(client, team, body["user"]["id"])
        if user is not None:
            detail = {"answer": answer_id, "useful": useful, "reason": reason, "door": "slack"}
            await asyncio.to_thread(self.live.state.audit, user.name, user.role, "opinion", detail)

    async def log_feedback(self, ack: Any, body: Body, context: Any) -> None:
        await ack()
        message = body["message"]
        about = {"ts": message["ts"], "channel": body["channel"]["id"]}
        view = modals.log_feedback(asked(message.get("text", ""), context.bot_user_id), about)

        async def window() -> None:
            client = await self.clients.of(_team(body, context), _enterprise(body))
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        self.soon(window())

    async def feedback_logged(self, ack: Any, body: Body, view: Body, context: Any) -> None:
        from datetime import UTC, datetime

        team, about = _team(body, context), json.loads(view["private_metadata"])
        client = await self.clients.of(team, _enterprise(body))
        user = await self.people.user(client, team, body["user"]["id"])
        if user is None:
            await ack(response_action="errors", errors={"text": "I do not know you yet: /rapport help."})
            return
        comment = {
            "feedback_id": f"SL-{about['channel']}-{about['ts']}", "text": modals.value(view, "text", "text"), "channel": modals.value(view, "channel", "channel"),
            "customer_id": modals.value(view, "customer", "customer") or None, "order_id": modals.value(view, "order", "order").strip() or None,
            "at": datetime.fromtimestamp(float(about["ts"]), UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        await asyncio.to_thread(
            lambda: intake.accept(self.live.state, [comment], user.name, event=f"slack:{about['channel']}:{about['ts']}")
        )
        await ack()
        self.soon(
            politely(
                client.chat_postMessage(
                    channel=body["user"]["id"], text="Logged as feedback; it counts from the next build on."
                )
            )
        )

    async def customers(self, ack: Any, body: Body, context: Any) -> None:
        from integrations import accounts

        team = _team(body, context)
        scope = await self.people.scope(await self.clients.of(team, _enterprise(body)), team, body["user"]["id"])

        def found() -> list[dict[str, Any]]:
            if scope is None:
                return []
            with self.live.reading(scope) as reader:
                return accounts.customers(reader, body.get("value"))[:50]

        listed = await asyncio.to_thread(found)
        await ack(
            options=[
                {"text": {"type": "plain_text", "text": (c["name"] or c["customer_id"])[:75]}, "value": c["customer_id"][:150]}
                for c in listed
            ]
        )

    async def home_opened(self, event: Body, body: Body, context: Any) -> None:
        team = _team(body, context)
        if event.get("tab") == "home":
            self.soon(self._publish_home(team, body.get("enterprise_id"), event["user"]))
        elif event.get("tab") == "messages":
            prompts = [{"title": t, "message": m} for t, m in home.PROMPTS]

            async def suggest() -> None:
                client = await self.clients.of(team, body.get("enterprise_id"))
                await client.assistant_threads_setSuggestedPrompts(
                    channel_id=event["channel"], title="Ask about your customers", prompts=prompts
                )

            self.soon(suggest())

    async def _publish_home(self, team: str, enterprise: str | None, slack_id: str) -> None:
        client = await self.clients.of(team, enterprise)
        user = await self.people.user(client, team, slack_id)

        def made() -> dict[str, Any]:
            return home.view(self.live, user, self.live.scope(user) if user else None)

        await client.views_publish(user_id=slack_id, view=await asyncio.to_thread(made))

    async def home_button(self, ack: Any, body: Body, action: Body, context: Any) -> None:
        value, team, user = json.loads(action["value"]), _team(body, context), body["user"]["id"]
        kind = action["action_id"].removeprefix("home_")
        if kind in ("ask", "brief"):
            job = jobs.new(
                "brief" if kind == "brief" else "ask", team, user, "", value["q"], private=True, enterprise=_enterprise(body)
            )
            await self.store(job, f"home:{user}:{action['action_ts']}")
        await ack()
        if kind in ("forget", "stop"):
            self.soon(self._tidied(body, team, user, kind, value))

    async def _tidied(self, body: Body, team: str, slack_id: str, kind: str, value: Body) -> None:
        person = await self.people.user(await self.clients.of(team, _enterprise(body)), team, slack_id)
        if person is not None and kind == "forget":
            await asyncio.to_thread(home.forget, self.live, person.name, value["q"])
        elif person is not None:
            await asyncio.to_thread(self.live.state.unsubscribe, int(value["id"]), person.name)
        await self._publish_home(team, _enterprise(body), slack_id)

    async def uninstalled(self, body: Body, event: Body) -> None:
        tokens = event.get("tokens") or {}
        if event["type"] == "app_uninstalled" or tokens.get("bot"):
            await self.clients.installs.async_delete_all(enterprise_id=body.get("enterprise_id"), team_id=body["team_id"])


async def _logged(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        await coroutine
    except Exception as err:
        code = err.code if isinstance(err, RapportError) else type(err).__name__
        log.error("background", extra={"event": "background", "code": code}, exc_info=err)


async def _whisper(client: Any, body: Body, text: str) -> None:
    where = body.get("container") or {}
    await client.chat_postEphemeral(
        channel=where.get("channel_id") or body["user"]["id"],
        user=body["user"]["id"],
        thread_ts=where.get("thread_ts"),
        text=text,
    )


def _team(body: Body, context: Any) -> str:
    team = body.get("team_id") or (body.get("team") or {}).get("id") or context.team_id
    return str(team or "")


def _enterprise(body: Body) -> str | None:
    found = body.get("enterprise_id") or (body.get("enterprise") or {}).get("id")
    return str(found) if found else None


def _starting(*prefixes: str) -> Any:
    import re

    return re.compile("^(?:" + "|".join(prefixes) + ")")
