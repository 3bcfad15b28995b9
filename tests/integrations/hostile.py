"""Bodies that nobody should send: valid ones with parts exchanged, and noise. The same seed gives the same bodies."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**40, 2**63, 0.1, "", " ", "\x00", "\ud800", "\u202e", "'; DROP TABLE customers; --", "../../etc/passwd", "{{7*7}}",
    "a" * 5000, "😀" * 300, "=1+1", [], {}, [[]], [None], {"": ""}, {"$ref": "#"}, [1, "a", None], "2026-13-45", "NaN", "<script>alert(1)</script>", "\n" * 50,
)  # fmt: skip


def bodies(valid: Sequence[Mapping[str, Any]], count: int, seed: int = 1) -> Iterator[bytes]:
    """So many bodies: nine in ten are JSON made of the valid ones, the others noise."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.1:
            yield _noise(chance)
            continue
        body = copy.deepcopy(dict(chance.choice(list(valid))))
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            _exchange(body, chance)
        yield json.dumps(body).encode()


def _exchange(body: Any, chance: random.Random) -> None:
    """Changes, removes or adds one thing somewhere inside."""
    places = list(_places(body))
    holder, key = chance.choice(places) if places else (body, "x")
    kind = chance.random()
    if kind < 0.15 and isinstance(holder, dict) and key in holder:
        del holder[key]
    elif kind < 0.25 and isinstance(holder, dict):
        holder[chance.choice(("unknown", "", "__proto__", "x" * 300))] = chance.choice(ODD)
    elif kind < 0.32:
        holder[key] = _deep(chance.choice((20, 200)))
    else:
        holder[key] = copy.deepcopy(chance.choice(ODD))


def _places(body: Any) -> Iterator[tuple[Any, Any]]:
    items = list(body.items()) if isinstance(body, dict) else list(enumerate(body)) if isinstance(body, list) else []
    for key, value in items:
        yield body, key
        yield from _places(value)


def _deep(levels: int) -> Any:
    made: Any = "end"
    for _ in range(levels):
        made = {"a": [made]}
    return made


def _noise(chance: random.Random) -> bytes:
    return chance.choice(
        (
            b"", b"null", b"[]", b'"text"', b"{", b'{"a":', b"\xff\xfe\x00", b"NaN", b"{'a': 1}", b"[" * 5000, b'{"a":' * 3000, b"\x00" * 100,
            bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400))), b"a=1&b=2", b"\xef\xbb\xbf{}", b"1" * 5000,
        )
    )  # fmt: skip
