"""Results that are asked for again: a snapshot does not change, so what was found for a reader holds for the same reader."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class KeptResults:
    """At most `room` rows; what was used longest ago goes first, and what is larger than a tenth of it is not kept."""

    def __init__(self, room: int) -> None:
        self._room, self._rows = room, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], rows: Callable[[T], int]) -> T:
        """What `make` gave for the key, or gives now. What it fails with is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            kept: T = self._kept[key][0]
            return kept
        made = make()
        size = rows(made) + 1
        if size <= self._room // 10:
            self._kept[key] = (made, size)
            self._rows += size
        while self._rows > self._room:
            self._rows -= self._kept.popitem(last=False)[1][1]
        return made
