"""digest: what people are sent, when; `run` makes and delivers what is due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import workspace_folder
from knowledge.errors import UnknownName

digest_app = typer.Typer(help="Digests and alerts that people are sent.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(digest_app, name="digest")


@digest_app.command()
def add(
    person: str,
    what: Annotated[
        str, typer.Argument(help='"my accounts", a segment ("industry=healthcare") or, for a question, its words.')
    ] = "",
    kind: Annotated[str, typer.Option("--kind", help="digest, alerts or question.")] = "digest",
    every: Annotated[str, typer.Option("--every", help="day, week or month.")] = "week",
    at: Annotated[str, typer.Option("--at", help="The hour, in the workspace's zone.")] = "07:30",
    day: Annotated[str, typer.Option("--day", help="The weekday of a weekly one.")] = "monday",
    quiet: Annotated[str, typer.Option("--quiet", help='Hours in which nothing is sent: "18:00-07:00".')] = "",
    rules: Annotated[str, typer.Option("--rules", help='Alerts on: "at risk", "service", "theme" (default all).')] = "",
    to: Annotated[str, typer.Option("--to", help="email, email:ADDRESS, web, or a Slack channel or person (C…, U…).")] = "web",
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Subscribes a person."""
    from integrations.alerts.recipients import subscribed
    from integrations.wiring import Workspace

    state = Workspace(workspace_folder(workspace)).state()
    if state.user(person) is None:
        raise UnknownName(f"Nobody called `{person}` is known here.", "Add them with `rapport user add`.")
    schedule = {"every": "always" if kind == "alerts" else every, "at": at, "day": day, "quiet": quiet, "rules": rules}
    kept = {k: v for k, v in schedule.items() if v}
    number = subscribed(state, person, kind, what, kept, to, by_admin=True)
    if json:
        show.document({"id": number, "person": person, "kind": kind, "what": what, "schedule": kept, "channel": to})
    else:
        show.out.print(f"Subscription {number}: {kind} on {what or 'their accounts'} to {person} by {to}.")


@digest_app.command("list")
def list_(workspace: Folder = None, json: Json = False) -> None:
    """Everybody's subscriptions."""
    from integrations.wiring import Workspace

    found = Workspace(workspace_folder(workspace)).state().subscriptions()
    rows = [{"id": s.id, "person": s.principal, "kind": s.kind, "what": s.what, "schedule": dict(s.schedule), "channel": s.channel,
             "last_sent": s.last_sent.isoformat() if s.last_sent else None} for s in found]  # fmt: skip
    if json:
        show.document(rows)
    else:
        show.table(["id", "person", "kind", "what", "schedule", "channel", "last sent"], [list(r.values()) for r in rows])


@digest_app.command()
def remove(person: str, number: int, workspace: Folder = None) -> None:
    """Ends a subscription of a person."""
    from integrations.wiring import Workspace

    if not Workspace(workspace_folder(workspace)).state().unsubscribe(number, person):
        raise UnknownName(f"{person} has no subscription {number}.", "`rapport digest list` shows them.")


@digest_app.command()
def run(
    at: Annotated[str | None, typer.Option("--at", help="As if it were this moment (2026-11-02T08:00).")] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Makes and delivers what is due: mail as files into `outbox`, web messages into inboxes, Slack when it is served.

    Run it from a timer, every few minutes: each message goes out once."""
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    post = home.post()
    now = _moment(at)
    told = post.run(now)
    written = post.deliver(now)
    if json:
        show.document({"queued": told, "written": [str(p) for p in written]})
        return
    for entry in told or ["Nothing is due."]:
        show.out.print(entry, markup=False)
    for path in written:
        show.out.print(f"Written: {path}", markup=False)


def _moment(given: str | None) -> datetime:
    if given is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as err:
        raise typer.BadParameter(f"--at takes a moment such as 2026-11-02T08:00, not `{given}`") from err
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@digest_app.command()
def inbox(person: str, workspace: Folder = None, json: Json = False) -> None:
    """What a person was sent on the web page."""
    from integrations.wiring import Workspace

    found = Workspace(workspace_folder(workspace)).post().inbox(person)
    if json:
        show.document(found)
    else:
        for message in found:
            show.text(str(message["text"]))
