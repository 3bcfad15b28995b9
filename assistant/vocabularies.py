"""The names that readers may say, kept by their rights: made once for all engines of a process."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.understand.entities import Vocabulary, build_vocabulary
from knowledge.access import Reader, Scope
from knowledge.entities.values import open_to
from knowledge.metrics.registry import RIGHT_OF

MOST = 64


class Vocabularies:
    """Safe to share between threads; what was not used for longest goes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, frozenset[str] | None, frozenset[str]], Vocabulary] = OrderedDict()

    def of(self, reader: Reader) -> Vocabulary:
        """The names that this reader may see; those of an unlimited reader come from the snapshot's file."""
        key = (reader.snapshot.id, reader.scope.accounts, reader.scope.rights)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = Vocabulary(_members(reader))
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def _members(reader: Reader) -> dict[str, Any]:
    told = _kept_names(reader.snapshot.folder / "vocabulary.json") if reader.scope.accounts is None else None
    if told is None:
        return build_vocabulary(reader)
    return {d: listed for d, listed in told.items() if _open(d, reader.scope)}


def _open(name: str, scope: Scope) -> bool:
    """Whether names of that dimension, or values of that attribute ("contact.agent"), may be known."""
    return open_to(name, scope) if "." in name else scope.may(RIGHT_OF.get(name, "open"))


def _kept_names(file: Path) -> dict[str, Any] | None:
    """The names that the build kept; None where there is no such file, or it is damaged: then they are read anew."""
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return told if isinstance(told, dict) and all(isinstance(v, list) for v in told.values()) else None
    except (OSError, ValueError):
        return None
