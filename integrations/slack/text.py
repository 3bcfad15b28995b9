"""Between what people write in Slack, our Markdown, and Slack's mrkdwn."""

from __future__ import annotations

import html
import re
from typing import Literal

MENTION = re.compile(r"<@([A-Z][A-Z0-9]+)(?:\|[^>]*)?>")
GROUP = re.compile(r"<!subteam\^[^>]*>")
CHANNEL = re.compile(r"<#([A-Z][A-Z0-9]+)\|?([^>]*)>")
SPECIAL = re.compile(r"<!([^>|]+)(?:\|([^>]*))?>")
LINK = re.compile(r"<((?:https?|mailto|tel):[^>|]+)(?:\|([^>]*))?>")
SAMPLE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
QUOTED = re.compile(r"^(?:&gt;|>).*\n?", re.MULTILINE)
COPIED = re.compile(r"(?:\bcc|\bfyi|/cc):?(?:[\s,]*<@[UW][A-Z0-9]+(?:\|[^>]*)?>)+", re.IGNORECASE)
EMOJI = re.compile(
    r"(?<![\w:]):(?=[a-z0-9_+'-]*[a-z+])[a-z0-9_+'-]+:(?::skin-tone-\d:)?(?!\w)|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]"
)
MARKED = re.compile(r"(?<!\w)([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?!\w)")
SPACES = re.compile(r"[^\S\n]+")
QUIET = re.compile(r"^_[^_]+_$", re.DOTALL)
MARKS = re.compile(r"```|^(?:&gt;|>)+", re.MULTILINE)
LONGEST = 2000
NO_PERSON = "I know customers and account owners by name, not people or groups in Slack: say whose accounts you mean, or leave the mention out."
NO_CHANNEL = "A channel means nothing in my records, so I cannot look only there: leave it out, or name a customer, a product or a theme."
NO_SAMPLE = "I leave code blocks unread, so a part of this would be missing: say it without them."
NO_WORDS = "I read words, so ask me in some; `/rapport help` says how."
TOO_LONG = "That is {n:,} characters; I read up to {most:,} so that nothing is left out unread. Ask it in a sentence or two."


def asked(text: str, bot: str | None) -> str:
    """The question in a message: our own mention, quotations, samples, emoji and Slack's markup are gone; links say what they show."""
    plain = words_of(COPIED.sub(" ", QUOTED.sub("", SAMPLE.sub(" ", text))), bot)
    return SPACES.sub(" ", MARKED.sub(r"\2", EMOJI.sub(" ", plain)).replace("`", "")).strip()


def words_of(text: str, bot: str | None) -> str:
    """What stands in a message, all of it: without mentions, links as what they show."""
    plain = MENTION.sub(lambda m: "" if m[1] == bot else " ", text)
    plain = LINK.sub(lambda m: m[2] or m[1].removeprefix("mailto:").removeprefix("tel:"), plain)
    plain = CHANNEL.sub(lambda m: m[2], plain)
    plain = SPECIAL.sub(lambda m: m[2] or "", plain)
    return SPACES.sub(" ", html.unescape(plain)).strip()


def named(text: str, bot: str | None) -> tuple[bool, bool]:
    """Whether the question names a person or a channel of Slack (people who only get a copy aside): neither means anything to us."""
    plain = COPIED.sub(" ", QUOTED.sub("", SAMPLE.sub(" ", text)))
    person = any(m[1] != bot for m in MENTION.finditer(plain)) or GROUP.search(plain) is not None
    return person, CHANNEL.search(plain) is not None


def addressed(text: str, bot: str | None) -> bool:
    """Whether our mention stands outside of samples and quotations."""
    plain = QUOTED.sub("", SAMPLE.sub(" ", text))
    return bot is None or any(m[1] == bot for m in MENTION.finditer(plain))


def question(text: str, bot: str | None) -> tuple[Literal["ask", "words"], str]:
    """What a message asks; or words where something in it would be left out silently."""
    said = asked(text, bot)
    person, channel = named(text, bot)
    if person or channel:
        return "words", NO_PERSON if person else NO_CHANNEL
    if said and SAMPLE.search(text):
        return "words", NO_SAMPLE
    if not said and EMOJI.search(words_of(text, bot)):
        return "words", NO_WORDS
    if not said:  # nothing but a sample or a quotation: it is the question
        said = asked(MARKS.sub(" ", text), bot)
    if len(said) > LONGEST:
        return "words", TOO_LONG.format(n=len(said), most=LONGEST)
    return "ask", said


def escaped(text: str) -> str:
    """Text of others, so that Slack shows it and does not act on it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(markdown: str) -> str:
    """Our Markdown as Slack writes it: *bold*, • items, headings in bold. No link is made of it: what customers write is in it."""
    out = []
    for line in escaped(markdown).split("\n"):
        words = re.sub(r"^#{1,6} (.*)$", r"**\1**", line)
        words = re.sub(r"^(\s*)[-*] ", r"\1• ", words)
        words = re.sub(r"\*\*([^*]+)\*\*", r"*\1*", words)
        out.append(re.sub(r"^&gt; ", "> ", words))
    return "\n".join(out)


def plain(markdown: str) -> str:
    """Without any markup, for notifications and screen readers."""
    return escaped(re.sub(r"(\*\*|`)", "", re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", r"\1", markdown)))


def paragraphs(markdown: str) -> list[tuple[str, bool]]:
    """The paragraphs, and whether each is a quiet one (what the figure is, over what, as of when)."""
    parts = [p.strip() for p in markdown.split("\n\n") if p.strip()]
    return [(p.strip("_"), True) if QUIET.match(p) else (p, False) for p in parts]


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
