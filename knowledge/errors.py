"""Every error that a person may meet, as one tree.

RapportError(code, message, hint)
├── UserError             the asker's: exit 1, message and hint are shown
│   ├── UnknownName       no such customer, metric, theme, mapping …
│   ├── Ambiguous         several fit; `choices` names at most three
│   ├── NotAllowed        the reader has no right to it
│   └── BadQuestion       asked in a way that makes no sense (a sum of rates, a dimension that is not there)
├── DataError             the data's: exit 1, message and hint are shown
│   ├── BadInput          a file, a row or a mapping that cannot be read as what it claims to be
│   ├── NoData            a table, column or period that is not there
│   └── Stale             older than what was asked for
├── Unavailable           a store, model or service that does not answer: exit 3
│   └── Overloaded        too much is asked at once; it says when to come again
└── Internal              ours: exit 3, people see a reference id only
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class RapportError(Exception):
    """Base of the tree. `code` is stable (tests and scripts rely on it); `message` says what is wrong and where;
    `hint` says what to do."""

    exit_code = 3
    code = "error"

    def __init__(self, message: str, hint: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UserError(RapportError):
    exit_code = 1
    code = "user"


class UnknownName(UserError):
    """`nearest` holds the closest names the reader may see, best first."""

    code = "unknown_name"

    def __init__(self, message: str, hint: str = "", *, nearest: tuple[str, ...] = (), code: str | None = None) -> None:
        super().__init__(message, hint, code=code)
        self.nearest = nearest


class Ambiguous(UserError):
    """`choices` holds at most three readings."""

    code = "ambiguous"

    def __init__(self, message: str, hint: str = "", *, choices: tuple[str, ...] = (), code: str | None = None) -> None:
        super().__init__(message, hint, code=code)
        self.choices = choices[:3]


class NotAllowed(UserError):
    code = "not_allowed"


class BadQuestion(UserError):
    code = "bad_question"


class DataError(RapportError):
    exit_code = 1
    code = "data"


class BadInput(DataError):
    code = "bad_input"


class NoData(DataError):
    code = "no_data"


class Stale(DataError):
    code = "stale"


class Unavailable(RapportError):
    exit_code = 3
    code = "unavailable"


class Overloaded(Unavailable):
    """More is asked than can be answered now; `wait` says for how many seconds."""

    code = "overloaded"

    def __init__(self, message: str, hint: str = "", *, wait: float) -> None:
        super().__init__(message, hint)
        self.wait = wait


class Internal(RapportError):
    exit_code = 3
    code = "internal"


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """Around imports of packages that only an extra brings. Fails: Unavailable (`extra`) where they are not installed."""
    try:
        yield
    except ModuleNotFoundError as err:
        raise Unavailable(
            f"{what} needs packages that are not installed.", f"pip install 'rapport-crm[{extra}]'", code="extra"
        ) from err
