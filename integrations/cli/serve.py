"""serve, slack, mcp: the doors that stay open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.options import As, Folder
from integrations.settings import workspace_folder

if TYPE_CHECKING:
    from integrations.live import Live

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(slack)
    app.command()(mcp)
    app.command(hidden=True)(prepare)


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    workspace: Folder = None,
) -> None:
    """Serves the web page, REST (/docs), health and metrics, until it is stopped."""
    from integrations.serving import whole_app
    from integrations.web.listening import serve as listen

    app, live = whole_app(workspace_folder(workspace))
    try:
        listen(app, host, port, ready=lambda at: _tell(live, host, at))
    finally:
        live.close()


def _tell(live: Live, host: str, port: int) -> None:
    """Says where it listens; whoever sits at this machine gets a link that lets them in once."""
    from integrations.sign_in import MINUTES, new_link, owner

    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Rapport is at http://{shown}:{port}/", err=True)
    if host in LOOPBACK:
        user = owner(live.state)
        live.state.audit("command line", "admin", "sign-in link", {"name": user.name})
        link = f"http://{shown}:{port}/enter#{new_link(live.state, user.name)}"
        typer.echo(f"Sign in as {user.name} (works once, within {MINUTES} minutes): {link}", err=True)


def prepare(workspace: Folder = None) -> None:
    """Makes ahead what takes long to make, for the published snapshot."""
    from integrations.panels import prepare as make

    for said in make(workspace_folder(workspace)):
        typer.echo(said, err=True)


def slack(
    host: Annotated[str, typer.Option("--host", help="The address to listen at (HTTP mode).")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port (HTTP mode).")] = 8000,
    worker: Annotated[bool, typer.Option("--worker", hidden=True, help="Answer what another process stored.")] = False,
    screens: Annotated[
        bool, typer.Option("--screens", hidden=True, help="Print the screens of docs/slack.md, and stop.")
    ] = False,
    manifest: Annotated[bool, typer.Option("--manifest", help="Print the app manifest to paste, and stop.")] = False,
    workspace: Folder = None,
) -> None:
    """Answers in Slack only: over Socket Mode where SLACK_APP_TOKEN is set, else over HTTP at /slack/events."""
    import sys

    if manifest:
        from integrations.slack.app import MANIFEST

        sys.stdout.write(MANIFEST.read_text(encoding="utf-8"))
        return
    if screens:
        from integrations.slack.screens import page

        sys.stdout.write(page())
        return
    if worker:
        from integrations.serving import slack_worker

        slack_worker(workspace_folder(workspace))
        return
    from integrations.serving import slack_app
    from integrations.web.listening import serve as listen

    app, live = slack_app(workspace_folder(workspace))
    try:
        listen(app, host, port)
    finally:
        live.close()


def mcp(as_: As = None, workspace: Folder = None) -> None:
    """Serves the Model Context Protocol on standard input and output, for assistants on this machine."""
    from integrations.live import Live
    from integrations.mcp_server import server

    live = Live(workspace_folder(workspace))
    live.home.scope(as_)
    try:
        server(live, lambda _: live.home.scope(as_)).run("stdio")
    finally:
        live.close()
