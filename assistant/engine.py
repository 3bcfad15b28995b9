"""The one entrance: a turn in, a checked answer out. Every door enters here."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from assistant import answer as answers
from assistant import documents, guard, introduction, locales, other_languages, parts, plan, talk
from assistant.conversation import Memory, complete, context_of, period_in_mind, restored, visible, year_in_mind
from assistant.locales import localised
from assistant.model.calls import Call, Model
from assistant.questions import Answer, Choice, Plan, Question, Turn
from assistant.reader.confidence import Signs, enough, likelihood, signs
from assistant.reader.fitness import SURE, says_something
from assistant.reader.read import OF_THE_FIELD, OUTSIDE, Reading, settle
from assistant.reader.spans import ReadQuestion, Workspace, with_names
from assistant.reader.turns import turned
from assistant.refuse import fault, not_to_be_told, refusal
from assistant.said_back import said_back
from assistant.serialise import to_json
from assistant.shape import framed, namer
from assistant.understand import definitions as definitions_said
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from assistant.understand.read import understand, words_of
from assistant.understand.times import changed_between
from assistant.understand.tokens import corrected
from assistant.vocabularies import Vocabularies
from knowledge.access import Reader, Scope
from knowledge.compile import keep_ready
from knowledge.entities.ids import of_number
from knowledge.errors import NoData, RapportError, Unavailable
from knowledge.metrics import definitions, find
from knowledge.metrics.own import in_force
from knowledge.query import coverage
from knowledge.records import Period

ALWAYS_ASKED = ("service", "performance", "quality")
"""Words whose reading is asked for every time, whatever was chosen before."""
OF_FIELD_SURELY = 0.9
"""So sure a question is one about the field that a number or a name in it does not speak against it."""
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


class Learned(Protocol):
    """The trained part of the reader."""

    def read(self, text: str, *, first: bool) -> ReadQuestion:
        """The roles of the words of a question, its kind, and what its spans mean; `first`: nothing was said before it."""
        ...

    def alike(self, one: str, other: str) -> float:
        """How near two texts are in meaning, -1..1."""
        ...


KINDS = ("metric", "fact", "group", "condition")


def get_ready(learned: Learned) -> None:
    """Looks up what words may mean, which else the first who asks in words of their own waits for (longest for a company's own
    records: those that ship have their vectors)."""
    read = learned.read("revenue", first=True)
    for kind in KINDS:
        read.nearest("revenue", kind)


@dataclass(frozen=True)
class _Desk:
    """What one turn is answered with."""

    turn: Turn
    reader: Reader
    vocabulary: Vocabulary
    covered: Period
    confirmed: int | None = None
    """Which of the readings that were asked back is meant."""
    offers: bool = True
    """Whether readings may be offered to choose from."""


class Engine:
    """Answers turns over one snapshot. `reader_for` gives the reader of a scope; `memory` keeps threads and choices; `learned` is the
    trained part of the reader; `model`, where there is one, reads what neither can and words answers; `vocabularies` may be shared
    by engines."""

    def __init__(
        self,
        reader_for: Callable[[Scope], Reader],
        memory: Memory,
        model: Model | None = None,
        learned: Learned | None = None,
        vocabularies: Vocabularies | None = None,
    ) -> None:
        self.likely: Callable[[Signs], float] = likelihood
        """How likely a reading is what was asked; below `confidence.enough()` it is asked back."""
        self._learned = learned
        self._reader_for = reader_for
        self._memory = memory
        self._model = model
        self._readers: dict[Scope, Reader] = {}
        self._vocabularies = vocabularies or Vocabularies()
        self._covered: dict[tuple[str, frozenset[str] | None], Period] = {}

    def reply(self, turn: Turn, progress: Callable[[str], None] = lambda _: None) -> Answer:
        """The answer to one turn: an answer, a choice, a refusal in words, or, where something of ours breaks, an `error` answer
        with a reference; `progress` hears what is being done.

        Fails: Unavailable (a store that does not answer), NoData (nothing was built yet)."""
        began = time.perf_counter()
        progress("reading the question")
        desk: _Desk | None = None
        try:
            desk = self._desk(turn)
            with in_force(definitions.of_snapshot(desk.reader.snapshot)):
                return self._reply(desk, began, progress)
        except RapportError as err:
            if desk is None or isinstance(err, Unavailable):
                raise
            return refusal(err, desk.reader, None) if err.exit_code == 1 else fault(err)
        except Exception as err:  # whatever it is, the next question is answered
            return fault(err)

    def _reply(self, desk: _Desk, began: float, progress: Callable[[str], None]) -> Answer:
        turn = desk.turn
        recalled = self._memory.recall(turn.conversation, turn.scope.principal) if turn.conversation else []
        contexts = [c for c in recalled if visible(c, turn.scope)]
        desk = replace(desk, confirmed=talk.confirmed(turn.text, contexts))
        asked, preferred = self._chosen(desk, contexts)
        offered = _offered(contexts)
        contexts = [c for c in contexts if not c.get("pending")]
        ready = time.perf_counter()
        progress("looking up the figures")
        said: list[Answer] = []
        kept: Mapping[str, Any] = contexts[0] if contexts else {}
        reading, about = 0.0, ""
        whole_only = talk.commands(asked) or talk.spoken(asked, contexts)
        for text in [asked] if whole_only else self._pieces(asked):
            before = [kept, *contexts] if said else contexts
            if said and said[-1].status in ("out_of_scope", "clarify"):
                before = []  # what goes on with a question that was not understood goes on with nothing
            pieced = self._answers(f"{about}{text}", desk, preferred, before)
            said += [answer for answer, _, _ in pieced]
            kept = pieced[-1][1]
            reading += sum(took for _, _, took in pieced)
            about = self._still_about(text, pieced[-1][0], about)
        whole = said[0] if len(said) == 1 else guard.check(parts.joined(said))
        if whole.status == "out_of_scope" and (told := other_languages.sentence(asked)) is not None:
            whole = replace(whole, text=f"{told}\n\n{whole.text}")
        whole = localised(whole, locales.of(desk.reader))
        done = time.perf_counter()
        took_ms = {
            "understand": _ms(ready - began + reading),
            "answer": _ms(done - ready - reading),
            "total": _ms(done - began),
        }
        whole = replace(whole, timings_ms=took_ms)
        self._keep(desk, whole, {**kept, "offered": offered} if offered else kept, contexts)
        self._memory.log(to_json(whole), turn.scope, turn.conversation, turn.text)
        return whole

    def prepare(self, scope: Scope) -> None:
        """Gets ready for questions of that scope: names, what the data covers, and what the usual figures are made from."""
        desk = self._desk(Turn("", scope))
        keep_ready([find(name) for name in USUAL], desk.reader)

    def vocabulary(self, reader: Reader) -> Vocabulary:
        """The names that this reader may see."""
        return self._vocabularies.of(reader)

    def _desk(self, turn: Turn) -> _Desk:
        reader = self._readers.get(turn.scope)
        if reader is None:
            while len(self._readers) >= MOST_READERS:
                self._readers.pop(next(iter(self._readers)))
            reader = self._readers[turn.scope] = self._reader_for(turn.scope)
        seen = (reader.snapshot.id, turn.scope.accounts)
        if seen not in self._covered:
            self._covered[seen] = coverage(reader)
        return _Desk(turn, reader, self.vocabulary(reader), self._covered[seen])

    def _answers(
        self, text: str, desk: _Desk, preferred: Mapping[str, str], contexts: Sequence[Mapping[str, Any]]
    ) -> list[tuple[Answer, Mapping[str, Any], float]]:
        """What one piece of a message is answered with: where it is not understood as a whole and names several figures, each of them
        for itself, with what is not understood of those that are not."""
        whole = self._one(text, desk, preferred, contexts)
        if whole[0].status != "out_of_scope" or self._learned is None or definitions_said.taken_out(text)[1]:
            return [whole]
        pieces = parts.measured_apart(text, self._learned.read(text, first=not contexts))
        if len(pieces) < 2:
            return [whole]
        alone = replace(desk, offers=False)  # a yes would be to the message, not to a part of it
        apart = [self._one(piece, alone, preferred, contexts) for piece in pieces]
        return apart if any(a.status == "answered" for a, _, _ in apart) else [whole]

    def _still_about(self, text: str, answer: Answer, about: str) -> str:
        """Whom a piece of a message that was not understood is about: the next piece is about them too, if it names nobody."""
        if self._learned is None or answer.status not in ("out_of_scope", "clarify"):
            return ""
        names = [s.text for s in self._learned.read(text, first=True).spans if s.role == "n" and s.sure >= SURE]
        return f"{', '.join(names)}: " if names else about

    def _one(
        self, text: str, desk: _Desk, preferred: Mapping[str, str], contexts: Sequence[Mapping[str, Any]]
    ) -> tuple[Answer, Mapping[str, Any], float]:
        """One question's answer, the context that it leaves, and the seconds it took to read."""
        began = time.perf_counter()
        today = desk.reader.snapshot.as_of.date()
        if talk.thanked(text):
            welcome = framed(desk.reader, Plan("value", slots={"operation": "thanks"}), "answered", "You are welcome.")
            return welcome, contexts[0] if contexts else {}, time.perf_counter() - began
        if introduction.wanted(text):
            return introduction.answer(desk.reader), contexts[0] if contexts else {}, time.perf_counter() - began
        if talk.disputed(text):
            asked = framed(desk.reader, Plan("value"), "clarify", talk.doubted(contexts))
            return asked, contexts[0] if contexts else {}, time.perf_counter() - began
        if talk.commands(text):
            refused = not_to_be_told(desk.reader, Question(text))
            return refused, contexts[0] if contexts else {}, time.perf_counter() - began
        command = talk.spoken(text, contexts)
        former: Mapping[str, Any] | None = None
        reading = Reading(Question(text))
        if command:
            question, former = command
        else:
            reading = self._settled(text, desk, preferred, contexts)
            offered_before = list(_told_apart(reading, desk).values()) if desk.confirmed is not None else []
            if offered_before:
                reading = replace(reading, question=offered_before[min(desk.confirmed or 0, len(offered_before) - 1)])
            question = reading.question
        took = time.perf_counter() - began
        made = plan.make(question, today, desk.covered)
        told = None
        if not command:
            lost = made.status == "out_of_scope"
            told = _of_a_document(text, reading, desk) or _of_the_field(text, reading, desk, refused=lost)
        back = self._asked_back(text, reading, desk) if told is None and made.status == "answered" else None
        of_field = reading.is_of(OF_THE_FIELD) and not command
        said = told or (_in_texts(text, reading, desk) if made.status == "out_of_scope" and of_field else None)
        if said is None and made.status == "out_of_scope" and (offered := self._guessed(reading, desk)) is not None:
            return offered, contexts[0] if contexts else {}, took
        said = said or answers.run(made, question, desk.reader, desk.vocabulary)
        if back is not None and said.status not in ("out_of_scope", "not_allowed"):  # a yes that is refused helps nobody
            return back, contexts[0] if contexts else {}, took
        calls: list[Call | None] = []
        if told is None and said.status == "out_of_scope" and not command:
            said = _of_the_field(text, reading, desk, refused=True) or _in_texts(text, reading, desk) or said
        if said.status == "out_of_scope" and reading.rest is not None:
            said = self._without_the_unknown(said, reading.rest, desk)
        if said.status == "out_of_scope":
            question, said = self._read_by_model(question, said, desk, calls)
        if question.assumed and said.status == "answered":
            chosen = "; ".join(
                f"“{words}” is read as {label}, say “which {words}” to choose again" for words, label in question.assumed
            )
            said = replace(said, text=f"{said.text}\n\n_As you chose before: {chosen}._")
        said = self._worded(guard.check(said), desk, calls)
        moved_on = said.status in ("answered", "no_data", "not_allowed") or not contexts
        kept = former or (context_of(question, contexts) if moved_on else contexts[0])
        return said, kept, took

    def _asked_back(self, text: str, reading: Reading, desk: _Desk) -> Answer | None:
        """The reading of a figure or a list said back as a question, where it is not likely enough that it is what was asked."""
        if desk.confirmed is not None or reading.question.choices:
            return None
        said = said_back(reading.question, namer(desk.vocabulary))
        if not said or not self._doubted(text, reading, said):
            return None
        return self._said_back(f"I am not sure that I read this right: {said}?", "not sure", (said,), desk)

    def _guessed(self, reading: Reading, desk: _Desk) -> Answer | None:
        """What a question that is not understood may mean, to choose from; None where nothing comes near."""
        said = _told_apart(reading, desk)
        if not said or not desk.offers or desk.confirmed is not None or (self._model is not None and self._model.reads):
            return None
        not_known = " and ".join(f"“{w}”" for w in reading.question.unknown)
        return self._said_back(f"I do not know {not_known} here. Do you mean: {'; or '.join(said)}?", "candidates", said, desk)

    def _without_the_unknown(self, refused: Answer, rest: Question, desk: _Desk) -> Answer:
        """The refusal, with the question that is left without the words that are not known first among the nearest."""
        sentence = said_back(rest, namer(desk.vocabulary))
        if not sentence or not self._gives(sentence, desk):
            return refused
        return replace(refused, nearest=tuple(dict.fromkeys((sentence, *refused.nearest)))[:3])

    def _said_back(self, text: str, kind: str, readings: Collection[str], desk: _Desk) -> Answer:
        """A question back with readings, by the sentences that say them back. In a thread each can be chosen; without one a sentence is
        a choice only where asking it gives that very reading."""
        choices = tuple(Choice(s, s) for s in readings if desk.turn.conversation or self._gives(s, desk))
        asked = Plan("value", status="clarify", choices=choices, slots={"reading": kind, "names": list(readings)})
        return framed(desk.reader, asked, "clarify", text, choices=choices)

    def _gives(self, sentence: str, desk: _Desk) -> bool:
        """Whether asking the sentence is answered by the reading that it says back."""
        reading = self._settled(sentence, desk, {}, [])
        same = not reading.question.unknown and said_back(reading.question, namer(desk.vocabulary)) == sentence
        return same and not self._doubted(sentence, reading, sentence)

    def _doubted(self, text: str, reading: Reading, said: str) -> bool:
        """Whether the reading, which `said` says back, is not likely enough to be what was asked."""
        of_records = bool(reading.question.things and reading.question.ranked and reading.question.limit)  # read by a grammar
        if self._learned is None or reading.tagged is None or of_records:
            return False
        seen = signs(
            text, reading.question, said, self._learned.alike, tagged=reading.tagged, by_words=reading.by_words, learned=reading.learned
        )  # fmt: skip
        return self.likely(seen) < enough()

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
        read = said_back(other, namer(desk.vocabulary))
        return other, replace(answer, text=f"{answer.text}\n\n_A language model read the question as: {read}._")

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

    def _read(
        self,
        text: str,
        desk: _Desk,
        preferred: Mapping[str, str],
        contexts: Sequence[Mapping[str, Any]],
        idle: Collection[tuple[int, int]] = (),
    ) -> Question:
        fiscal = int(desk.reader.snapshot.facts.get("fiscal_year_start", 1) or 1)
        today = desk.reader.snapshot.as_of.date()
        anchor = period_in_mind(contexts)
        return understand(text, desk.vocabulary, today, fiscal, year_in_mind(contexts), preferred, anchor, idle)

    def _pieces(self, text: str) -> list[str]:
        """The questions of a message."""
        pieces = parts.split(text)
        if self._learned is None or len(pieces) == 1:
            return pieces
        if documents.on_what_was_said(pieces) or self._sets_apart(text, pieces, self._learned):
            return [text]
        return parts.asking(pieces, [self._learned.read(p, first=i == 0) for i, p in enumerate(pieces)])

    def _sets_apart(self, text: str, pieces: Sequence[str], learned: Learned) -> bool:
        """Whether a message asks how two things of the field differ, and a piece of it ("which one is stricter?") would ask nothing alone."""
        if learned.read(text, first=True).op[0][0] not in OF_THE_FIELD:
            return False
        from assistant.concept_match import asked

        wanted = asked(text)
        return wanted is not None and wanted.part == "difference" and any(asked(piece) is None for piece in pieces)

    def _settled(self, text: str, desk: _Desk, preferred: Mapping[str, str], contexts: Sequence[Mapping[str, Any]]) -> Reading:
        """The question by its words, or as the learned reader has it where words do not account for it; a follow-up is completed from
        the thread, as the edit of the last question that the learned reader takes it for where that is one."""
        last = contexts[0] if contexts and contexts[0].get("n") else None
        said, contradicted = definitions_said.taken_out(text)  # both readers get what is left, so that places in it agree
        said = corrected(said, words_of(desk.vocabulary))
        fiscal = int(desk.reader.snapshot.facts.get("fiscal_year_start", 1) or 1)
        calendar = Calendar(desk.reader.snapshot.as_of.date(), fiscal, year_in_mind(contexts), period_in_mind(contexts))
        if self._learned is None or contradicted:
            return Reading(changed_between(complete(self._read(text, desk, preferred, contexts), contexts), calendar))
        where = Workspace(desk.vocabulary, calendar, None, preferred, said, lambda raw: of_number(raw, desk.reader))
        tagged = with_names(said, self._learned.read(said, first=last is None), desk.vocabulary)
        if last is not None:
            near = replace(where, nearest=tagged.nearest, preferred=None)
            turn = turned(said, restored(last, str(last.get("text"))), tagged, near)
            if turn is not None and not (turn.unknown or turn.choices):
                return Reading(changed_between(turn, calendar), tagged=tagged)
            by_words = self._read(said, desk, preferred, contexts)
            if by_words.follow_up or by_words.refers:
                completed = complete(by_words, contexts)
                if not (by_words.unknown or completed.choices) and says_something(completed):
                    return Reading(changed_between(completed, calendar), tagged=tagged)
        read = settle(said, lambda idle: self._read(said, desk, preferred, contexts, idle), tagged, where)
        return replace(read, question=changed_between(complete(read.question, contexts), calendar))

    def _chosen(self, desk: _Desk, contexts: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, str]]:
        """The question that the turn asks, and what this person means by near-tied words: a choice that it picks is kept."""
        turn, who = desk.turn, desk.turn.scope.principal
        preferred = talk.preferences(self._memory.recall(talk.CHOICES, who))
        pending = contexts[0].get("pending") if contexts else None
        picked = talk.chosen(turn.text, pending["choices"]) if pending else None
        if desk.confirmed is not None and pending is not None:
            return str(pending["text"]), preferred
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
            left = {
                **(contexts[0] if contexts else {}),
                "pending": {
                    "choices": offered,
                    "words": answer.plan.get("asked", ""),
                    "reading": answer.plan.get("reading", ""),
                    "text": turn.text,
                },
            }
        self._memory.remember(turn.conversation, turn.scope.principal, left, turn.text, answer.id)


def _told_apart(reading: Reading, desk: _Desk) -> dict[str, Question]:
    """The readings that may be chosen from, by the sentences that say them back."""
    name = namer(desk.vocabulary)
    return {said: q for q in reading.candidates if (said := said_back(q, name))}


def _of_the_field(text: str, reading: Reading, desk: _Desk, *, refused: bool) -> Answer | None:
    """What the handbook says to a question about the field: where one is asked, and where nothing else answers a question that may be
    one. None where names, times or groups of the company are spoken of."""
    question = reading.question
    surely = reading.kind in OF_THE_FIELD and reading.sure >= OF_FIELD_SURELY
    groups = set(question.by) - {e.dimension for e in question.entities}  # these go with the names, which are looked at below
    if question.period or question.only is not None or question.follow_up or (groups and not surely):
        return None
    from assistant.concept_match import named_at

    names = named_at(text) if question.entities else []
    if not all(any(start <= e.start and e.end <= end for start, end in names) for e in question.entities):
        return None
    defines = question.operation == "define" and reading.kind in OF_THE_FIELD  # both readers say so
    asks = defines or reading.is_of(OF_THE_FIELD)
    if not asks and not (refused and (not reading.kind or reading.kind in OF_THE_FIELD)):
        return None
    from assistant.concept_answer import concept

    defined = question.metrics if question.operation == "define" else ()
    return concept(text, desk.reader, sure=surely, defined=defined)


def _in_texts(text: str, reading: Reading, desk: _Desk) -> Answer | None:
    """What nothing else answers: what the company's documents say to one who asks for a rule, or what the handbook says to a question
    about the field that names no entry. None where names, times or figures are spoken of."""
    question = reading.question
    named = reading.tagged is not None and any(x.role == "n" and x.sure >= SURE for x in reading.tagged.spans)
    if (
        reading.kind == OUTSIDE
        or named
        or question.entities
        or question.period
        or question.only is not None
        or question.follow_up
    ):
        return None
    slots = {"operation": "search", "search": text}
    if (said := documents.rule(Plan("search", search=text, slots=slots), text, desk.reader)) is not None:
        return said
    asks = reading.is_of(OF_THE_FIELD)
    if not asks and (question.by or question.metrics or documents.NUMBER_ASKED.search(text)):
        return None
    from assistant.concept_answer import described

    return described(text, desk.reader, likely=asks)


def _of_a_document(text: str, reading: Reading, desk: _Desk) -> Answer | None:
    """What the document says that is asked for by its name."""
    words = reading.by_words or reading.question
    if not words.document or (reading.sure >= OF_FIELD_SURELY and not reading.question.document):
        return None
    plan_of = Plan("search", search=text, slots={"operation": "search", "search": text})
    try:
        return documents.by_name(plan_of, text, desk.reader)
    except NoData as err:
        return refusal(err, desk.reader, None, plan_of, words)
    except RapportError:
        return None


def _offered(contexts: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The choices that the thread's last question back offered; one of them may be named again."""
    last = contexts[0] if contexts else {}
    return list((last.get("pending") or {}).get("choices") or last.get("offered") or [])


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
