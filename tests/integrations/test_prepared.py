"""A server that has been up for a moment keeps nobody waiting for what is made once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant.engine import KINDS
from assistant.questions import Turn
from integrations.live import Live
from knowledge.access import Scope
from tests.integrations.serving import copied


@pytest.mark.slow
def test_what_words_may_mean_is_looked_up_before_the_first_question(company: Path, tmp_path: Path) -> None:
    from assistant.reader.meaning import RECORDS, learned_reader

    assert set(RECORDS) == set(KINDS)
    learned_reader.cache_clear()
    live = Live(copied(company, tmp_path))
    live.prepare()
    learned = learned_reader()
    end = time.monotonic() + 300
    while len(learned._shelves) < len(KINDS):
        assert time.monotonic() < end
        time.sleep(0.1)
    live.reply(Turn("orders in 2026", Scope.of_role("manager")))
    began = time.process_time()
    said = live.reply(Turn("acme revenue", Scope.of_role("manager")))
    assert said.status in ("clarify", "answered")
    assert time.process_time() - began < 3  # it was eleven
    live.close()
