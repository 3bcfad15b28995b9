"""The small demo company, and an assistant over it that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.conversation import InMemory
from assistant.engine import Engine
from assistant.questions import Answer, Turn
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope

Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def engine(company: Path) -> Engine:
    return Workspace(company).engine(memory=InMemory())


@pytest.fixture(scope="session")
def ask(engine: Engine) -> Ask:
    def asked(question: str, role: str = "manager", conversation: str | None = None) -> Answer:
        return engine.reply(Turn(question, Scope.of_role(role), conversation))

    return asked


@pytest.fixture(scope="session")
def reader(company: Path) -> Reader:
    return Workspace(company).reader(Scope.of_role("manager"))
