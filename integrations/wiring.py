"""The one composition root: settings, snapshot, reader, state and engine of a workspace, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from integrations import settings as configuration
from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import NoData, NotAllowed, UnknownName
from knowledge.snapshot import current

if TYPE_CHECKING:
    from assistant.conversation import Memory
    from assistant.engine import Engine, Learned
    from assistant.model.calls import Model
    from assistant.vocabularies import Vocabularies
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

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of all roles: ours, and the company's own."""
        return (*ROLE_RIGHTS, *self.settings.roles)

    def scope(self, name: str | None) -> Scope:
        """The rights of a person or of a role (None: `admin`). Fails: UnknownName naming the roles."""
        if name is None or name in self.roles:
            return self._of_role(name or "admin", name or "admin", None)
        user = self.state().user(name)
        if user is None:
            roles = ", ".join(sorted(self.roles))
            raise UnknownName(f"Nobody called `{name}` is known here.", f"Use a role ({roles}) or `rapport user add`.")
        return self.scope_of(user)

    def scope_of(self, user: User) -> Scope:
        """A person's rights. Fails: NotAllowed where their role is not in `rapport.toml` any more."""
        return self._of_role(user.role, user.name, self.accounts(user.accounts, user))

    def _of_role(self, role: str, principal: str, accounts: frozenset[str] | None) -> Scope:
        if role in ROLE_RIGHTS:
            return Scope(principal, role, accounts, ROLE_RIGHTS[role])
        own = self.settings.roles.get(role)
        if own is None:
            raise NotAllowed(f"The role `{role}` of {principal} is not defined any more.", f"Put `[roles.{role}]` into {configuration.FILE}, or give another.")  # fmt: skip
        rights = ROLE_RIGHTS[own.like] if own.rights is None else frozenset((*own.rights, "open"))
        return Scope(principal, role, accounts, rights, own.like)

    def accounts(self, rule: str, user: User | None = None) -> frozenset[str] | None:
        """The customer ids that an accounts rule ("all", "own", "ID,ID", "team=NAME", "region=NAME") stands for; None is all.

        Fails: UnknownName for a team or a column that is not there."""
        if rule == "all":
            return None
        if rule == "own":
            return self._owned_by([n for n in (user.name, user.email) if n] if user else [])
        column, told, value = rule.partition("=")
        if not told:
            return frozenset(part.strip() for part in rule.split(",") if part.strip())
        if column == "team":
            return self._owned_by(self.team(value.strip()))
        customers = self.reader(Scope.of_role("admin")).frame("customers")
        if column not in customers.columns:
            raise UnknownName(f"Customers have no `{column}`.", "Use team=NAME, region=NAME, all, own or a list of ids.")
        same = customers[column].astype("str").str.casefold() == value.strip().casefold()
        return frozenset(customers.loc[same, "customer_id"])

    def check_accounts(self, rule: str) -> None:
        """Fails: UnknownName, BadQuestion where the rule names no team, no column, nobody or an id that is not there. Before the
        first build only its form can be checked."""
        if rule in ("all", "own"):
            return
        column, told, value = rule.partition("=")
        if told and column == "team":
            self.team(value.strip())
            return
        try:
            found = self.accounts(rule) or frozenset()
            known = self.reader(Scope.of_role("admin")).frame("customers")
        except NoData:
            return
        if told and not found:
            values = ", ".join(sorted(known[column].dropna().astype("str").unique())[:10])
            raise UnknownName(f"No customer has {column} `{value.strip()}`.", f"There is: {values or 'nothing'}.")
        missing = sorted(found - set(known["customer_id"]))
        if not found or missing:
            hint = "Give ids such as " + ", ".join(sorted(known["customer_id"])[:3]) + ", or all, own, region=NAME, team=NAME."
            raise UnknownName(f"There is no customer `{missing[0] if missing else rule}`.", hint)

    def team(self, name: str) -> tuple[str, ...]:
        """The account owners of a team. Fails: UnknownName naming the teams."""
        found = next((m for n, m in self.settings.teams.items() if n.casefold() == name.casefold()), None)
        if found is None:
            known = ", ".join(self.settings.teams) or "none"
            raise UnknownName(f"There is no team `{name}`.", f"Teams under `[teams]` in {configuration.FILE}: {known}.")
        return found

    def _owned_by(self, names: Sequence[str]) -> frozenset[str]:
        """The customers whose account owner is one of these."""
        customers = self.reader(Scope.of_role("admin")).frame("customers")
        wanted = {n.casefold() for n in names}
        return frozenset(customers.loc[customers["account_owner"].astype("str").str.casefold().isin(wanted), "customer_id"])

    def reader(self, scope: Scope) -> Reader:
        return Reader(self.folder, current(self.folder), scope)

    def readers(self, among: int = 1) -> Callable[[Scope], Reader]:
        """Makes readers of the snapshot that is current now, over one database of their own, which keeps its share of what a process
        keeps `among` so many."""
        from knowledge.tables import ROOM
        from knowledge.tables import Engine as Database

        snapshot = current(self.folder)
        database = Database(self.folder / "tables", self.settings.zone, ROOM // among)
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

    def learned(self) -> Learned | None:
        """The trained part of the reader; None where the settings leave it out."""
        from assistant.reader.meaning import learned_reader

        return learned_reader() if self.settings.reader == "learned" else None

    def engine(
        self,
        readers: Callable[[Scope], Reader] | None = None,
        memory: Memory | None = None,
        vocabularies: Vocabularies | None = None,
    ) -> Engine:
        """The assistant over the current snapshot; conversations are kept in the workspace's state, or in `memory`; `vocabularies` may
        be those of other engines."""
        from assistant.engine import Engine
        from integrations.memory import StateMemory

        return Engine(
            readers or self.readers(), memory or StateMemory(self.state()), self.model(), self.learned(), vocabularies
        )

    def model(self) -> Model | None:
        """The language model that is configured, opened once; None without one."""
        if self._model is None and self.settings.model is not None:
            from integrations.language_model import open_model

            self._model = open_model(self.settings.model)
        return self._model
