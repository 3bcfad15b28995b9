"""How Rapport is joined to Slack: by one workspace's token, or by installations of many (OAuth). From the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.errors import Unavailable
from knowledge.state.sealed import KEY, LEAST

API = "https://slack.com/api/"


@dataclass(frozen=True)
class Config:
    """`bot_token` for one workspace, `client_id` and `client_secret` for many; `app_token` means Socket Mode, else HTTP."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_url: str = API

    @property
    def many(self) -> bool:
        return bool(self.client_id)

    @property
    def socket(self) -> bool:
        return bool(self.app_token)


def from_environment(given: Mapping[str, str] | None = None) -> Config | None:
    """None where Slack is not set up at all. Fails: Unavailable (`slack_setup`) where it is half set up."""
    env = os.environ if given is None else given
    names = ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET")
    bot, app, secret, client, client_secret = (env.get(f"SLACK_{name}", "").strip() for name in names)
    found = Config(bot, app, secret, client, client_secret, env.get("RAPPORT_SLACK_API_URL", "").strip() or API)
    if not (found.bot_token or found.client_id):
        return None
    if found.client_id and not found.client_secret:
        raise Unavailable(
            "SLACK_CLIENT_ID is set without SLACK_CLIENT_SECRET.", "Set both: Basic Information of the app.", code="slack_setup"
        )
    if found.client_id and len(env.get(KEY, "")) < LEAST:
        raise Unavailable(
            f"{KEY} is not set: with it the tokens of workspaces are sealed.",
            "Set it: `openssl rand -base64 32`.",
            code="slack_setup",
        )
    if not (found.app_token or found.signing_secret):
        raise Unavailable(
            "Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP).",
            "See docs/slack.md.",
            code="slack_setup",
        )
    return found
