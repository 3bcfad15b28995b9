"""From what there is to say to how it is said: phrases filled with facts, joined, signed, misspelt."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta

from integrations.demo import foreign, phrases, phrases_good, phrases_more
from integrations.demo.company import plain
from integrations.demo.details import DETAILS, TAILS
from integrations.demo.reasons import JOINTS, REASONS

BANK: dict[str, tuple[str, ...]] = {
    "late": phrases.LATE, "unarrived": phrases.LATE_OPEN, "damaged": phrases.DAMAGED, "wrong_item": phrases.WRONG,
    "short": phrases.SHORT, "invoice": phrases.INVOICE, "slow_reply": phrases.SLOW_REPLY, "credit_slow": phrases.CREDIT_SLOW,
    "lead_time": phrases_more.LEAD_TIME, "price": phrases_more.PRICE, "quality": phrases_more.QUALITY, "portal": phrases_more.PORTAL,
    "papers": phrases_more.PAPERS, "silence": phrases_more.SILENCE, "manners": phrases_more.MANNERS, "waste": phrases_more.WASTE,
    "leaving": phrases_more.LEAVING, "punctual": phrases_good.PUNCTUAL, "staff": phrases_good.STAFF,
    "fine_goods": phrases_good.FINE_GOODS, "easy": phrases_good.EASY, "packed": phrases_good.PACKED, "happy": phrases_good.HAPPY,
    "meh": phrases_good.MEH, "noise": phrases_good.NOISE,
}  # fmt: skip
GOOD = frozenset(foreign.GOOD)
DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"], "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    "sv": ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
}  # fmt: skip
UNITS = {
    "en": ("day", "days", "hours"), "de": ("Tag", "Tage", "Stunden"), "fr": ("jour", "jours", "heures"),
    "es": ("día", "días", "horas"), "sv": ("dag", "dagar", "timmar"),
}  # fmt: skip
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MASSES = ("oil", "grease", "fluid", "wrap", "protection", "gloves", "glasses")
HARD = ("fasteners", "bearings", "fittings", "cutting tools")
# words that suit only goods of some categories
SUITS: dict[str, tuple[str, ...]] = {
    "torque": ("fasteners", "cutting tools"), "thread": ("fasteners", "fittings", "cutting tools"), "burrs": HARD, "bent": HARD,
    "grease": ("lubricants",), "glove": ("safety gear",), "leak": ("lubricants", "fittings", "seals"), "housing": ("bearings", "fittings"),
    "flange": ("fittings", "fasteners"), "sealing lip": ("seals",), "rust spots": HARD, "rusted": HARD, "noisy": ("bearings",), "left hand": HARD,
    "olerances": (*HARD, "seals"), "out of round": (*HARD, "seals"), "chipped": HARD, "coating": HARD, "scratched": HARD,
    "wears out": ("bearings", "seals", "cutting tools", "safety gear"), "inch": HARD, "dented": (*HARD, "lubricants"),
    "runs smoothly": ("bearings", "lubricants"), "forty parts": HARD, "lasted": HARD, "salt water": (*HARD, "seals"),
    "strap marks": HARD, "rolling": HARD, "scrapes": HARD, "plating": HARD, "hardness": HARD, "drawing": (*HARD, "seals"),
}  # fmt: skip
ENDS = (".", ".", ".", ".", "!", "...", "")


@dataclass(frozen=True)
class Scene:
    """The facts that a comment may name."""

    order: str = ""
    promised: date | None = None
    came: date | None = None
    product: str = ""
    product_id: str = ""
    noun: str = ""
    category: str = ""
    carrier: str = ""
    site: str = ""
    qty: int = 2
    hours: float = 0.0
    agent: str = ""
    person: str = ""
    email: str = ""
    prompt_approval: bool = False


def _date(when: date, style: int, language: str) -> str:
    name = DAYS[language][when.weekday()]
    if language != "en":
        return name if style < 2 else f"{when.day}.{when.month}."
    short = when.strftime("%b")
    return (name, name.lower(), f"{name[:3]} {when.day} {short}", f"{short} {when.day}", f"the {when.day}th" if 3 < when.day < 21 else f"{when.month}/{when.day}")[style]  # fmt: skip


def slots(dice: random.Random, scene: Scene, language: str) -> dict[str, str]:
    """Values for the slots, each said in one of several ways, the same way throughout the comment."""
    promised, came = scene.promised or date(2026, 1, 1), scene.came or date(2026, 1, 2)
    late = max(1, (came - promised).days)
    far = late > 6
    style = dice.choice((2, 3, 4) if far else (0, 0, 0, 1, 1, 2, 3, 4)) if language == "en" else (2 if far else 0)
    day, days, hours = UNITS[language]
    number = WORDS[late] if language == "en" and late < 10 and dice.random() < 0.4 else str(late)
    wait = round(scene.hours)
    counted = f"{wait} {hours}" if wait < 60 or language != "en" else f"{round(wait / 24)} {days}"
    noun = scene.noun.lower() or "part"
    plural = noun if noun.endswith(("s", *MASSES)) else noun + "s"
    named = (
        scene.product
        if language != "en"
        else dice.choices((scene.product.lower(), plural, scene.product_id, scene.product), (30, 50, 12, 8))[0]
    )
    refs = ("order {}", "order {}", "PO {}", "#{}", "order no. {}", "our order {}", "{}")
    ref = (
        dice.choice(refs).format(scene.order)
        if dice.random() < 0.7 and scene.order
        else dice.choice(("our order", "the order", "our last order"))
    )
    return {
        "order": ref, "number": scene.order, "days": f"{number} {day if late == 1 else days}",
        "promised": _date(promised, style, language), "came": _date(came, style, language), "product": named or "parts",
        "carrier": scene.carrier or "the carrier", "site": scene.site or "your warehouse", "qty": str(scene.qty), "hours": counted,
        "agent": scene.agent or "your colleague",
    }  # fmt: skip


def compose(
    dice: random.Random, topics: tuple[str, ...], reasons: dict[str, str], scene: Scene, mood: str, channel: str
) -> str:
    """One English comment."""
    filled = slots(dice, scene, "en")
    said: list[str] = []
    for place, topic in enumerate(topics):
        sentence = _sentence(dice, topic, scene, filled)
        if topic in reasons:
            clause = dice.choice(REASONS[topic.replace("unarrived", "late")][reasons[topic]]).format(**filled)
            joint = dice.choice(JOINTS)
            sentence = sentence.rstrip(".") + joint.format(clause) if sentence[-1:] not in "?!" else f"{sentence} {clause}"
        elif topic in DETAILS and dice.random() < 0.3 and sentence[-1:] not in "?!":
            clause = dice.choice([d for d in DETAILS[topic] if suits(d, scene)]).format(**filled)
            sentence += dice.choice((" because {}", ", {}", " - {}", " since {}", ", because {}", " ({})")).format(clause)
        elif topic != "noise" and dice.random() < 0.14 and sentence[-1:] not in "?!.":
            sentence += dice.choice((" ", " ", ", ")) + dice.choice(TAILS)
        if place and dice.random() < 0.45:
            turn = mood == "mixed" and (topic in GOOD) != (topics[place - 1] in GOOD)
            sentence = f"{dice.choice(phrases_good.BUTS if turn else phrases_good.LINKS[: None if mood == 'negative' else -1])} {sentence}"
        said.append(sentence)
    bad = mood == "negative"
    if topics[0] not in ("noise", "meh", "happy") and dice.random() < 0.12:
        opener = dice.choice(phrases_good.OPENERS)
        if not (mood == "positive" and opener in ("sorry to say", "unfortunately", "once more")):
            said[0] = f"{opener}{dice.choice((', ', ': ', ' - '))}{said[0]}"
    if bad and dice.random() < 0.03:
        said.insert(0, dice.choice(("Well done, really", "Bravo", "Slow clap", "Impressive", "Congratulations", "Oh great")))
    if bad and dice.random() < (0.4 if channel in ("ticket", "email") else 0.12):
        said.append(dice.choice(phrases_good.ASKS))
    text = _joined(dice, said)
    if channel == "call" and dice.random() < 0.5:
        text = dice.choice(("Caller: ", "Customer called: ", "Phone note - ", "Call from purchasing: ")) + text
    return text


def suits(pattern: str, scene: Scene) -> bool:
    """Whether what is said can be said of the goods in question."""
    return all(scene.category in fit for word, fit in SUITS.items() if word in pattern)


def _sentence(dice: random.Random, topic: str, scene: Scene, filled: dict[str, str]) -> str:
    while True:
        pattern = dice.choice(BANK[topic])
        if topic == "easy" and not scene.prompt_approval and ("approv" in pattern or "past" in pattern):
            continue
        if not suits(pattern, scene):
            continue
        if "{days}" in pattern and scene.came is None:
            continue
        return pattern.format(**filled)


def _joined(dice: random.Random, said: list[str]) -> str:
    style = dice.random()
    if style < 0.16:
        return ", ".join(said)
    if style < 0.24:
        return " ".join(said)
    out = []
    for sentence in said:
        first = sentence if style < 0.4 else sentence[:1].upper() + sentence[1:]
        out.append(first if first[-1:] in ".?!" else first + dice.choice(ENDS[:4] if style < 0.85 else ENDS))
    return " ".join(out)


def in_language(dice: random.Random, language: str, topics: tuple[str, ...], scene: Scene) -> str:
    """One comment in another language, or nothing where a topic has no sentences in it."""
    bank = foreign.FOREIGN[language]
    keys = ["good" if t in GOOD else t for t in topics]
    if not all(k in bank for k in keys):
        return ""
    filled = slots(dice, scene, language)
    sentences = [dice.choice(bank[k]).format(**filled) for k in dict.fromkeys(keys)]
    return " ".join(s[:1].upper() + s[1:] + "." for s in sentences)


def roughen(dice: random.Random, text: str) -> str:
    """Typos, lost capitals, shouting, as people type."""
    kind = dice.random()
    if kind < 0.2:
        text = text.lower()
    elif kind < 0.215 and len(text) < 120:
        text = text.upper()
    if dice.random() < 0.13:
        for _ in range(dice.choice((1, 1, 2))):
            text = _typo(dice, text)
    if dice.random() < 0.03:
        text = text.replace("you ", "u ").replace("please", "pls").replace(" and ", " & ")
    return text


def _typo(dice: random.Random, text: str) -> str:
    places = [m.start() for m in re.finditer(r"[a-z]{5,}", text)]
    if not places:
        return text
    i = dice.choice(places) + dice.choice((1, 2, 3))
    swap = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return dice.choice((swap, swap, text[:i] + text[i + 1 :], text[:i] + text[i] + text[i:]))


def letter(dice: random.Random, text: str, scene: Scene, firm: str) -> tuple[str, bool]:
    """Greeting, signature and ways to reach the writer; says whether personal data came in."""
    first, personal = scene.person.split(" ")[0], False
    phone = f"({dice.choice((214, 775, 518, 312, 617))}) 555-01{dice.randint(0, 99):02d}"
    if dice.random() < 0.5:
        text = f"{dice.choice(phrases_good.GREETINGS)} {text}"
    roll = dice.random()
    sign = dice.choice(phrases_good.SIGNS)
    if roll < 0.14:
        text, personal = f"{text} {sign} {scene.person}, {firm}, {phone}", True
    elif roll < 0.22:
        text, personal = f"{text} {dice.choice(('Call me at', 'My number is', 'Reach me on', 'Cell:'))} {phone}.", True
    elif roll < 0.3:
        text, personal = (
            f"{text} {dice.choice(('Please reply to', 'Mail me:', 'Send it to'))} {scene.email or plain(firm) + '@mail.example'}",
            True,
        )
    elif roll < 0.45:
        text, personal = f"{text} {sign} {first}", True
    return text, personal


def again(dice: random.Random, text: str) -> str:
    """Nearly the same once more."""
    lead = dice.choice(("", "", "As I wrote already: ", "Second try: ", "Resending this. ", "Reminder: "))
    return lead + _typo(dice, text) + dice.choice(("", "", " Still open.", " Hello?"))


def next_working_day(when: date, days: int) -> date:
    """A made-up arrival for complaints that are not true."""
    later = when + timedelta(days=days)
    return later + timedelta(days=(7 - later.weekday()) if later.weekday() > 4 else 0)
