"""What a person wrote, out of a message: HTML as plain text, without what is quoted below and without the signature.

Quotes are known by their shape (a line of attribution, a block of mail headers, quoted lines), not by their language."""

from __future__ import annotations

import re
from html.parser import HTMLParser

HTML = re.compile(
    r"<!doctype html|</?(?:html|body|div|p|span|br|b|i|u|a|strong|em|ul|ol|li|table|tr|td|h[1-6]|img|style|blockquote|font|pre|hr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
UNREAD = frozenset(("script", "style", "head", "title", "blockquote"))
BREAKS = frozenset(("p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr"))
QUOTES = re.compile(
    r"\b(?:gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|OutlookMessageHeader)\b"
)
VOID = frozenset(("br", "img", "hr", "meta", "input", "link", "col", "area", "base", "wbr", "source"))

RULE = re.compile(r"^[ \t]*(?:-{2,}[ \t]?[^\W\d_][^\n]{2,60}?[ \t]?-{2,}|_{20,})[ \t]*$", re.MULTILINE)
ADDRESS = r"[\w.+%-]+@[\w-]+\.[\w.-]+"
MOMENT = r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s*(?:[ap]\.?m\.?|uhr|\(?[a-z]{3,5}\)?|[+-]\d{2}:?\d{2}))*\s*$"
YEAR = r"\b(?:19|20)\d{2}\b"
HEADER_LINE = r"[ \t>*]*[^\W\d_][^:\n]{0,24}:[^\n]*"
HEADERS = re.compile(rf"^(?:{HEADER_LINE}\n){{2,6}}{HEADER_LINE}$", re.MULTILINE)
ATTRIBUTION = re.compile(
    rf"^[ \t]*(?=[^\n]*(?:\n[^\n]+)?:[ \t]*$)(?=(?:[^\n]*\n?[^\n]*)(?:{YEAR}|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2}}\b))"
    rf"(?:[^\n]{{5,240}}|[^\n]{{5,160}}\n[^\n]{{3,160}}):[ \t]*$",
    re.MULTILINE,
)
SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
SENT_FROM = re.compile(
    r"\n[ \t]*(?:sent from|get outlook for|von meinem [^\n]{2,30} gesendet|gesendet (?:von|mit)|envoyé de|enviado (?:desde|do meu)|inviato da|verzonden (?:vanaf|met)|skickat från|sendt fra|lähetetty|"
    r"wysłan[eo] z|odesláno z|odoslané z|elküldve|trimis de pe|отправлено с|надіслано з|iphoneから送信|发自我的)[^\n]{0,60}\s*\Z",
    re.IGNORECASE,
)
"""What a telephone writes below a message."""
SAID = re.compile(r"\b(?:wrote|schrieb|écrit|escribi|escreveu|scritto|schreef|skrev|napisał)", re.IGNORECASE)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden: list[str] = []  # the open elements within one that is not read, that one first

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = " ".join(v or "" for k, v in attrs if k in ("class", "id"))
        if self.hidden or tag in UNREAD or QUOTES.search(named):
            if tag not in VOID:
                self.hidden.append(tag)
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:  # what was not closed within it ends with it
            del self.hidden[len(self.hidden) - 1 - self.hidden[::-1].index(tag) :]
        elif not self.hidden and tag in BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(text: str) -> str:
    """HTML as its text, block by block, without style and quotes; anything that is no HTML as it is."""
    if not HTML.search(text):
        return text
    parser = _Text()
    parser.feed(re.sub(r"\r?\n-- ?\r?\n", "<br>-- <br>", text))
    parser.close()
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(parser.parts).replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def written(text: str) -> str:
    """What the writer wrote: without quoted lines, what is quoted below, and the signature."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = ATTRIBUTION.sub(lambda m: "" if _says_who(m) and m.string[m.end() :].lstrip().startswith(">") else m[0], text)
    own = text[: _quoted_from(text)]  # lines with `>` go one by one: answers may stand between them
    signature = SIGNATURE.search(own)
    own = own[: signature.start()] if signature else own
    lines = own.split("\n")
    kept = [
        line.rstrip() for place, line in enumerate(lines) if not line.lstrip().startswith(">") and not _leads_in(lines, place)
    ]
    return SENT_FROM.sub("", "\n".join(kept)).strip()


def _leads_in(lines: list[str], place: int) -> bool:
    """Whether a line that ends in a colon tells who wrote the quoted lines right below it."""
    below = next((line for line in lines[place + 1 : place + 3] if line.strip()), "")
    return lines[place].rstrip().endswith(":") and below.lstrip().startswith(">")


def _quoted_from(text: str) -> int:
    """Where the first thing begins that is quoted to the end: a rule with words, mail headers, a line of attribution."""
    found = [m.start() for m in RULE.finditer(text)][:1]
    found += [m.start() for m in HEADERS.finditer(text) if _mail_headers(m[0])][:1]
    found += [m.start() for m in ATTRIBUTION.finditer(text) if _says_who(m)][:1]
    return min(found, default=len(text))


def _says_who(attribution: re.Match[str]) -> bool:
    return bool(re.search(ADDRESS, attribution[0]) or SAID.search(attribution[0]))


def _mail_headers(block: str) -> bool:
    """From and a moment: who wrote comes first, with an address or before a line with the time of writing."""
    first, *others = block.split("\n")
    moment = any(re.search(MOMENT, line.strip("* "), re.IGNORECASE) and re.search(YEAR, line) for line in others[:3])
    return moment and re.search(ADDRESS, block) is not None and not re.search(MOMENT, first)
