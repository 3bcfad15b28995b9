"""serve, slack, mcp: the doors that stay open."""

from __future__ import annotations

from typing import Annotated

import typer

from integrations.cli.options import Folder
from integrations.settings import workspace_folder


def add_to(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    workspace: Folder = None,
) -> None:
    """Serves the web page, REST (/docs), health and metrics, until it is stopped."""
    import uvicorn

    from integrations.live import Live
    from integrations.telemetry import log_as_json
    from integrations.web.app import create_app

    log_as_json()
    live = Live(workspace_folder(workspace))
    try:
        uvicorn.run(create_app(live), host=host, port=port, log_level="warning", access_log=False, server_header=False)
    finally:
        live.close()
