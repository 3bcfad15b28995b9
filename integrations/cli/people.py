"""user: people and their rights."""

from __future__ import annotations

from typing import Annotated

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import workspace_folder
from knowledge.errors import BadQuestion, UnknownName

user_app = typer.Typer(help="People and their rights.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(user_app, name="user")


@user_app.command("add")
def add(
    name: str,
    role: Annotated[str, typer.Option("--role", help="rep, manager, quality, admin, or one of `rapport.toml`.")],
    email: Annotated[str | None, typer.Option("--email")] = None,
    slack: Annotated[str | None, typer.Option("--slack", help="The Slack user id.")] = None,
    accounts: Annotated[str, typer.Option("--accounts", help="all, own, ID,ID, region=NAME or team=NAME.")] = "all",
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Adds a person, or changes what they may see."""
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    if role not in home.roles:
        raise UnknownName(f"There is no role `{role}`.", f"Roles: {', '.join(sorted(home.roles))}.")
    if name in home.roles:
        raise BadQuestion(f"A person cannot be called `{name}`: that is a role.", "Choose another name.")
    if accounts.startswith("team="):
        home.team(accounts.removeprefix("team=").strip())
    home.state().add_user(name, role, email=email, slack=slack, accounts=accounts)
    if json:
        show.document({"name": name, "role": role, "accounts": accounts})
    else:
        show.out.print(f"{name} reads as {role}, accounts: {accounts}.")


@user_app.command("token")
def token(name: str, workspace: Folder = None, json: Json = False) -> None:
    """Makes a bearer token for a person; it is shown once."""
    from integrations.wiring import Workspace

    made = Workspace(workspace_folder(workspace)).state().new_token(name)
    if json:
        show.document({"token": made})
    else:
        show.out.print(made, markup=False)


@user_app.command("code")
def code(name: str, workspace: Folder = None, json: Json = False) -> None:
    """Makes a code with which a person says who they are in Slack (`/rapport link CODE`); it works once, for half an hour."""
    from integrations.codes import new_code
    from integrations.wiring import Workspace

    made = new_code(Workspace(workspace_folder(workspace)).state(), name)
    if json:
        show.document({"code": made})
    else:
        show.out.print(f"/rapport link {made}", markup=False)
