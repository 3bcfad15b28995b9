"""The one composition root: settings, snapshot, reader, state and engine of a workspace, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from integrations import settings as configuration
from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import UnknownName
from knowledge.snapshot import current

if TYPE_CHECKING:
    from assistant.conversation import Memory
    from assistant.engine import Engine
    from assistant.model.calls import Model
    from integrations.alerts.post import Post
    from integrations.briefs import Briefs
    from knowledge.state import State, User


class Workspace:
    """One open workspace. Parts are made when first asked for; a snapshot is pinned when `reader` or `engine` is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = configuration.load(folder)
        self._state: State | None = None
        self._briefs: Briefs | None = None
        self._model: Model | None = None

    def state(self) -> State:
        from knowledge.state import open_state

        if self._state is None:
            self._state = open_state(self.settings.state_url or self.folder)
        return self._state

    def scope(self, name: str | None) -> Scope:
        """The rights of a person or of a role (None: `admin`). Fails: UnknownName naming the roles."""
        if name is None or name in ROLE_RIGHTS:
            return Scope.of_role(name or "admin")
        user = self.state().user(name)
        if user is None:
            roles = ", ".join(sorted(ROLE_RIGHTS))
            raise UnknownName(f"Nobody called `{name}` is known here.", f"Use a role ({roles}) or `rapport user add`.")
        return self.scope_of(user)

    def scope_of(self, user: User) -> Scope:
        """A person's rights."""
        return Scope(user.name, user.role, self.accounts(user.accounts, user), ROLE_RIGHTS[user.role])

    def accounts(self, rule: str, user: User | None = None) -> frozenset[str] | None:
        """The customer ids that an accounts rule ("all", "own", "ID,ID", "region=NAME") stands for; None is all."""
        if rule == "all":
            return None
        if rule == "own":
            customers = self.reader(Scope.of_role("admin")).frame("customers")
            names = {n.casefold() for n in (user.name, user.email) if n} if user else set()
            return frozenset(customers.loc[customers["account_owner"].astype("str").str.casefold().isin(names), "customer_id"])
        if "=" in rule:
            column, _, value = rule.partition("=")
            customers = self.reader(Scope.of_role("admin")).frame("customers")
            if column not in customers.columns:
                raise UnknownName(f"Customers have no `{column}`.", "Use region=NAME, all, own or a list of ids.")
            return frozenset(
                customers.loc[customers[column].astype("str").str.casefold() == value.strip().casefold(), "customer_id"]
            )
        return frozenset(part.strip() for part in rule.split(",") if part.strip())

    def reader(self, scope: Scope) -> Reader:
        return Reader(self.folder, current(self.folder), scope)

    def readers(self) -> Callable[[Scope], Reader]:
        """Makes readers of the snapshot that is current now, over one database of their own."""
        from knowledge.tables import Engine as Database

        snapshot = current(self.folder)
        database = Database(self.folder / "tables", self.settings.zone)
        return lambda scope: Reader(self.folder, snapshot, scope, database)

    def briefs(self) -> Briefs:
        """Briefs of this workspace; books are kept as long as it lives."""
        from integrations.briefs import Briefs

        if self._briefs is None:
            self._briefs = Briefs(self.folder, self.settings.zone, self.state())
        return self._briefs

    def post(self) -> Post:
        """Digests and alerts of this workspace."""
        from integrations.alerts.post import Post

        return Post(self.briefs(), self.state(), self.scope, self.engine)

    def engine(self, readers: Callable[[Scope], Reader] | None = None, memory: Memory | None = None) -> Engine:
        """The assistant over the current snapshot; conversations are kept in the workspace's state, or in `memory`."""
        from assistant.engine import Engine
        from integrations.memory import StateMemory

        return Engine(readers or self.readers(), memory or StateMemory(self.state()), self.model())

    def model(self) -> Model | None:
        """The language model that is configured, opened once; None without one."""
        if self._model is None and self.settings.model is not None:
            from integrations.language_model import open_model

            self._model = open_model(self.settings.model)
        return self._model
