"""Relations that questions are answered from again and again, kept in the memory of a database within a number of bytes."""

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis
    from ibis.backends.duckdb import Backend

PLACE = "kept"
WORTH_KEEPING, MOST_COUNTED = 3, 10_000
"""A question reads a base twice, for its groups and for their total: what is kept was asked for by a second question."""


class KeptRelations:
    """At most `room` bytes; what was used longest ago goes first. It goes out of the catalogue only when no expression that was
    made from it is left, so that nobody who holds one is in for an error."""

    def __init__(self, backend: Backend, room: int) -> None:
        self._backend, self._room = backend, room
        self._uses: OrderedDict[Hashable, int] = OrderedDict()
        self._kept: OrderedDict[Hashable, tuple[ibis.Table, int]] = OrderedDict()
        self._unused: deque[str] = deque()
        self._made = 0

    def get(self, key: Hashable, make: Callable[[], ibis.Table], *, now: bool = False) -> ibis.Table | None:
        """What `make` gives, worked out once; None until it is asked for often or wanted `now`, and where there is no room for it."""
        if self._room <= 0:
            return None
        self._drop_unused()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        if not self._worth_it(key, now):
            return None
        made, size = self._stored(make())
        if size > self._room:
            self._uses[key] = -MOST_COUNTED  # as long as it is remembered it is not tried again
            return None
        self._kept[key] = (made, size)
        while self.bytes > self._room:
            self._kept.popitem(last=False)
        return made

    @property
    def bytes(self) -> int:
        """What the relations take that are kept."""
        return sum(size for _, size in self._kept.values())

    def _worth_it(self, key: Hashable, now: bool) -> bool:
        self._uses[key] = self._uses.pop(key, 0) + 1
        while len(self._uses) > MOST_COUNTED:
            self._uses.popitem(last=False)
        return self._uses[key] >= WORTH_KEEPING or (now and self._uses[key] > 0)

    def _stored(self, relation: ibis.Table) -> tuple[ibis.Table, int]:
        before = self._in_memory()
        if not self._made:
            self._backend.raw_sql(f"ATTACH ':memory:' AS {PLACE} (COMPRESS)")
        self._made += 1
        name = f"kept_{self._made}"
        made = self._backend.create_table(name, relation, database=f"{PLACE}.main")
        self._backend.raw_sql(f"CHECKPOINT {PLACE}")  # packs it: names that come again and again take a tenth
        weakref.finalize(made.op(), self._unused.append, name).atexit = False
        return made, max(0, self._in_memory() - before)

    def _drop_unused(self) -> None:
        while self._unused:
            self._backend.raw_sql(f"DROP TABLE IF EXISTS {PLACE}.main.{self._unused.popleft()}")

    def _in_memory(self) -> int:
        self._drop_unused()
        query = "SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"
        return int(self._backend.raw_sql(query).fetchall()[0][0])
