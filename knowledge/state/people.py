"""People, their tokens and their preferences."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from knowledge.errors import BadQuestion, UnknownName
from knowledge.state.database import Database, now
from knowledge.state.records import Token, User
from knowledge.state.tables import preferences, subscriptions, tokens, users

ID = 8  # characters of a digest that name a token


class People:
    """Who may come in."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add_user(
        self, name: str, role: str, *, email: str | None = None, slack: str | None = None, accounts: str | None = None
    ) -> User:
        """Adds a person (accounts: "all"), or changes what is given of one.

        Fails: BadQuestion (`taken`) when the address or Slack id is somebody else's."""
        values = {"role": role, "email": _address(email), "slack": slack or None, "accounts": accounts}
        given = {k: v for k, v in values.items() if v is not None}
        with self.database.writing() as connection:
            self.database.one_at_a_time(connection)
            for key in ("email", "slack"):
                same = sa.select(users.c.name).where(users.c[key] == given.get(key), users.c.name != name)
                if key in given and connection.execute(same).first():
                    label = "e-mail address" if key == "email" else "Slack id"
                    raise BadQuestion(f"That {label} belongs to somebody else.", "Give each person their own.", code="taken")
            known = connection.execute(sa.update(users).where(users.c.name == name).values(**given)).rowcount
            if not known:
                connection.execute(sa.insert(users).values({"accounts": "all", **given, "name": name, "created": now()}))
            row = connection.execute(sa.select(users).where(users.c.name == name)).one()
        return User(**row._mapping)

    def user(self, name: str) -> User | None:
        return self._one(users.c.name == name)

    def user_of_slack(self, slack: str) -> User | None:
        return self._one(users.c.slack == slack)

    def user_of_email(self, email: str) -> User | None:
        """Upper and lower case are the same."""
        return self._one(users.c.email == (_address(email) or ""))

    def users(self) -> list[User]:
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(users).order_by(users.c.name)).all()
        return [User(**r._mapping) for r in rows]

    def remove_user(self, name: str) -> bool:
        """Forgets a person with their tokens and subscriptions; what they asked and decided stays. Gives whether there was one."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(tokens).where(tokens.c.user == name))
            connection.execute(sa.delete(subscriptions).where(subscriptions.c.principal == name))
            return connection.execute(sa.delete(users).where(users.c.name == name)).rowcount > 0

    def new_token(self, name: str, *, days: int | None = None) -> str:
        """A new bearer token, good for so many days; only its digest is kept. Fails: UnknownName."""
        token = "rpt_" + secrets.token_urlsafe(32)
        with self.database.writing() as connection:
            if connection.execute(sa.select(users.c.name).where(users.c.name == name)).first() is None:
                raise UnknownName(f"Nobody called `{name}` is known here.", "Add them with `rapport user add`.")
            connection.execute(sa.insert(tokens).values(digest=_digest(token), user=name, created=now(), expires=_end(days)))
        return token

    def tokens_of(self, name: str) -> list[Token]:
        """Every token of a person, the newest last."""
        query = sa.select(tokens).where(tokens.c.user == name).order_by(tokens.c.created, tokens.c.digest)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return [Token(r.digest[:ID], r.user, r.created, r.expires, r.revoked) for r in rows]

    def user_of_token(self, token: str) -> User | None:
        """Whose token it is; None where it was never given out, has run out or has been revoked."""
        alive = sa.or_(tokens.c.expires.is_(None), tokens.c.expires > now())
        mine = sa.and_(tokens.c.user == users.c.name, tokens.c.digest == _digest(token))
        return self._one(sa.and_(mine, tokens.c.revoked.is_(None), alive))

    def revoke_token(self, token: str) -> bool:
        """Gives whether it was valid until now."""
        return self._revoke(tokens.c.digest == _digest(token)) > 0

    def revoke_token_of(self, name: str, token_id: str) -> bool:
        """Revokes the token that `tokens_of` gives this id; whether it was valid until now."""
        if len(token_id) < ID or not token_id.isalnum():
            return False
        return self._revoke(sa.and_(tokens.c.user == name, tokens.c.digest.startswith(token_id, autoescape=True))) > 0

    def revoke_tokens_of(self, name: str) -> int:
        """Revokes every token of a person (for lost ones); gives how many were valid."""
        return self._revoke(tokens.c.user == name)

    def preference(self, principal: str, key: str) -> Any:
        """The value set by that person, or None."""
        query = sa.select(preferences.c.value).where(preferences.c.principal == principal, preferences.c.key == key)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def set_preference(self, principal: str, key: str, value: Any) -> None:
        with self.database.writing() as connection:
            self.database.put(connection, preferences, {"principal": principal, "key": key}, {"value": value})

    def _one(self, where: sa.ColumnElement[bool]) -> User | None:
        with self.database.reading() as connection:
            row = connection.execute(sa.select(users).where(where)).first()
        return User(**row._mapping) if row else None

    def _revoke(self, where: sa.ColumnElement[bool]) -> int:
        valid = sa.update(tokens).where(where, tokens.c.revoked.is_(None)).values(revoked=now())
        with self.database.writing() as connection:
            return connection.execute(valid).rowcount


def _end(days: int | None) -> datetime | None:
    return now() + timedelta(days=days) if days is not None else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def _address(email: str | None) -> str | None:
    return (email or "").strip().lower() or None
