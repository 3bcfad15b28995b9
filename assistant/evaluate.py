"""How well questions are answered: a set with known answers is asked, and every reply is judged by its figures and status."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from assistant.engine import Engine
from assistant.questions import Answer, Turn
from assistant.serialise import to_json
from knowledge.access import Scope
from knowledge.errors import BadInput

REFUSALS = ("out_of_scope", "no_data", "not_allowed")
PROTOCOL = (
    "right: status as expected and every expected figure within its tolerance, in the expected order; false figure: a figure "
    "where a refusal or a question back was expected, or another value than expected; wrong refusal: answerable, yet refused; "
    "held: unanswerable, and refused or asked back; asked back: right after a yes to the reading that was said back"
)


@dataclass(frozen=True)
class Item:
    """One question and what is expected of the reply; without `expect` it only leads up to the next turn of its thread."""

    id: str
    question: str
    expect: Mapping[str, Any] = field(default_factory=dict)
    conversation: str | None = None
    as_: str | None = None
    workspace: str | None = None
    topic: str = ""
    truth: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How one reply was judged. `problem` is empty where it is right."""

    item: Item
    answer: Answer
    problem: str
    false_figure: bool
    wrong_refusal: bool
    asked_back: bool = False
    """The reading was said back first, and answered after a yes."""

    @property
    def right(self) -> bool:
        return not self.problem


def load(path: Path, only: str | None = None) -> list[Item]:
    """The items of a YAML file, of one workspace where `only` names it. Fails: BadInput."""
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as err:
        raise BadInput(f"{path} cannot be read as YAML.", "Give a list of {id, question, expect}.") from err
    rows = told.get("questions") if isinstance(told, dict) else told
    if not isinstance(rows, list):
        raise BadInput(f"{path} holds no list of questions.", "Give a list of {id, question, expect}.")
    items = [_item(row, number, path) for number, row in enumerate(rows, 1)]
    return [i for i in items if only is None or i.workspace in (None, only)]


def _item(row: Any, number: int, path: Path) -> Item:
    if not isinstance(row, dict) or "question" not in row:
        raise BadInput(f"{path}: entry {number} is not {{id, question, expect}}.", "Give each entry a question.")
    expect, truth = row.get("expect") or {}, row.get("truth") or {}
    if not isinstance(expect, dict) or not isinstance(truth, dict):
        raise BadInput(f"{path}: `expect` and `truth` of entry {number} must be mappings.", "See tests/questions/README.md.")
    return Item(
        str(row.get("id", number)),
        str(row["question"]),
        expect,
        str(row["conversation"]) if row.get("conversation") is not None else None,
        str(row["as"]) if row.get("as") else None,
        row.get("workspace"),
        str(row.get("topic", "")),
        truth,
    )


def evaluate(items: Sequence[Item], engine: Engine, scope_for: Callable[[str | None], Scope]) -> dict[str, Any]:
    """The scores of a set (flat): right, total, accuracy, false_figures, wrong_refusals, held, latencies, protocol."""
    return scores(ask_all(items, engine, scope_for))


def ask_all(items: Iterable[Item], engine: Engine, scope_for: Callable[[str | None], Scope]) -> list[Outcome]:
    """Asks every item in order (turns of a conversation share a thread) and judges those that expect something."""
    out = []
    for item in items:
        scope, thread = scope_for(item.as_), item.conversation or f"evaluated {item.id}"
        answer = engine.reply(Turn(item.question, scope, thread))
        outcome = judge(item, answer)
        if answer.plan.get("reading") and not unanswerable(item):
            told = judge(item, engine.reply(Turn("yes", scope, thread)))
            outcome = replace(told, asked_back=True) if told.right else outcome  # who is shown another reading says no
        if item.expect:
            out.append(outcome)
    return out


def scores(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The flat scores of judged replies."""
    answerable = [o for o in outcomes if not unanswerable(o.item)]
    others = [o for o in outcomes if unanswerable(o.item)]
    right = sum(o.right for o in outcomes)
    held = sum(o.answer.status in (*REFUSALS, "clarify") for o in others)
    times = sorted(float(o.answer.timings_ms.get("total", 0.0)) for o in outcomes)
    return {
        "right": right,
        "total": len(outcomes),
        "accuracy": _share(right, len(outcomes)),
        "false_figures": sum(o.false_figure for o in outcomes),
        "wrong_refusals": sum(o.wrong_refusal for o in outcomes),
        "wrong_refusals_share": _share(sum(o.wrong_refusal for o in outcomes), len(answerable)),
        "answerable": len(answerable),
        "unanswerable": len(others),
        "held": held,
        "held_share": _share(held, len(others)),
        "asked_back": sum(o.asked_back for o in outcomes),
        "p50_ms": _quantile(times, 0.5),
        "p95_ms": _quantile(times, 0.95),
        "protocol": PROTOCOL,
    }


def unanswerable(item: Item) -> bool:
    """Whether a refusal or a question back is the right reply."""
    return "answered" not in statuses(item.expect)


def statuses(expect: Mapping[str, Any]) -> tuple[str, ...]:
    """The statuses that are right: "refused" stands for every refusal, a list for any of its members."""
    said = expect.get("status", "refused" if expect.get("refuse") else "answered")
    listed = said if isinstance(said, list) else [said]
    return tuple(s for one in listed for s in (REFUSALS if one == "refused" else (str(one),)))


def judge(item: Item, answer: Answer) -> Outcome:
    """One reply against what was expected."""
    expect = item.expect
    wanted = statuses(expect)
    shown = answer.status == "answered" and any(isinstance(f.value, int | float) for f in answer.figures)
    if answer.status not in wanted:
        return Outcome(
            item,
            answer,
            f"status {answer.status}, expected {' or '.join(wanted)}",
            shown and "answered" not in wanted,
            "answered" in wanted and answer.status in (*REFUSALS, "error"),
        )
    if answer.status != "answered":
        return Outcome(item, answer, _beside(expect, answer), bool(expect.get("refuse")) and _leaks(expect, answer), False)
    wrong = _figures(expect, answer)
    return Outcome(item, answer, wrong or _beside(expect, answer), bool(wrong) and shown, False)


def _figures(expect: Mapping[str, Any], answer: Answer) -> str:
    """What is wrong with the figures; empty where they are as expected."""
    numbers = [f for f in answer.figures if isinstance(f.value, int | float)]
    tolerance = float(expect["tolerance"]) if "tolerance" in expect else None
    if "value" in expect:
        if not numbers:
            return f"no figure, expected {expect['value']}"
        if not _near(numbers[0].value, expect["value"], tolerance):
            return f"value {numbers[0].value}, expected {expect['value']}"
        if "unit" in expect and numbers[0].unit != expect["unit"]:
            return f"unit {numbers[0].unit}, expected {expect['unit']}"
    for value in expect.get("values", ()):
        if not any(_near(f.value, value, tolerance) for f in numbers):
            return f"no figure {value} among {[f.value for f in numbers][:6]}"
    if "metric" in expect and answer.figures:
        allowed = expect["metric"] if isinstance(expect["metric"], list) else [expect["metric"]]
        if answer.figures[0].metric not in allowed:
            return f"metric {answer.figures[0].metric}, expected {' or '.join(allowed)}"
    if "group" in expect:
        found = [(" ".join(map(str, f.group.values())).casefold(), f.value) for f in numbers if f.group]
        return _groups(expect, found, tolerance)
    return ""


def _groups(expect: Mapping[str, Any], found: list[tuple[str, Any]], tolerance: float | None) -> str:
    pairs = [(str(member).casefold(), value) for member, value in expect["group"]]
    if expect.get("unordered"):
        told = dict(found)
        for member, value in pairs:
            if member not in told or not _near(told[member], value, tolerance):
                return f"{member}: {told.get(member)}, expected {value}"
        return ""
    if len(found) < len(pairs):
        return f"{len(found)} groups, expected {len(pairs)}"
    for place, ((member, value), (name, got)) in enumerate(zip(pairs, found, strict=False), 1):
        if name != member or not _near(got, value, tolerance):
            return f"place {place} is {name} with {got}, expected {member} with {value}"
    return f"{len(found)} groups, expected {len(pairs)}" if expect.get("exactly") and len(found) != len(pairs) else ""


def _beside(expect: Mapping[str, Any], answer: Answer) -> str:
    """What is wrong besides the figures: words, period, choices, quotes."""
    said = f"{answer.text} {' '.join(q.text for q in answer.quotes)}".casefold()
    wanted = expect.get("contains", ())
    for words in [wanted] if isinstance(wanted, str) else wanted:
        if not any(w.casefold() in said for w in str(words).split("|")):
            return f"the text lacks “{words}”"
    if "period" in expect:
        period = next((f.period for f in answer.figures if f.period), None)
        told = [str(period.start), str(period.end)] if period else None
        if told != [str(d) for d in expect["period"]]:
            return f"period {told}, expected {[str(d) for d in expect['period']]}"
    offered = [f"{c.label} {c.question}".casefold() for c in answer.choices]
    for words in expect.get("choices", ()):
        if not any(str(words).casefold() in o for o in offered):
            return f"no choice “{words}” among {offered}"
    if expect.get("quotes") and len(answer.quotes) < int(expect["quotes"]):
        return f"{len(answer.quotes)} quotes, expected {expect['quotes']}"
    return ""


def _leaks(expect: Mapping[str, Any], answer: Answer) -> bool:
    refused = expect.get("metric")
    return refused is not None and any(f.metric == refused and f.value is not None for f in answer.figures)


def _near(got: Any, wanted: Any, tolerance: float | None) -> bool:
    """Equal within the tolerance; without one, half a cent on amounts and half of the sixth digit on shares."""
    if not isinstance(got, int | float) or isinstance(got, bool):
        return False
    allowed = tolerance if tolerance is not None else 0.005 if abs(float(wanted)) > 2 else 0.000005
    return math.isclose(float(got), float(wanted), rel_tol=1e-9, abs_tol=allowed)


def plan_key(answer: Answer) -> dict[str, Any]:
    """What makes two readings the same: status, queries, operation and what was searched; never wording or ids."""
    plan = to_json(answer)["plan"]
    kept = {
        k: plan.get(k) for k in ("operation", "queries", "search", "order_id", "document", "mood") if plan.get(k) is not None
    }
    return {
        "status": answer.status,
        "choices": [c.label for c in answer.choices],
        **(kept if answer.status == "answered" else {}),
    }


def understood(answer: Answer) -> str:
    """The reading of an answer in one line, for lists of failures."""
    plan = to_json(answer)["plan"]
    parts = [str(plan.get("operation") or "-")]
    for query in plan.get("queries", ())[:2]:
        where = ",".join(f"{f['dimension']}{'!=' if f['negated'] else '='}{'|'.join(f['values'])}" for f in query["where"])
        period = f"{query['period']['start']}..{query['period']['end']}" if query["period"] else ""
        told = (
            query["metric"],
            f"by {'+'.join(query['by'])}" if query["by"] else "",
            where,
            period,
            query["grain"],
            query["order"],
        )
        parts.append(" ".join(str(t) for t in told if t) + (f" limit {query['limit']}" if query["limit"] else ""))
    if plan.get("unknown"):
        parts.append(f"unknown={plan['unknown']}")
    return " | ".join(parts)


def failed(outcomes: Sequence[Outcome]) -> str:
    """What went wrong, grouped by topic: the question, the problem, what was understood and what was said."""
    lines: list[str] = []
    wrong = [o for o in outcomes if not o.right]
    for topic in dict.fromkeys(o.item.topic or "other" for o in wrong):
        listed = [o for o in wrong if (o.item.topic or "other") == topic]
        lines.append(f"## {topic}: {len(listed)}")
        for o in listed:
            mark = " FALSE FIGURE" if o.false_figure else " WRONG REFUSAL" if o.wrong_refusal else ""
            thread = f" [thread {o.item.conversation}]" if o.item.conversation else ""
            lines += [
                f"- {o.item.id}{thread} “{o.item.question}”{f' as {o.item.as_}' if o.item.as_ else ''}:{mark} {o.problem}",
                f"    read: {understood(o.answer)}",
                f"    said: {' '.join(o.answer.text.split())[:180]}",
            ]
        lines.append("")
    return "\n".join(lines) + "\n"


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
