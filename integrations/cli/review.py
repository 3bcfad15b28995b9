"""theme …: one theme, and what people decide about themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from integrations.cli import show
from integrations.cli.options import As, Folder, Json

if TYPE_CHECKING:
    from knowledge.access import Reader
    from knowledge.state import State


class ThemeOrDeed(TyperGroup):
    """`rapport theme T001` shows the theme; `rapport theme rename …` is a deed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


theme_app = typer.Typer(
    cls=ThemeOrDeed, no_args_is_help=True, help="One theme (`rapport theme ID`), and decisions about themes."
)
Theme = Annotated[str, typer.Argument(help="A theme's id or name.")]
Comment = Annotated[str, typer.Argument(help="A comment's id.")]
Into = Annotated[str, typer.Option("--into", help="The theme that stays.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(theme_app, name="theme")


@theme_app.command("show")
def theme(theme_id: Theme, as_: As = None, workspace: Folder = None, json: Json = False) -> None:
    """One theme: why they say it, in their words, and what the operations records add."""
    from integrations.review import theme_card, theme_text
    from integrations.settings import workspace_folder
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    card = theme_card(home.reader(home.scope(as_)), theme_id)
    if json:
        show.document(card)
    else:
        show.text(theme_text(card))


@theme_app.command()
def rename(
    theme_id: Theme, name: Annotated[str, typer.Argument()], as_: As = None, workspace: Folder = None, json: Json = False
) -> None:
    """Give a theme another name."""
    from integrations import decide

    _deed(lambda r, s: decide.rename(r, s, theme_id, name), as_, workspace, json)


@theme_app.command()
def merge(
    themes: Annotated[list[str], typer.Argument(help="Themes that end.")], into: Into, as_: As = None, workspace: Folder = None, json: Json = False
) -> None:  # fmt: skip
    """Make several themes one."""
    from integrations import decide

    _deed(lambda r, s: decide.merge(r, s, themes, into), as_, workspace, json)


@theme_app.command()
def split(
    theme_id: Theme,
    reason: Annotated[str, typer.Option("--reason", help="The reason (id or name) whose comments become a theme.")],
    name: Annotated[str | None, typer.Option("--name", help="The new theme's name (default: the reason's).")] = None,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Make the comments that give one reason a theme of their own."""
    from integrations import decide

    _deed(lambda r, s: decide.split(r, s, theme_id, reason, name), as_, workspace, json)


@theme_app.command()
def move(
    feedback_id: Comment,
    source: Annotated[str, typer.Option("--from", help="The theme it is in.")],
    into: Into,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Move a comment from one theme to another."""
    from integrations import decide

    _deed(lambda r, s: decide.move(r, s, feedback_id, source, into), as_, workspace, json)


@theme_app.command()
def assign(feedback_id: Comment, theme_id: Theme, as_: As = None, workspace: Folder = None, json: Json = False) -> None:
    """Put a comment into a theme."""
    from integrations import decide

    _deed(lambda r, s: decide.assign(r, s, feedback_id, theme_id), as_, workspace, json)


@theme_app.command()
def approve(theme_id: Theme, as_: As = None, workspace: Folder = None, json: Json = False) -> None:
    """Say that a theme is right as it is."""
    from integrations import decide

    _deed(lambda r, s: decide.approve(r, s, theme_id), as_, workspace, json)


@theme_app.command()
def queue(as_: As = None, workspace: Folder = None, json: Json = False) -> None:
    """Comments in no theme, with the nearest one."""
    from integrations import decide
    from integrations.settings import workspace_folder
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    waiting = decide.queue(home.reader(home.scope(as_)))
    if json:
        show.document(waiting)
    else:
        show.table(
            ["comment", "says", "nearest theme", "id", "margin"],
            [[w["feedback_id"], w["text"], w["name"], w["nearest"], w["margin"]] for w in waiting],
        )


def _deed(deed: Callable[[Reader, State], int], as_: str | None, workspace: Path | None, json: bool) -> None:
    from integrations.settings import workspace_folder
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    revision = deed(home.reader(home.scope(as_)), home.state())
    if json:
        show.document({"revision": revision})
    else:
        show.out.print(f"Decision {revision} is kept. It holds from the next build on: rapport build")
