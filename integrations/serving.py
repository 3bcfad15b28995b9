"""What `rapport serve` and `rapport slack` serve, put together from the environment."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.types import ASGIApp

from integrations.live import Live
from integrations.telemetry import Meters, log_as_json
from knowledge.errors import Unavailable

if TYPE_CHECKING:
    from integrations.slack.config import Config

QUICK = 0.001  # seconds after which an answer in the making lets acknowledgements pass


def whole_app(folder: Path) -> tuple[ASGIApp, Live]:
    """The web app, with Slack where its tokens are set."""
    from integrations.slack.app import SlackDoor
    from integrations.slack.config import from_environment
    from integrations.web.app import create_app

    log_as_json()
    sys.setswitchinterval(QUICK)
    live, meters = Live(folder), Meters()
    live.prepare()
    config = from_environment()
    if config is None:
        return create_app(live, meters=meters, panels=True), live
    door = SlackDoor(live, config, meters, apart=True)
    return create_app(live, meters=meters, mounts=[("/slack", door.routes)], parts=[door.running()], panels=True), live


def slack_app(folder: Path) -> tuple[ASGIApp, Live]:
    """Slack alone. Fails: Unavailable (`slack_setup`) where its tokens are not set."""
    from starlette.routing import Mount

    from integrations.slack.app import SlackDoor

    log_as_json()
    config = _slack()
    sys.setswitchinterval(QUICK)
    live = Live(folder)
    door = SlackDoor(live, config, apart=True)
    return Starlette(routes=[Mount("/slack", door.routes)], lifespan=lambda _: door.running()), live


def slack_worker(folder: Path) -> None:
    """Answers what `serve` or `slack` stored, until standard input ends. Fails: as `slack_app`."""
    from integrations.slack.answering import work

    log_as_json()
    config = _slack()
    live = Live(folder)
    live.prepare()
    try:
        asyncio.run(work(live, config))
    finally:
        live.close()


def _slack() -> Config:
    from integrations.slack.config import from_environment

    config = from_environment()
    if config is None:
        raise Unavailable("Slack is not set up: SLACK_BOT_TOKEN is missing.", "See docs/slack.md.", code="slack_setup")
    return config
