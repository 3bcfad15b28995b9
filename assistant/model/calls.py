"""Calls of the language model: one text in, one text out, within a time; what went and came is kept for the audit log."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

from knowledge.errors import RapportError

LONGEST = 8_000
RESTS = 30.0
"""Seconds for which a model that failed is not called again."""
Purpose = Literal["reading", "wording"]


class Writer(Protocol):
    """A language model behind some door."""

    name: str

    def write(self, system: str, user: str) -> str:
        """Its reply. Fails: Unavailable."""
        ...


@dataclass(frozen=True)
class Call:
    """One call: what for, sizes and hashes of what went and came, whether it was used, and if not, why."""

    purpose: Purpose
    model: str
    sent_bytes: int
    sent_sha256: str
    got_bytes: int = 0
    got_sha256: str = ""
    used: bool = False
    why_not: str = ""

    def refused(self, why: str) -> Call:
        return replace(self, why_not=why)

    def kept(self) -> Call:
        return replace(self, used=True)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Model:
    """A writer with a time limit. `reads` and `words` say what it is used for; after a failure it rests for a while."""

    def __init__(
        self,
        writer: Writer,
        seconds: float = 8.0,
        *,
        reads: bool = True,
        words: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reads, self.words = reads, words
        self._writer, self._seconds, self._clock = writer, seconds, clock
        self._rests_until = 0.0

    def resting(self) -> bool:
        return self._clock() < self._rests_until

    def call(self, purpose: Purpose, system: str, user: str) -> tuple[str | None, Call]:
        """The reply, or None where it failed, took too long or was too long; and what the audit log keeps."""
        sent = f"{system}\n\n{user}".encode()
        call = Call(purpose, self._writer.name, len(sent), _sha(sent))
        reply, failed = self._within(system, user)
        if failed or reply is None:
            self._rests_until = self._clock() + RESTS
            return None, call.refused(failed or "took too long")
        got = reply.encode("utf-8", "replace")
        call = replace(call, got_bytes=len(got), got_sha256=_sha(got))
        return (None, call.refused("too long")) if len(got) > LONGEST else (reply, call)

    def _within(self, system: str, user: str) -> tuple[str | None, str]:
        """The reply within the time limit, or what failed; a reply that comes later is dropped."""
        said: list[str] = []
        failed: list[str] = []

        def write() -> None:
            try:
                said.append(self._writer.write(system, user))
            except RapportError as err:
                failed.append(err.message)
            except Exception as err:  # other people's code: whatever it raises, the plain answer stands
                failed.append(type(err).__name__)

        worker = threading.Thread(target=write, name="language-model", daemon=True)
        worker.start()
        worker.join(self._seconds)
        return (said[0] if said else None), (failed[0] if failed else "")


def _sha(sent: bytes) -> str:
    return hashlib.sha256(sent).hexdigest()
