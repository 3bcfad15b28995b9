"""What is to be done, as it is stored: enough to answer after a restart, nothing that only this process knows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from knowledge.state import State, Work

KIND = "slack"
What = Literal["ask", "brief", "themes", "claim", "share", "words"]


@dataclass(frozen=True)
class Job:
    """One thing to answer. `key` marks the message that answers it; `thread` is None for a conversation's top level;
    `origin` is the channel that a private answer could be shared to; `private` keeps it between us and the asker;
    `pressed`: a button did, in a channel, so that whose question it is has to be said."""

    what: What
    team: str
    user: str
    channel: str
    text: str
    key: str
    since: str
    enterprise: str | None = None
    thread: str | None = None
    conversation: str = ""
    private: bool = False
    origin: str = ""
    answer: str = ""
    pressed: bool = False

    def __post_init__(self) -> None:
        if any(not isinstance(v, str | bool | None) for v in self.__dict__.values()):
            raise ValueError("a job of another shape")

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Job:
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in payload.items() if k in known})


def new(what: What, team: str, user: str, channel: str, text: str, **more: Any) -> Job:
    """A job with a key of its own; it can be answered from now on (a little earlier, for clocks that differ)."""
    return Job(what, team, user, channel, text, uuid.uuid4().hex, **{"since": f"{time.time() - 60:.6f}", **more})


def store_all(state: State, given: Sequence[tuple[Job, str]]) -> list[bool]:
    """Keeps jobs with their events, all in one commit; gives of each whether its event is new."""
    return [n is not None for n in state.enqueue_all(KIND, [(asdict(job), f"slack:{event}") for job, event in given])]


def job_of(work: Work) -> Job:
    return Job.of(work.payload)
