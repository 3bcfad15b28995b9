"""The one composition root: settings, snapshot, reader, state and engine of a workspace, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from integrations import settings as configuration
from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import UnknownName
from knowledge.snapshot import current

if TYPE_CHECKING:
    from assistant.engine import Engine
    from knowledge.state import State


class Workspace:
    """One open workspace. Parts are made when first asked for; a snapshot is pinned when `reader` or `engine` is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = configuration.load(folder)

    def state(self) -> State:
        from knowledge.state import open_state

        return open_state(self.settings.state_url or self.folder)

    def scope(self, name: str | None) -> Scope:
        """The rights of a person or of a role (None: `admin`). Fails: UnknownName naming the roles."""
        if name is None or name in ROLE_RIGHTS:
            return Scope.of_role(name or "admin")
        user = self.state().user(name)
        if user is None:
            roles = ", ".join(sorted(ROLE_RIGHTS))
            raise UnknownName(f"Nobody called `{name}` is known here.", f"Use a role ({roles}) or `rapport user add`.")
        return Scope(user.name, user.role, self.accounts(user.accounts), ROLE_RIGHTS[user.role])

    def accounts(self, rule: str) -> frozenset[str] | None:
        """The customer ids that an accounts rule ("all", "own", "ID,ID", "region=NAME") stands for; None is all."""
        if rule == "all":
            return None
        if "=" in rule:
            column, _, value = rule.partition("=")
            customers = self.reader(Scope.of_role("admin")).frame("customers")
            if column not in customers.columns:
                raise UnknownName(f"Customers have no `{column}`.", "Use region=NAME, all, own or a list of ids.")
            return frozenset(customers.loc[customers[column].astype("string") == value, "customer_id"])
        return frozenset(part.strip() for part in rule.split(",") if part.strip())

    def reader(self, scope: Scope) -> Reader:
        return Reader(self.folder, current(self.folder), scope)

    def engine(self) -> Engine:
        """The assistant over the current snapshot; conversations are kept in the workspace's state."""
        from assistant.engine import Engine
        from integrations.memory import StateMemory
        from knowledge.tables import Engine as Database

        snapshot = current(self.folder)
        database = Database(self.folder / "tables", self.settings.zone)
        return Engine(lambda scope: Reader(self.folder, snapshot, scope, database), StateMemory(self.state()))
