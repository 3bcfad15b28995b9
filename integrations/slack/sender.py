"""Sending a message exactly once: after any doubt the thread is read once to see whether ours is there already."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.blocks import Block, Message

log = logging.getLogger("rapport.slack")
EVENT = "rapport_answer"
TRIES = 6
PAGES = 20
FIRST_WAIT, LONGEST_WAIT, READY_WAIT = 0.3, 8.0, 1.0
REFUSED_BLOCKS = {
    "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments", "blocks_too_long", "slack_file_not_found", "invalid_slack_file",
}  # fmt: skip
TOO_LONG = {"msg_too_long", "markdown_text_too_long"}
NO_PLACE = {
    "channel_not_found", "not_in_channel", "is_archived", "restricted_action", "restricted_action_thread_only_channel", "cannot_reply_to_message",
    "restricted_action_read_only_channel", "thread_not_found", "message_not_found", "restricted_action_non_threadable_channel", "thread_locked",
}  # fmt: skip
GONE = {
    "account_inactive",
    "token_revoked",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "team_access_not_granted",
    "org_login_required",
}
PASSING = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "ratelimited",
    "rate_limited",
}


class NoPlace(Exception):
    """Nothing can be written there; `why` in Slack's word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Gone(Exception):
    """The workspace has removed us."""


class NotNow(Exception):
    """Slack does not answer; the work is to be tried again later."""


@dataclass(frozen=True)
class Place:
    """Where a message goes; `since` is the moment (a Slack ts) from which on it can be there."""

    channel: str
    thread: str | None
    since: str


async def send_once(
    client: AsyncWebClient, place: Place, key: str, message: Message, *, doubt: bool, still_mine: Callable[[], Awaitable[bool]]
) -> str | None:
    """Posts the message unless one with `key` is there; gives its ts (None where `still_mine` said no: somebody else sends it).

    `doubt` where it may have been sent before. Fails: NoPlace, Gone, NotNow."""
    forms: list[Sequence[Block]] = [message.blocks, message.plainer, ()]
    level, wait, unready = 0, FIRST_WAIT, 2
    for _ in range(TRIES):
        try:
            if doubt and (found := await find(client, place, key)):
                return found
            if not await still_mine():
                return None
            doubt = True
            said = await client.chat_postMessage(
                channel=place.channel, thread_ts=place.thread, text=message.text, blocks=list(forms[level]) or None, unfurl_links=False,
                unfurl_media=False, metadata={"event_type": EVENT, "event_payload": {"key": key}},
            )  # fmt: skip
            return str(said["ts"])
        except SlackApiError as err:
            code = error_of(err)
            if code in REFUSED_BLOCKS | TOO_LONG and level < len(forms) - 1:
                log.warning("blocks refused", extra={"event": "blocks", "code": code})
                doubt = False
                if level == 0 and unready and any("slack_file" in b for b in forms[0]):
                    unready -= 1  # an image that was just uploaded may need a moment
                    await asyncio.sleep(READY_WAIT)
                else:
                    level += 1
                continue
            if code in GONE:
                raise Gone(code) from err
            if code in NO_PLACE:
                raise NoPlace(code) from err
            if code not in PASSING and status_of(err) < 500:
                log.error("refused", extra={"event": "send", "code": code})
                raise NoPlace(code) from err
        except (TimeoutError, aiohttp.ClientError, SlackClientError, ConnectionError, ValueError):
            pass  # it may have arrived all the same
        await asyncio.sleep(wait)
        wait = min(LONGEST_WAIT, wait * 2)
    raise NotNow


async def find(client: AsyncWebClient, place: Place, key: str) -> str | None:
    """The ts of our own message with this key in the thread (or the conversation), or None."""
    cursor = None
    for _ in range(PAGES):
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        if place.thread:
            got = await client.conversations_replies(
                channel=place.channel, ts=place.thread, oldest=place.since, limit=100, include_all_metadata=True, **more
            )
        else:
            got = await client.conversations_history(
                channel=place.channel, oldest=place.since, limit=100, include_all_metadata=True, **more
            )
        for message in got["messages"]:
            told = message.get("metadata") or {}
            if told.get("event_type") == EVENT and (told.get("event_payload") or {}).get("key") == key:
                return str(message["ts"])
        cursor = (got.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
    return None


async def direct(client: AsyncWebClient, user: str) -> str:
    """The direct-message channel with somebody."""
    return str((await patient(lambda: client.conversations_open(users=user)))["channel"]["id"])


async def patient(call: Callable[[], Awaitable[Any]]) -> Any:
    """A call that does no harm twice, tried again while Slack stumbles. Fails: NotNow, Gone, SlackApiError."""
    wait = FIRST_WAIT
    for _ in range(TRIES):
        try:
            return await call()
        except SlackApiError as err:
            code = error_of(err)
            if code in GONE:
                raise Gone(code) from err
            if code not in PASSING and status_of(err) < 500:
                raise
        except (TimeoutError, aiohttp.ClientError, SlackClientError, ConnectionError, ValueError):
            pass
        await asyncio.sleep(wait)
        wait = min(LONGEST_WAIT, wait * 2)
    raise NotNow


async def politely(call: Awaitable[Any]) -> Any:
    """Something nice to have (a status, a hint): None where it does not work."""
    try:
        return await call
    except (TimeoutError, aiohttp.ClientError, SlackClientError, ConnectionError, ValueError) as err:
        log.info(
            "skipped",
            extra={"event": "nicety", "code": error_of(err) if isinstance(err, SlackApiError) else type(err).__name__},
        )
        return None


def error_of(err: SlackApiError) -> str:
    """Slack's word for what is wrong; `http_500` and the like where there is none."""
    data = getattr(err.response, "data", None)
    found = data.get("error") if isinstance(data, dict) else None
    return str(found or f"http_{status_of(err)}")


def status_of(err: SlackApiError) -> int:
    response: Any = err.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 500)
