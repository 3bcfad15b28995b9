"""user: people, their rights and their tokens. What is not given stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import workspace_folder
from knowledge.errors import BadQuestion, NoData, UnknownName

if TYPE_CHECKING:
    from integrations.wiring import Workspace
    from knowledge.state import User

user_app = typer.Typer(help="People and their rights.", no_args_is_help=True)
HERE = "command line"


def add_to(app: typer.Typer) -> None:
    app.add_typer(user_app, name="user")


@user_app.command("add")
def add(
    name: str,
    role: Annotated[str | None, typer.Option("--role", help="rep, manager, quality, admin, or one of `rapport.toml`.")] = None,
    email: Annotated[str | None, typer.Option("--email")] = None,
    slack: Annotated[str | None, typer.Option("--slack", help="The Slack user id.")] = None,
    accounts: Annotated[
        str | None, typer.Option("--accounts", help="all, own, ID,ID, region=NAME or team=NAME; somebody new needs it.")
    ] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Adds a person, or changes what is given of one."""
    home = _home(workspace)
    state = home.state()
    known = state.user(name)
    if role is None and known is None:
        raise typer.BadParameter("somebody new needs --role")
    if accounts is None and known is None:
        raise typer.BadParameter("somebody new needs --accounts: all, own, ids, region=NAME or team=NAME")
    role = role or (known.role if known else "")
    if role not in home.roles:
        raise UnknownName(f"There is no role `{role}`.", f"Roles: {', '.join(sorted(home.roles))}.")
    if name in home.roles or not name.strip() or not name.isprintable():
        raise BadQuestion(f"A person cannot be called `{name}`.", "Choose another name; roles are no people's names.")
    if email is not None and email.strip():
        from integrations.alerts.addresses import checked

        email = checked(email)
    if accounts is not None:
        home.check_accounts(accounts)
    made = state.add_user(name, role, email=email, slack=slack, accounts=accounts)
    rights = {"name": name, "role": made.role, "accounts": made.accounts}
    state.audit(HERE, "admin", "user", {**rights, "email": made.email, "slack": made.slack})
    if json:
        show.document({**rights, "sees": _sees(home, made)})
        return
    show.out.print(f"{name} reads as {made.role}, accounts: {made.accounts}{_count(_sees(home, made))}.")


@user_app.command("list")
def listed(workspace: Folder = None, json: Json = False) -> None:
    """Who may see what, and their tokens."""
    home = _home(workspace)
    state, now = home.state(), datetime.now(UTC)
    rows: list[dict[str, Any]] = []
    for user in state.users():
        tokens = [
            {
                "id": t.id,
                "created": t.created.isoformat(timespec="seconds"),
                "expires": t.expires and t.expires.isoformat(timespec="seconds"),
            }
            for t in state.tokens_of(user.name)
            if t.revoked is None and (t.expires is None or t.expires > now)
        ]
        about = {"name": user.name, "role": user.role, "accounts": user.accounts, "sees": _sees(home, user)}
        rows.append({**about, "email": user.email, "slack": user.slack, "tokens": tokens})
    if json:
        show.document(rows)
        return
    show.table(
        ["name", "role", "accounts", "e-mail", "Slack", "tokens"],
        [
            [
                r["name"],
                r["role"],
                f"{r['accounts']}{_count(r['sees'])}",
                r["email"] or "",
                r["slack"] or "",
                ", ".join(_token(t) for t in r["tokens"]),
            ]
            for r in rows
        ],
    )


@user_app.command("remove")
def remove(name: str, workspace: Folder = None, json: Json = False) -> None:
    """Forgets a person: their tokens and subscriptions end now; what they asked and decided stays in the log."""
    state = _home(workspace).state()
    if not state.remove_user(name):
        raise _nobody(name)
    state.audit(HERE, "admin", "user removed", {"name": name})
    show.document({"removed": name}) if json else show.out.print(f"{name} is let in no more.")


@user_app.command("token")
def token(
    name: str,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="It runs out after so many days.")] = None,
    revoke: Annotated[
        str | None, typer.Option("--revoke", help="End the token of this id (`user list`), or `all` of them.")
    ] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Makes a bearer token for a person, shown once; or ends one."""
    state = _home(workspace).state()
    if revoke is None:
        made = state.new_token(name, days=days)
        state.audit(HERE, "admin", "token", {"name": name, "days": days})
        show.document({"token": made}) if json else show.out.print(made, markup=False)
        return
    if state.user(name) is None:
        raise _nobody(name)
    ended = state.revoke_tokens_of(name) if revoke == "all" else int(state.revoke_token_of(name, revoke))
    if not ended and revoke != "all":
        raise UnknownName(f"{name} has no valid token `{revoke}`.", "`rapport user list` shows them.")
    state.audit(HERE, "admin", "token revoked", {"name": name, "token": revoke})
    show.document({"revoked": ended}) if json else show.out.print(f"{ended} of {name}'s tokens ended.")


@user_app.command("link")
def link(
    name: str,
    url: Annotated[str, typer.Option("--url", help="Where people reach the page.")] = "http://127.0.0.1:8000",
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Makes a link that signs a person in to the page once, within an hour."""
    from integrations.sign_in import new_link

    state = _home(workspace).state()
    made = f"{url.rstrip('/')}/enter#{new_link(state, name)}"
    state.audit(HERE, "admin", "sign-in link", {"name": name})
    show.document({"link": made}) if json else show.out.print(made, markup=False, soft_wrap=True)


@user_app.command("code")
def code(name: str, workspace: Folder = None, json: Json = False) -> None:
    """Makes a code with which a person says who they are in Slack (`/rapport link CODE`); it works once, for half an hour."""
    from integrations.codes import new_code

    made = new_code(_home(workspace).state(), name)
    if json:
        show.document({"code": made})
    else:
        show.out.print(f"/rapport link {made}", markup=False)


def _home(workspace: Folder) -> Workspace:
    from integrations.wiring import Workspace

    return Workspace(workspace_folder(workspace))


def _sees(home: Workspace, user: User) -> int | None:
    """How many accounts the person sees; None for all, or where that cannot be told yet."""
    try:
        found = home.accounts(user.accounts, user)
    except (NoData, UnknownName):
        return None
    return None if found is None else len(found)


def _count(sees: int | None) -> str:
    return "" if sees is None else f" ({sees})"


def _token(told: dict[str, Any]) -> str:
    return f"{told['id']} (to {told['expires'][:10]})" if told["expires"] else str(told["id"])


def _nobody(name: str) -> UnknownName:
    return UnknownName(f"Nobody called `{name}` is known here.", "`rapport user list` shows who is.")
