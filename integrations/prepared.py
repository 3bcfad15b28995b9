"""What is made once for each snapshot and set of rights, and then kept: boards, cards, lists of accounts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from knowledge.access import Reader, Scope
from knowledge.snapshot import Snapshot

KEPT = 2000
T = TypeVar("T")


class Prepared:
    """Safe to share between threads; the same thing is made once, whoever else wants it waits. What was not asked for longest goes."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._lock = Lock()
        self._found: OrderedDict[Hashable, tuple[Lock, list[Any]]] = OrderedDict()

    def of(self, reader: Reader, what: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives for readers with these rights on this snapshot."""
        key = (*_rights(reader.snapshot, reader.scope), what)
        with self._lock:
            lock, box = self._found.setdefault(key, (Lock(), []))
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        with lock:
            if not box:
                box.append(make())
        found: T = box[0]
        return found

    def forget_others(self, snapshot: Snapshot) -> None:
        """Lets go of what is of other snapshots."""
        with self._lock:
            for key in [k for k in self._found if isinstance(k, tuple) and k[0] != snapshot.id]:
                del self._found[key]


def _rights(snapshot: Snapshot, scope: Scope) -> tuple[Hashable, ...]:
    return snapshot.id, scope.accounts, scope.rights
