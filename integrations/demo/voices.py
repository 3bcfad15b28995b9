"""The voice of the customer: the feedback table from the stories, with ratings, channels and languages."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from integrations.demo import causes, wording
from integrations.demo.orders import Numbers
from integrations.demo.service import AGENTS
from integrations.demo.stories import Story
from integrations.demo.wording import GOOD, Scene

MILD = frozenset(("price", "portal", "waste", "papers", "lead_time"))


@dataclass(frozen=True)
class Voices:
    """The table, and for each comment what it was written to say."""

    table: pd.DataFrame
    stories: tuple[Story, ...]
    duplicates: tuple[tuple[str, str], ...]
    personal: tuple[str, ...]

    def only(self, table: pd.DataFrame) -> Voices:
        """The comments that are in `table`, with what belongs to them."""
        kept = set(table["feedback_id"])
        stories = tuple(s for i, s in zip(self.table["feedback_id"], self.stories, strict=True) if i in kept)
        duplicates = tuple(pair for pair in self.duplicates if kept.issuperset(pair))
        return Voices(table, stories, duplicates, tuple(i for i in self.personal if i in kept))


@dataclass(frozen=True)
class Places:
    """What the scenes are taken from, as arrays by position."""

    firms: dict[str, Numbers]
    placed: dict[str, Numbers]
    sold: dict[str, Numbers]
    articles: dict[str, Numbers]
    people: dict[int, list[tuple[str, str]]]


def places(
    firms: pd.DataFrame, people: pd.DataFrame, placed: pd.DataFrame, sold: pd.DataFrame, articles: pd.DataFrame
) -> Places:
    """The frames as arrays, people by firm."""
    by: dict[int, list[tuple[str, str]]] = {}
    position = {c: i for i, c in enumerate(firms["customer_id"])}
    for customer, name, email in zip(people["customer_id"], people["name"], people["email"], strict=True):
        by.setdefault(position[customer], []).append((name, email))
    firm, order, line, article = ({str(c): f[c].to_numpy() for c in f} for f in (firms, placed, sold, articles))
    return Places(firm, order, line, article, by)


def feedback(seed: int, told: list[Story], where: Places) -> Voices:
    """Words for every story; a repeated one follows its first. The same seed gives the same words."""
    dice = random.Random(seed)
    rows: list[dict[str, object]] = []
    personal: list[bool] = []
    spoken: list[str] = []
    for number, story in enumerate(told):
        scene = _scene(dice, story, where)
        channel = _channel(dice, story, rows)
        language, text, private = "en", "", False
        if story.again >= 0:
            text, language = wording.again(dice, spoken[story.again]), str(rows[story.again]["language"] or "en")
        else:
            text, language = _words(dice, story, scene, where, channel)
            spoken.append(text)
            if channel in ("ticket", "email") and story.topics[0] != "noise" and language == "en":
                text, private = wording.letter(dice, text, scene, str(where.firms["name"][story.firm]))
        if story.again >= 0:
            spoken.append(text)
        rating, nps = _scores(dice, story, channel)
        if rating is not None and channel == "survey" and story.again < 0 and dice.random() < 0.06 and not story.untrue:
            text = ""
        has_product = story.line >= 0 and any(t not in ("late", "invoice", "silence", "meh", "noise") for t in story.topics)
        rows.append(
            {
                "feedback_id": str(number), "customer_id": where.firms["customer_id"][story.firm],
                "order_id": where.placed["order_id"][story.order] if story.order >= 0 else None,
                "product_id": where.sold["product_id"][story.line] if has_product and dice.random() < 0.6 else None,
                "at": story.at, "channel": channel, "text": text or None, "rating": rating,
                "rating_scale": "1-5" if rating is not None else None, "nps": nps,
                "language": language if language != "en" or dice.random() < 0.7 else None,
            }
        )  # fmt: skip
        personal.append(private)
    table = pd.DataFrame(rows)
    rank = table.sort_values(["at", "customer_id"], kind="stable").index.to_numpy()
    table = table.loc[rank].reset_index(drop=True)
    table["feedback_id"] = [f"F-{90_001 + i}" for i in range(len(table))]
    new = {int(old): name for old, name in zip(rank, table["feedback_id"], strict=True)}
    pairs = tuple((new[s.again], new[i]) for i, s in enumerate(told) if s.again >= 0)
    private_ids = tuple(n for n, old in zip(table["feedback_id"], rank, strict=True) if personal[old])
    return Voices(table, tuple(told[i] for i in rank), pairs, private_ids)


def _words(dice: random.Random, story: Story, scene: Scene, where: Places, channel: str) -> tuple[str, str]:
    """The text and its language."""
    own = str(where.firms["_language"][story.firm])
    if own != "en" and dice.random() < 0.29 and story.topics[0] not in ("meh", "noise") and not story.unarrived:
        text = wording.in_language(dice, own, story.topics, scene)
        if text:
            return text, own
    topics = tuple("unarrived" if t == "late" and story.unarrived else t for t in story.topics)
    reasons = {"unarrived" if t == "late" and story.unarrived else t: r for t, r in story.reasons if t in story.topics}
    text = wording.compose(dice, topics, reasons, scene, story.mood, channel)
    text = wording.roughen(dice, text)
    if channel in ("social", "review") and dice.random() < 0.12:
        text += (
            dice.choice((" \U0001f44d", " \U0001f600", " ⭐⭐⭐⭐⭐"))
            if story.mood == "positive"
            else dice.choice((" \U0001f621", " \U0001f644", " #fail"))
        )
    return text, "en"


def _scene(dice: random.Random, story: Story, where: Places) -> Scene:
    person, email = dice.choice(where.people[story.firm])
    agent = dice.choice(AGENTS).split(" ")[0]
    if story.order < 0:
        article = dice.randrange(len(where.articles["name"]))
        return replace(_goods(where, article), hours=story.hours, agent=agent, person=person, email=email)
    placed, order = where.placed, story.order
    promised = _date(placed["promised_date"][order])
    came = _date(placed["delivered_at"][order]) if not np.isnat(placed["delivered_at"][order]) else None
    if story.untrue and promised:
        came = wording.next_working_day(promised, dice.randint(1, 5))
    article = int(where.sold["_article"][story.line]) if story.line >= 0 else dice.randrange(len(where.articles["name"]))
    ordered = where.sold["qty_ordered"][story.line] if story.line >= 0 else 4
    if "short" in story.topics and story.line >= 0 and not story.untrue:
        missing = int(ordered - where.sold["qty_delivered"][story.line])
    else:
        missing = max(1, int(ordered * dice.choice((0.1, 0.25, 0.5))))
    prompt = placed["channel"][order] == "web" and placed["_day"][order] >= np.datetime64(causes.AUTO_APPROVAL)
    return replace(
        _goods(where, article), order=str(placed["order_id"][order]), promised=promised, came=came,
        carrier=str(placed["carrier"][order]), site=str(placed["ship_from"][order]), qty=max(1, missing), hours=story.hours,
        agent=agent, person=person, email=email, prompt_approval=bool(prompt),
    )  # fmt: skip


def _goods(where: Places, article: int) -> Scene:
    name, code, noun, category = (str(where.articles[c][article]) for c in ("name", "product_id", "_noun", "category"))
    return Scene(product=name, product_id=code, noun=noun, category=category)


def _date(moment: np.datetime64) -> date | None:
    when = moment.astype("datetime64[D]").item()
    return when if isinstance(when, date) else None


def _channel(dice: random.Random, story: Story, rows: list[dict[str, object]]) -> str:
    if story.again >= 0:
        return "ticket" if rows[story.again]["channel"] == "email" else "email"
    if story.mood == "negative":
        return dice.choices(("survey", "review", "ticket", "email", "call", "social"), (30, 12, 21, 23, 10, 4))[0]
    return dice.choices(("survey", "review", "email", "call", "social"), (58, 24, 9, 4, 5))[0]


def _scores(dice: random.Random, story: Story, channel: str) -> tuple[int | None, int | None]:
    """A rating of 1 to 5 and an NPS answer in keeping with the mood; milder for what is a matter of taste."""
    bad = [t for t in story.topics if t not in GOOD]
    if story.mood == "positive":
        level = dice.choices((4, 5, 3), (34, 62, 4))[0]
    elif story.mood == "neutral":
        level = dice.choices((3, 4, 2), (60, 32, 8))[0]
    elif story.mood == "mixed":
        level = dice.choices((3, 2, 4), (50, 25, 25))[0]
    elif all(t in MILD for t in bad):
        level = dice.choices((3, 2, 4, 1), (42, 33, 13, 12))[0]
    else:
        level = dice.choices((1, 2, 3), (45 + 12 * (len(bad) - 1), 40, 15))[0]
    rated = {"survey": 0.93, "review": 1.0, "ticket": 0.1, "email": 0.04, "call": 0.15, "social": 0.08}[channel]
    rating = level if dice.random() < rated else None
    asked = channel == "survey" and dice.random() < 0.45
    spread = {1: (0, 1, 2, 3), 2: (2, 3, 4, 5, 6), 3: (5, 6, 7, 7, 8), 4: (7, 8, 8, 9), 5: (9, 9, 10, 10)}[level]
    return rating, dice.choice(spread) if asked else None
