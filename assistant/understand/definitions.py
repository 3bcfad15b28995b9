"""Definitions inside a question: "…, which is the sum of A and B", "… where X is A divided by B". What they say is held against
the catalogue; one that agrees adds nothing and is taken out, one that does not is named, so that nothing else is answered."""

from __future__ import annotations

import re

from assistant.understand import lexicon
from assistant.understand.entities import normal
from assistant.understand.measures import KNOWN_RATIOS
from knowledge.metrics import find

GAP = r"\s{1,3}"
BODY = rf"(?:(?:the{GAP}){{0,3}}(?:sum|total(?:{GAP}amounts?)?){GAP}of\s|[^,?]{{1,80}}?{GAP}divided{GAP}by\s)"
DEFINED = rf"[\w\s-]{{1,80}}?{GAP}(?:is|are|equals|means){GAP}{BODY}"
BEGINS = re.compile(rf",?\s{{0,3}}\b(?:(?:which|that){GAP}is|where{GAP}(?={DEFINED}))\s{{0,3}}", re.IGNORECASE)
ENDS = re.compile(r"(?<!divided)\s+(?:by|per|for|in|during|since)\s|\s*[?.;]|$", re.IGNORECASE)
IS = re.compile(r"\s+(?:is|are|equals|means)\s+", re.IGNORECASE)
SUM = re.compile(r"^(?:the\s+)*(?:sum|total(?:\s+amounts?)?)\s+of\s+(?:the\s+)?(?P<parts>.+)$", re.IGNORECASE)
RATIO = re.compile(r"^(?P<top>.+?)\s+divided\s+by\s+(?P<bottom>.+)$", re.IGNORECASE)
MOST_WORDS, FARTHEST = 8, 160
EMPTY = re.compile(r"^(?:the|a|an|all|of|total|amounts?|number|sum)\s+|\s+(?:amounts?|totals?)$", re.IGNORECASE)


def taken_out(question: str) -> tuple[str, tuple[str, ...]]:
    """The question without the definitions in it, and those that say something else than the catalogue, as typed."""
    begin = BEGINS.search(question)
    if begin is None:
        return question, ()
    end = ENDS.search(question, begin.end())
    stop = end.start() if end else len(question)
    clause = question[begin.end() : stop].strip(" ,")
    before = question[: begin.start()]
    if begin.group().strip(" ,").lower().startswith("where"):
        defined = _terms(clause)
    else:
        defined = [(_last_metric(before)[0], clause)] if SUM.match(clause) or RATIO.match(clause) else []
    if not defined:
        return question, ()
    rest = before + question[stop:]
    return rest, tuple(
        f"{find(metric).label.lower() if metric else 'that'} as {body}"
        for metric, body in defined
        if metric is None or not _agrees(metric, body)
    )


def _terms(clause: str) -> list[tuple[str | None, str]]:
    """The metrics that are defined in "X is …, and Y is …", with what is said of each."""
    defined: list[tuple[str | None, str]] = []
    stop = len(clause)
    for verb in reversed(list(IS.finditer(clause))):
        metric, begin = _last_metric(clause[: verb.start()])
        defined.append((metric, re.sub(r"[,\s]+(?:and)?\s*$", "", clause[verb.end() : stop])))
        stop = begin
    return defined[::-1]


def _metric(said: str) -> str | None:
    """The metric that these words call by name; words that add nothing ("the", "amount") may stand around it."""
    known, text = lexicon.metric_phrases(), normal(said)
    while text:
        if text in known:
            return known[text]
        shorter = EMPTY.sub("", text).strip()
        if shorter == text:
            return None
        text = shorter
    return None


def _last_metric(before: str) -> tuple[str | None, int]:
    """The metric whose name, the longest that fits, ends the text, and where it begins; None where none does."""
    known, words = lexicon.metric_phrases(), list(re.finditer(r"\S+", before[-FARTHEST:]))
    skipped = max(0, len(before) - FARTHEST)
    for word in words[-MOST_WORDS:]:
        name = normal(before[skipped + word.start() :])
        if name in known:
            return known[name], skipped + word.start()
    return None, skipped + words[-1].start() if words else 0


def _agrees(metric: str, body: str) -> bool:
    """Whether the catalogue makes the metric of the same parts in the same way."""
    made = find(metric).made_of
    if not made:
        ratio = next((r for r, name in KNOWN_RATIOS.items() if name == metric), None)
        made = ("ratio", *ratio) if ratio else ()
    ratio_said, sum_said = RATIO.match(body), SUM.match(body)
    if ratio_said:
        top, bottom = ratio_said["top"], ratio_said["bottom"]
        top = SUM.match(top)["parts"] if SUM.match(top) else top  # type: ignore[index]
        return made == ("ratio", _metric(top), _metric(bottom))
    if sum_said:
        parts = [_metric(p) for p in re.split(r",\s*(?:and\s+)?|\s+and\s+|\s+plus\s+", sum_said["parts"]) if p.strip()]
        return (made[:1] == ("sum",) and sorted(made[1:]) == sorted(p or "" for p in parts)) or parts == [metric]
    return False
