"""The one entrance: a turn in, a checked answer out. Every door enters here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assistant import answer as answers
from assistant import guard, plan
from assistant.conversation import Memory, complete, context_of, year_in_mind
from assistant.questions import Answer, Question, Turn
from assistant.serialise import to_json
from assistant.understand.entities import Vocabulary, build_vocabulary
from assistant.understand.read import resolved, understand
from knowledge.access import Reader, Scope
from knowledge.query import coverage


class Engine:
    """Answers turns over one snapshot. `reader_for` gives the reader of a scope; `memory` keeps the threads."""

    def __init__(self, reader_for: Callable[[Scope], Reader], memory: Memory) -> None:
        self._reader_for = reader_for
        self._memory = memory
        self._vocabularies: dict[tuple[str, frozenset[str] | None], Vocabulary] = {}

    def reply(self, turn: Turn, progress: Callable[[str], None] = lambda _: None) -> Answer:
        """The answer to one turn: an answer, a choice, or a refusal in words; `progress` hears what is being done.

        Fails: Unavailable (a store that does not answer)."""
        began = time.perf_counter()
        progress("reading the question")
        reader = self._reader_for(turn.scope)
        vocabulary = self.vocabulary(reader)
        contexts = self._memory.recall(turn.conversation, turn.scope.principal) if turn.conversation else []
        question = self._question(turn, reader, vocabulary, contexts)
        read = time.perf_counter()
        progress("looking up the figures")
        made = plan.make(question, reader.snapshot.as_of.date(), coverage(reader))
        said = guard.check(answers.run(made, question, reader, vocabulary))
        done = time.perf_counter()
        said = replace(
            said, timings_ms={"understand": _ms(read - began), "answer": _ms(done - read), "total": _ms(done - began)}
        )
        if turn.conversation:
            keep = (
                context_of(question)
                if said.status in ("answered", "no_data", "not_allowed")
                else (contexts[0] if contexts else context_of(question))
            )
            self._memory.remember(turn.conversation, turn.scope.principal, keep, turn.text, said.id)
        self._memory.log(to_json(said), turn.scope.principal, turn.scope.role, turn.conversation, turn.text)
        return said

    def vocabulary(self, reader: Reader) -> Vocabulary:
        """The names that this reader may see; those of an unlimited reader come from the snapshot's file."""
        key = (reader.snapshot.id, reader.scope.accounts)
        if key not in self._vocabularies:
            file = reader.snapshot.folder / "vocabulary.json"
            if reader.scope.accounts is None and file.is_file():
                members = json.loads(file.read_text(encoding="utf-8"))
            else:
                members = build_vocabulary(reader)
            self._vocabularies[key] = Vocabulary(members)
        return self._vocabularies[key]

    def _question(self, turn: Turn, reader: Reader, vocabulary: Vocabulary, contexts: list[dict[str, Any]]) -> Question:
        fiscal = int(reader.snapshot.facts.get("fiscal_year_start", 1) or 1)
        question = understand(turn.text, vocabulary, reader.snapshot.as_of.date(), fiscal, year_in_mind(contexts))
        return complete(resolved(question, {}), contexts)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
