"""The one entrance: a turn in, a checked answer out. Every door enters here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant import answer as answers
from assistant import guard, locales, parts, plan, talk
from assistant.conversation import Memory, complete, context_of, period_in_mind, year_in_mind
from assistant.locales import localised
from assistant.model.calls import Call, Model
from assistant.questions import Answer, Question, Turn
from assistant.refuse import not_to_be_told
from assistant.serialise import to_json
from assistant.shape import namer
from assistant.understand.entities import Vocabulary, build_vocabulary
from assistant.understand.read import understand
from knowledge.access import Reader, Scope
from knowledge.compile import keep_ready
from knowledge.metrics import definitions, find
from knowledge.metrics.own import in_force
from knowledge.query import coverage
from knowledge.records import Period

ALWAYS_ASKED = ("service", "performance", "quality")
"""Words whose reading is asked for every time, whatever was chosen before."""
MOST_READERS = 64
USUAL = (
    "revenue",
    "orders",
    "otd",
    "fill_rate",
    "return_rate",
    "feedback_count",
    "net_sentiment",
    "gross_margin",
    "order_cycle_time",
    "first_response_hours",
)
"""The figures that are asked for most, of each kind of record."""


@dataclass(frozen=True)
class _Desk:
    """What one turn is answered with."""

    turn: Turn
    reader: Reader
    vocabulary: Vocabulary
    covered: Period


class Engine:
    """Answers turns over one snapshot. `reader_for` gives the reader of a scope; `memory` keeps threads and choices; `model`, where
    there is one, reads what the rules cannot and words answers."""

    def __init__(self, reader_for: Callable[[Scope], Reader], memory: Memory, model: Model | None = None) -> None:
        self._reader_for = reader_for
        self._memory = memory
        self._model = model
        self._readers: dict[Scope, Reader] = {}
        self._vocabularies: dict[tuple[str, frozenset[str] | None], Vocabulary] = {}
        self._covered: dict[tuple[str, frozenset[str] | None], Period] = {}

    def reply(self, turn: Turn, progress: Callable[[str], None] = lambda _: None) -> Answer:
        """The answer to one turn: an answer, a choice, or a refusal in words; `progress` hears what is being done.

        Fails: Unavailable (a store that does not answer)."""
        began = time.perf_counter()
        progress("reading the question")
        desk = self._desk(turn)
        with in_force(definitions.of_snapshot(desk.reader.snapshot)):
            return self._reply(desk, began, progress)

    def _reply(self, desk: _Desk, began: float, progress: Callable[[str], None]) -> Answer:
        turn = desk.turn
        contexts = self._memory.recall(turn.conversation, turn.scope.principal) if turn.conversation else []
        asked, preferred = self._chosen(desk, contexts)
        offered = _offered(contexts)
        contexts = [c for c in contexts if not c.get("pending")]
        ready = time.perf_counter()
        progress("looking up the figures")
        said: list[Answer] = []
        kept: Mapping[str, Any] = contexts[0] if contexts else {}
        reading = 0.0
        whole_only = talk.commands(asked) or talk.spoken(asked, contexts)
        for text in [asked] if whole_only else parts.split(asked):
            answer, kept, took = self._one(text, desk, preferred, [kept, *contexts] if said else contexts)
            said.append(answer)
            reading += took
        whole = said[0] if len(said) == 1 else guard.check(parts.joined(said))
        whole = localised(whole, locales.of(desk.reader))
        done = time.perf_counter()
        took_ms = {
            "understand": _ms(ready - began + reading),
            "answer": _ms(done - ready - reading),
            "total": _ms(done - began),
        }
        whole = replace(whole, timings_ms=took_ms)
        self._keep(desk, whole, {**kept, "offered": offered} if offered else kept, contexts)
        self._memory.log(to_json(whole), turn.scope.principal, turn.scope.role, turn.conversation, turn.text)
        return whole

    def prepare(self, scope: Scope) -> None:
        """Gets ready for questions of that scope: names, what the data covers, and what the usual figures are made from."""
        desk = self._desk(Turn("", scope))
        keep_ready([find(name) for name in USUAL], desk.reader)

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

    def _desk(self, turn: Turn) -> _Desk:
        reader = self._readers.get(turn.scope)
        if reader is None:
            if len(self._readers) >= MOST_READERS:
                self._readers.clear()
            reader = self._readers[turn.scope] = self._reader_for(turn.scope)
        seen = (reader.snapshot.id, turn.scope.accounts)
        if seen not in self._covered:
            self._covered[seen] = coverage(reader)
        return _Desk(turn, reader, self.vocabulary(reader), self._covered[seen])

    def _one(
        self, text: str, desk: _Desk, preferred: Mapping[str, str], contexts: Sequence[Mapping[str, Any]]
    ) -> tuple[Answer, Mapping[str, Any], float]:
        """One question's answer, the context that it leaves, and the seconds it took to read."""
        began = time.perf_counter()
        today = desk.reader.snapshot.as_of.date()
        if talk.commands(text):
            refused = not_to_be_told(desk.reader, Question(text))
            return refused, contexts[0] if contexts else {}, time.perf_counter() - began
        command = talk.spoken(text, contexts)
        former: Mapping[str, Any] | None = None
        if command:
            question, former = command
        else:
            question = complete(self._read(text, desk, preferred, contexts), contexts)
        took = time.perf_counter() - began
        made = plan.make(question, today, desk.covered)
        said = answers.run(made, question, desk.reader, desk.vocabulary)
        calls: list[Call | None] = []
        if made.status == said.status == "out_of_scope":
            question, said = self._read_by_model(question, said, desk, calls)
        if question.assumed and said.status == "answered":
            told = "; ".join(
                f"“{words}” is read as {label}, say “which {words}” to choose again" for words, label in question.assumed
            )
            said = replace(said, text=f"{said.text}\n\n_As you chose before: {told}._")
        said = self._worded(guard.check(said), desk, calls)
        moved_on = said.status in ("answered", "no_data", "not_allowed") or not contexts
        kept = former or (context_of(question, contexts) if moved_on else contexts[0])
        return said, kept, took

    def _read_by_model(
        self, question: Question, said: Answer, desk: _Desk, calls: list[Call | None]
    ) -> tuple[Question, Answer]:
        """The question as the language model reads it, with its answer, where that is one; else both as they are."""
        if self._model is None or not self._model.reads or self._model.resting():
            return question, said
        from assistant.model import reading

        other, call = reading.read(question, desk.reader, desk.vocabulary, self._model)
        calls.append(call)
        if other is None:
            return question, said
        made = plan.make(other, desk.reader.snapshot.as_of.date(), desk.covered)
        answer = answers.run(made, other, desk.reader, desk.vocabulary)
        if answer.status != "answered":
            return question, said
        return other, replace(answer, text=f"{answer.text}\n\n_A language model read the question as: {reading.told(other)}._")

    def _worded(self, said: Answer, desk: _Desk, calls: list[Call | None]) -> Answer:
        """The answer as the language model words it, where it may and says the same; with what it was sent in the plan."""
        if self._model is None:
            return said
        from assistant.model.wording import worded

        if self._model.words and not self._model.resting():
            said, call = worded(said, namer(desk.vocabulary), self._model)
            calls.append(call)
        made = [call.as_json() for call in calls if call is not None]
        return replace(said, plan={**said.plan, "model": made}) if made else said

    def _read(self, text: str, desk: _Desk, preferred: Mapping[str, str], contexts: Sequence[Mapping[str, Any]]) -> Question:
        fiscal = int(desk.reader.snapshot.facts.get("fiscal_year_start", 1) or 1)
        today = desk.reader.snapshot.as_of.date()
        anchor = period_in_mind(contexts)
        return understand(text, desk.vocabulary, today, fiscal, year_in_mind(contexts), preferred, anchor)

    def _chosen(self, desk: _Desk, contexts: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, str]]:
        """The question that the turn asks, and what this person means by near-tied words: a choice that it picks is kept."""
        turn, who = desk.turn, desk.turn.scope.principal
        preferred = talk.preferences(self._memory.recall(talk.CHOICES, who))
        pending = contexts[0].get("pending") if contexts else None
        picked = talk.chosen(turn.text, pending["choices"]) if pending else None
        if picked is not None and pending is not None:
            words, value = str(pending.get("words") or ""), desk.vocabulary.id_of(picked.label)
            if words and value and not words.startswith(ALWAYS_ASKED):
                self._memory.remember(talk.CHOICES, who, {"words": words, "value": value}, turn.text, "")
            return picked.question, {**preferred, words: value} if words and value else preferred
        label = None if pending else talk.named_again(turn.text, _offered(contexts))
        if label:
            return f"what about {label}", preferred
        forget = talk.forgotten(turn.text, preferred)
        if forget is None:
            return turn.text, preferred
        self._memory.remember(talk.CHOICES, who, {"words": forget, "value": None}, turn.text, "")
        return forget or turn.text, {k: v for k, v in preferred.items() if forget and k != forget}

    def _keep(self, desk: _Desk, answer: Answer, kept: Mapping[str, Any], contexts: Sequence[Mapping[str, Any]]) -> None:
        """What the thread remembers of the turn; of a question back, what was offered."""
        turn = desk.turn
        if not turn.conversation:
            return
        left = dict(kept)
        if answer.status == "clarify":
            offered = [{"label": c.label, "question": c.question} for c in answer.choices]
            left = {**(contexts[0] if contexts else {}), "pending": {"choices": offered, "words": answer.plan.get("asked", "")}}
        self._memory.remember(turn.conversation, turn.scope.principal, left, turn.text, answer.id)


def _offered(contexts: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The choices that the thread's last question back offered; one of them may be named again."""
    last = contexts[0] if contexts else {}
    return list((last.get("pending") or {}).get("choices") or last.get("offered") or [])


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
