"""Ways into the page: a link that works once, a token, a password (argon2id), or a proxy in front that says who it is."""

from __future__ import annotations

import getpass
import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from knowledge.errors import BadQuestion, NotAllowed, UnknownName
from knowledge.state import State, User

LINKS, PASSWORDS = "sign-in link", "password"
MINUTES, SHORTEST = 60, 12
NOBODY = "$argon2id$v=19$m=19456,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""What is compared where there is no password, so that a name cannot be guessed by the time it takes."""


def new_link(state: State, name: str, minutes: int = MINUTES) -> str:
    """A code that lets a person in once, within so many minutes. Fails: UnknownName."""
    if state.user(name) is None:
        raise UnknownName(f"Nobody called `{name}` is known here.", "`rapport user list` shows who is.")
    code = secrets.token_urlsafe(24)
    state.keep(LINKS, _digest(code), {"user": name}, within=timedelta(minutes=minutes))
    return code


def by_link(state: State, code: str) -> User:
    """Fails: NotAllowed (`bad_link`) for a code that is not known, was used, or is too old."""
    found = state.take(LINKS, _digest(code))
    user = state.user(found["user"]) if found else None
    if user is None:
        raise NotAllowed("This link was used before, or has run out.", "Ask for another one.", code="bad_link")
    return user


def owner(state: State) -> User:
    """Who the link of `rapport serve` is for: the first admin who sees everything; where there is none yet, one is made."""
    admins = [u for u in state.users() if u.role == "admin" and u.accounts == "all"]
    return admins[0] if admins else state.add_user(_login_name(), "admin", accounts="all")


def set_password(state: State, name: str, password: str) -> None:
    """Fails: UnknownName; BadQuestion where it is too short."""
    user = state.user(name)
    if user is None:
        raise UnknownName(f"Nobody called `{name}` is known here.", "`rapport user list` shows who is.")
    if len(password) < SHORTEST:
        raise BadQuestion(f"A password has at least {SHORTEST} characters.", "Take a few words that only you put together.")
    argon = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=1, memory_cost=19_456)
    hashed = argon.derive_phc_encoded(password.encode("utf-8", "surrogatepass"))
    state.keep(PASSWORDS, name, {"hash": hashed, "since": user.created.isoformat()})


def by_password(state: State, name: str, password: str) -> User:
    """Fails: NotAllowed (`bad_password`), the same for a wrong name."""
    user, kept = state.user(name), state.kept(PASSWORDS, name)
    valid = user is not None and kept is not None and kept["since"] == user.created.isoformat()
    try:
        Argon2id.verify_phc_encoded(password.encode("utf-8", "surrogatepass"), kept["hash"] if kept and valid else NOBODY)
    except InvalidKey:
        valid = False
    if not valid or user is None:
        raise NotAllowed("Name and password do not fit.", "Try again, or ask whoever looks after Rapport.", code="bad_password")
    return user


def by_proxy(state: State, headers: Mapping[str, str], header: str, address: str, proxies: tuple[str, ...]) -> User | None:
    """Whom the proxy in front names, by e-mail address or name; None where none is set up, or it is not the proxy that asks."""
    if not header or address not in proxies:
        return None
    told = headers.get(header, "").strip()
    return (state.user_of_email(told) or state.user(told)) if told else None


def _login_name() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    return name if name and name not in ("rep", "manager", "quality", "admin") else "owner"


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
