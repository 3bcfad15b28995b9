"""Turns that speak about the conversation itself: going back, a chart of the last answer, who that is, choosing a reading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.conversation import restored
from assistant.questions import Choice, Question
from knowledge.metrics import find

BACK = re.compile(
    r"^(?:please )?(?:go|take me|step)? ?back(?: one| to (?:that|the (?:last|previous) one))?(?: please)?$|^(?:undo|previous|the one before)$"
)
CHART = re.compile(
    r"^(?:can you |please )?(?:make|show|plot|draw|give|turn|put|visuali[sz]e|see|do|display|chart|graph)(?: me)?(?: it| that| this| them| those)?"
    r"(?: as| in| into| on)?(?: a| the)?(?: (?:bar|line))? ?(?:chart|graph|plot|picture)?(?: of (?:it|that|this))?(?: please)?$"
)
DRAWN = re.compile(r"\b(?:chart|graph|plot|draw|visuali[sz]e|picture)\b")
WHO = re.compile(
    r"^(?:who(?:'s| is| are)|tell me (?:more )?about) (?:that|this|it|they|them|he|she|those)(?: (?:customer|account|company))?$"
)
YES = re.compile(
    r"(?:yes|yep|yeah|yup|right|correct|exactly|sure|ok(?:ay)?|please do|that one|that's it|it is|i do|y)(?:[ ,]+(?:please|right|that|exactly))*[.! ]*"
)
ORDINALS = {"1": 0, "one": 0, "first": 0, "the first": 0, "the first one": 0, "2": 1, "two": 1, "second": 1, "the second": 1, "the second one": 1,
            "3": 2, "three": 2, "third": 2, "the third": 2, "the third one": 2, "last": -1, "the last one": -1}  # fmt: skip
FORGET = re.compile(
    r"^(?:forget|reset|clear|change) (?:my |the )?(?:choice|choices|reading)?(?: ?(?:of|for|about) )?(?P<words>[\w .&'-]*)$"
)
WHICH = re.compile(r"^which (?P<words>[\w .&'-]+)$")
AGAIN = re.compile(r"^(?:and|but|now|what about|how about|same for|and for)\b,? (?P<words>[^?]+)\??$", re.IGNORECASE)
ORDERED = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:instructions?|rules?|prompts?|restrictions?|guard|guidelines|permissions?)\b"
    r"|\b(?:system|developer|hidden) (?:prompt|message|mode)\b|\byou are (?:now|no longer)\b|\bpretend (?:to be|that|you|i am|i'm)\b|\bjailbreak\b"
    r"|\b(?:act|answer|respond|treat me|log me in|run) as (?:if|an? |the )?\W*(?:i (?:was|were|am)|you (?:were|are)|admin\w*|root|manager|superuser|owner|ceo|boss)\b"
    r"|\b(?:grant|give) me (?:\w+ )?(?:admin|manager|root|full) (?:rights|access|role)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Messages that try to give the assistant new rules or the asker another role."""
CHOICES = "#choices"
"""The conversation in which a person's choices are kept."""


def spoken(text: str, contexts: Sequence[Mapping[str, Any]]) -> tuple[Question, Mapping[str, Any] | None] | None:
    """The question that a turn about the conversation stands for, and the context that it goes back to; None for other turns."""
    said = re.sub(r"[\s.!?]+$", "", " ".join(text.lower().replace("’", "'").split()))
    if not contexts:
        return None
    if BACK.match(said):
        former = next((c for c in contexts if c.get("n") == contexts[0].get("before")), None)
        return (restored(former, str(former.get("text") or text)), former) if former else None
    if CHART.match(said) and DRAWN.search(said):
        return _drawn(restored(contexts[0], text)), None
    if WHO.match(said) and any(e["dimension"] == "customer" for e in contexts[0].get("entities", ())):
        return replace(restored(contexts[0], text), operation="who", metrics=()), None
    return None


THANKED = re.compile(
    r"(?:(?:ok|okay|great|perfect|super|nice|cool|got it|good|awesome|alright)[,!. ]*)*"
    r"(?:(?:many )?thanks?(?: you)?|thx|ty|cheers|much appreciated)?(?: a lot| so much| very much| again| mate| everyone)?[!. \U0001F300-\U0001FAFF]*",
    re.IGNORECASE,
)


def thanked(text: str) -> bool:
    """Whether somebody only says thanks, or that it is fine."""
    return any(c.isalpha() for c in text) and THANKED.fullmatch(text.strip()) is not None


_wrong = r"(?:(?:all )?wrong|incorrect|(?:not|n't|never) (?:be )?(?:right|correct|true|what i (?:asked|meant|wanted))(?: for)?)"
DISPUTED = re.compile(
    r"(?:(?:no+|nope|hm+|wait|sorry|but|i think|i do not think|i don't think)[,.! ]*)*"
    rf"(?:(?:(?:that|this|it|they|the (?:figure|number|answer|total)s?)(?: ?(?:'s|is|are|was|were|looks?|seems?|ca|can))? ?)?{_wrong}|no+|nope)[.! ]*"
)
NOT_THOUGHT = re.compile(r"i (?:do not|don't) think (?:that|this|it)(?:'s| is) (?:right|correct|true)[.! ]*")


def disputed(text: str) -> bool:
    """Whether somebody only says that the answer is wrong, and not what should be otherwise."""
    said = " ".join(text.lower().replace("’", "'").split())
    return any(c.isalpha() for c in said) and bool(DISPUTED.fullmatch(said) or NOT_THOUGHT.fullmatch(said))


def doubted(contexts: Sequence[Mapping[str, Any]]) -> str:
    """What is said to somebody who finds an answer wrong: what it was taken for, and how to put it right."""
    if not contexts:
        return "Which answer do you mean? Write below it, and say what should be otherwise."
    last = restored(contexts[0], "")
    parts = [find(m).label for m in last.metrics[:1]]
    parts += [", ".join(e.label for e in last.entities[:3])] if last.entities else []
    parts += [last.period.label] if last.period and last.period.label else []
    took = f"I took it for: **{' · '.join(parts)}**. " if parts else ""
    return (
        f"{took}Say what should be otherwise, for example another period, another name, or “only open orders”, and I will answer "
        "again. *Show how* has the definition and the rows."
    )


def commands(text: str) -> bool:
    """Whether the message tries to change the rules or its sender's role; the whole of it is then refused."""
    return bool(ORDERED.search(text))


def chosen(text: str, choices: Sequence[Mapping[str, str]]) -> Choice | None:
    """The choice that the reply picks, by its label, its beginning, its number, or its whole question."""
    said = re.sub(r"[\s.!?\[\]*]+", " ", text.lower()).strip()
    if not said or not choices:
        return None
    listed = [Choice(c["label"], c["question"]) for c in choices]
    if said in ORDINALS and ORDINALS[said] < len(listed):
        return listed[ORDINALS[said]]
    bare = re.sub(r"^(?:the|i mean|i meant|by|take|use|its|it's|for) |(?: one| please)$", "", said)
    bare = re.sub(r"^(?:the) | one$", "", bare)
    for fits in (
        lambda c: (
            said in (c.label.lower(), re.sub(r"[\s.!?\[\]*]+", " ", c.question.lower()).strip()) or bare == c.label.lower()
        ),
        lambda c: len(bare) > 2 and (c.label.lower().startswith(bare) or bare == c.label.lower().removeprefix("by ")),
        lambda c: len(bare) > 2 and len(bare.split()) <= 2 and bare in c.label.lower(),
    ):
        fitting = [c for c in listed if fits(c)]
        if len(fitting) == 1:
            return fitting[0]
    return None


def confirmed(text: str, contexts: Sequence[Mapping[str, Any]]) -> int | None:
    """Which of the readings that were asked back the turn says yes to; None where it says none of them, or none was."""
    pending = (contexts[0].get("pending") if contexts else None) or {}
    if not pending.get("reading"):
        return None
    offered = pending["choices"]
    picked = chosen(text, offered)
    if picked is not None:
        return [c["label"] for c in offered].index(picked.label)
    return 0 if agreed(text) and len(offered) == 1 else None


def agreed(text: str) -> bool:
    return YES.fullmatch(" ".join(text.lower().split())) is not None


def named_again(text: str, offered: Sequence[Mapping[str, str]]) -> str | None:
    """The label of the choice, offered before, that a follow-up speaks of: "how about industrial", "and the foods one"."""
    told = AGAIN.match(" ".join(text.split()))
    picked = chosen(told["words"], offered) if told else None
    return picked.label if picked else None


def preferences(kept: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What a person means by near-tied words, the newest choice of each."""
    out: dict[str, str] = {}
    for choice in reversed(kept):
        if choice.get("value"):
            out[str(choice["words"])] = str(choice["value"])
        elif choice.get("words"):
            out.pop(str(choice["words"]), None)
        else:
            out.clear()
    return out


def forgotten(text: str, known: Mapping[str, str]) -> str | None:
    """The words whose choice is to be forgotten ("which acme?", "forget acme"); "" for all of them; None for other turns."""
    said = re.sub(r"[\s.!?]+$", "", " ".join(text.lower().split()))
    asked = WHICH.match(said)
    if asked and asked["words"] in known:
        return asked["words"]
    told = FORGET.match(said)
    if told:
        return told["words"].strip() if told["words"].strip() in known else "" if not told["words"].strip() else None
    return None


def _drawn(question: Question) -> Question:
    """The last question as one that has a picture: a figure becomes its course over time."""
    question = replace(question, chart=True)
    if (
        question.operation in (None, "value", "growth", "compare")
        and question.metrics
        and not question.by
        and find(question.metrics[0]).over_time
    ):
        whole = question.period is None or question.period.days > 62
        return replace(question, operation="trend", grain="month" if whole else "week", compare_to=None)
    return question
