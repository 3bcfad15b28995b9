"""Between what people write in Slack, our Markdown, and Slack's mrkdwn."""

from __future__ import annotations

import html
import re

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
CHANNEL = re.compile(r"<#(C[A-Z0-9]+)\|?([^>]*)>")
SPECIAL = re.compile(r"<!([^>|]+)(?:\|([^>]*))?>")
LINK = re.compile(r"<((?:https?|mailto|tel):[^>|]+)(?:\|([^>]*))?>")
SPACES = re.compile(r"[^\S\n]+")
QUIET = re.compile(r"^_[^_]+_$", re.DOTALL)
LONGEST_QUESTION = 2000


def asked(text: str, bot: str | None) -> str:
    """The question in a message: our own mention and Slack's markup are gone, links say what they show."""
    plain = MENTION.sub(lambda m: "" if m[1] == bot else " ", text)
    plain = LINK.sub(lambda m: m[2] or m[1].removeprefix("mailto:").removeprefix("tel:"), plain)
    plain = CHANNEL.sub(lambda m: m[2], plain)
    plain = SPECIAL.sub(lambda m: m[2] or "", plain)
    return SPACES.sub(" ", html.unescape(plain)).strip()[:LONGEST_QUESTION]


def escaped(text: str) -> str:
    """Text of others, so that Slack shows it and does not act on it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(markdown: str) -> str:
    """Our Markdown as Slack writes it: *bold*, • items, headings in bold, links as words and address."""
    out = []
    for line in escaped(markdown).split("\n"):
        words = re.sub(r"^#{1,6} (.*)$", r"**\1**", line)
        words = re.sub(r"^(\s*)[-*] ", r"\1• ", words)
        words = re.sub(r"\*\*([^*]+)\*\*", r"*\1*", words)
        words = re.sub(r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r"<\2|\1>", words)
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
