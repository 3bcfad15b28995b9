"""Conversations, and the answers given in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.state.chain import append
from knowledge.state.database import Database, now
from knowledge.state.tables import answers, turns

KEPT_IN_MIND = 20
MORE = ("table", "chart", "quotes", "citations", "choices", "nearest", "followups", "as_of", "timings_ms")


class Talk:
    """What was asked and answered."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def remember(self, conversation: str, principal: str, context: dict[str, Any], question: str, answer_id: str) -> None:
        """Keeps what a turn was about, for the next turn of the same person in the same conversation."""
        values = {"conversation": conversation, "principal": principal, "context": context, "answer_id": answer_id}
        with self.database.writing() as connection:
            connection.execute(sa.insert(turns).values(**values, question=_plain(question), at=now()))

    def recall(self, conversation: str, principal: str) -> list[dict[str, Any]]:
        """The contexts of this person's turns in this conversation, newest first, at most 20."""
        whose = sa.and_(turns.c.conversation == conversation, turns.c.principal == principal)
        query = sa.select(turns.c.context).where(whose).order_by(turns.c.id.desc()).limit(KEPT_IN_MIND)
        with self.database.reading() as connection:
            return [dict(c) for c in connection.execute(query).scalars()]

    def recall_before(self, conversation: str, principal: str, answer_id: str) -> list[dict[str, Any]]:
        """What `recall` gave before the turn that has this answer."""
        whose = sa.and_(turns.c.conversation == conversation, turns.c.principal == principal)
        its = sa.select(sa.func.max(turns.c.id)).where(whose, turns.c.answer_id == answer_id).scalar_subquery()
        query = sa.select(turns.c.context).where(whose, turns.c.id < its).order_by(turns.c.id.desc()).limit(KEPT_IN_MIND)
        with self.database.reading() as connection:
            return [dict(c) for c in connection.execute(query).scalars()]

    def log_answer(
        self,
        answer: dict[str, Any],
        scope_principal: str,
        role: str,
        conversation: str | None,
        question: str,
        seen: dict[str, Any] | None = None,
    ) -> None:
        """Keeps an Answer (as JSON) so that it can be explained and made again, and tells the audit log; the first one with an id
        stays. `seen` says with what rights it was made."""
        values = {
            "id": answer["id"],
            "conversation": conversation,
            "principal": scope_principal,
            "role": role,
            "at": now(),
            "question": _plain(question),
            "status": answer["status"],
            "plan": answer.get("plan") or {},
            "snapshot": answer.get("snapshot") or "",
            "figures": answer.get("figures") or [],
            "text": _plain(answer.get("text") or ""),
            "more": {**{name: answer.get(name) for name in MORE}, "seen": seen},
        }
        told = {
            "answer": answer["id"], "question": values["question"], "status": answer["status"], "snapshot": values["snapshot"],
            "plan": values["plan"].get("operation"), "digest": digest_of(answer),
        }  # fmt: skip
        with self.database.writing() as connection:
            if self.database.add(connection, answers, **values):
                append(self.database, connection, scope_principal, role, "answer", told)

    def answer(self, answer_id: str) -> dict[str, Any] | None:
        """The logged answer, its columns by name; None where there is none."""
        with self.database.reading() as connection:
            row = connection.execute(sa.select(answers).where(answers.c.id == answer_id)).first()
        return dict(row._mapping) if row else None

    def whole_answer(self, answer_id: str) -> dict[str, Any] | None:
        """The logged answer as the contract's JSON, with `principal`, `role`, `conversation` and `question` of its asking."""
        row = self.answer(answer_id)
        if row is None:
            return None
        more = row.pop("more") or {}
        row.pop("at")
        return {**row, **{name: more.get(name) for name in MORE}, "seen": more.get("seen")}

    def answers_of(self, principal: str, limit: int = 100) -> list[dict[str, Any]]:
        """The newest answers of one person, newest first: id, question, status, conversation, at."""
        columns = (answers.c.id, answers.c.question, answers.c.status, answers.c.conversation, answers.c.at)
        query = sa.select(*columns).where(answers.c.principal == principal).order_by(answers.c.at.desc()).limit(limit)
        with self.database.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def forget_answers(self, before: datetime) -> int:
        """Removes what was asked and answered before a moment; the log keeps that it was, and digests. Gives how many answers."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(turns).where(turns.c.at < before))
            return connection.execute(sa.delete(answers).where(answers.c.at < before)).rowcount

    def snapshots_named(self) -> frozenset[str]:
        """Ids of the snapshots that logged answers were made from."""
        with self.database.reading() as connection:
            return frozenset(connection.execute(sa.select(answers.c.snapshot).distinct()).scalars())


def digest_of(answer: Mapping[str, Any]) -> str:
    """What was said, as one value: the audit log keeps it, so that an answer that was changed afterwards is told."""
    said = [answer["id"], _plain(answer.get("text") or ""), answer.get("figures") or []]
    return hashlib.sha256(
        json.dumps(said, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    ).hexdigest()


def _plain(text: str) -> str:
    """Without NUL, which PostgreSQL cannot keep."""
    return text.replace("\0", "")
