"""Faults of every kind, and the process killed at random moments: exactly one answer or reason for each event."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.integrations.serving import copied
from tests.integrations.slack.fake import FakeSlack
from tests.integrations.slack.storm import people, storm


@pytest.mark.slow
def test_every_event_is_answered_exactly_once_whatever_happens(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    with FakeSlack() as fake:
        people(home, fake)
        came = asyncio.run(storm(home, fake, events=120, kills=3, faults=0.15, at_once=20))
    assert (came.answers, came.doubles, came.silences, came.kills) == (120, 0, 0, 3)
    assert not [r for r in came.refused if "invalid_arguments" in r]
