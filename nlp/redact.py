"""Personal data masked before a comment enters a derived table; offsets map every masked text back to the original."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

NAME = r"[A-ZÄÖÅÉÈ](?:['’][A-Z])?[a-zäöåüéèß'’-]{1,20}(?:[A-ZÄÖÅ][a-zäöåüéèß]{1,15})?"
PERSON = rf"(?:(?:van|von|de|den|der|di|da|la|le)\s+){{0,2}}{NAME}(?:\s+{NAME})?"
STREET = r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct|row|square|place|parkway|terrace|straße|strasse|gatan|vägen|rue)"


@dataclass(frozen=True)
class Masked:
    """`text` with masks in place of personal data; `masks` holds (start, end, original_start, original_end) in order."""

    text: str
    masks: tuple[tuple[int, int, int, int], ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where the masked text's characters start..end are in the original (a mask maps to all that it hides)."""
        return self._map(start, False), self._map(end, True)

    def _map(self, at: int, end: bool) -> int:
        shift = 0
        for a, b, c, d in self.masks:
            if at <= a and not (end and at > a):
                break
            if at < b:
                return d if end else c
            shift = d - b
        return at + shift


def redact(text: str) -> Masked:
    """Masks e-mail addresses, phone numbers, payment cards (Luhn), IBANs (mod 97), street addresses and the names of people
    in greetings, signatures and self-introductions."""
    found: list[tuple[int, int, str]] = []
    for kind, pattern, group, check in RULES:
        for match in pattern.finditer(text):
            start, end = match.span(group)
            if kind == "phone" and REFERENCE.search(text[max(0, start - 24) : start]):
                continue
            if check(match.group(group)) and not any(start < e and s < end for s, e, _ in found):
                found.append((start, end, kind))
    out: list[str] = []
    masks = []
    at = length = 0
    for start, end, kind in sorted(found):
        out.append(text[at:start])
        length += start - at
        mask = f"[{kind}]"
        masks.append((length, length + len(mask), start, end))
        out.append(mask)
        length += len(mask)
        at = end
    out.append(text[at:])
    return Masked("".join(out), tuple(masks))


def luhn(number: str) -> bool:
    """Whether the digits are a payment card's: 13 to 19 of them with a right check digit (ISO/IEC 7812)."""
    digits = [int(c) for c in number if c.isdecimal()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) < 2:
        return False
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Whether the text is an IBAN with right check digits (ISO 13616)."""
    compact = "".join(text.split()).upper()
    if not 15 <= len(compact) <= 34:
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _phone(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    if not 7 <= digits <= 15 or DATE.fullmatch(text.strip()):
        return False
    return text.startswith("+") or digits >= 10 or bool(re.search(r"\d[\s.-]\d", text))


def _always(_: str) -> bool:
    return True


def _person(text: str) -> bool:
    first = text.split(maxsplit=1)[0].lower()
    return first not in NOT_NAMES and not first.endswith(("'s", "’s"))


DATE = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|(?:\d{1,3}\.){3}\d{1,3}|\d{1,3}(?:[ .]\d{3})+[.,]\d{1,2}"
)
REFERENCE = re.compile(
    r"\b(?:order|model|part|article|item|sku|serial|batch|lot|invoice|contract|version|code|ip|po|ref|reference|ticket|case|tracking|ean)"
    r"\b[\s.:#]*(?:(?:no|nr|number|code|is)\b[\s.:#]*){0,2}$", re.IGNORECASE,
)  # fmt: skip
NOT_NAMES = frozenset(
    """the a an all team sir madam there customer support everyone folks not very so just happy sorry really still now going
    glad disappointed unhappy writing calling waiting still sure customers service sales and or but for with you your
    regards best thanks please monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december dear hello hi again i we our my this that it is was""".split()
)
RULES: tuple[tuple[str, re.Pattern[str], int, Callable[[str], bool]], ...] = (
    ("e-mail", re.compile(r"(?<![\w.+-])[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+"), 0, _always),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b"), 0, iban),
    ("card", re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])"), 0, luhn),
    (
        "phone",
        re.compile(r"(?<!\w)\+\d{1,3}(?:[\s./-]?\(?\d{1,5}\)?){2,6}(?!\w)|(?<![\w/#$€£.,-])0\d{2,5}[\s/-]\d{5,8}(?![\w%])|(?<![\w/#$€£.-])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{1,5}\)[\s.-]?)?\d{2,5}(?:[\s./-]\d{2,5}){1,5}(?![\w%])|(?<![\w])\+\d{8,15}\b"),
        0,
        _phone,
    ),
    ("phone", re.compile(r"(?:\b(?:call|phone|tel|mobile|cell|text|reach me (?:at|on))\b[\s.:#]*)((?:\+?\d[\d\s().-]{6,18}\d))", re.I), 1, _always),
    ("address", re.compile(rf"\b\d{{1,5}}[A-Z]?\s+(?:[NSEW]{{1,2}}\s+)?(?:(?:{NAME}|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,3}}{STREET}\b\.?(?:,?\s+{NAME})?(?:,?\s+[A-Z]{{2}}\s+\d{{5}})?", re.I), 0, lambda t: t[:1].isdigit() and any(w[:1].isupper() for w in t.split()[1:])),
    ("address", re.compile(rf"\b{NAME}(?:straße|strasse|gatan|vägen|weg|platz)\s+\d{{1,4}}\b"), 0, _always),
    ("name", re.compile(rf"(?:\b[Mm]y name is|\b[Tt]his is|\bI am called|\bName:|\b(?:Mr|Mrs|Ms|Dr|Herr|Frau)\.?|\b[Cc]ontact(?:ed)?:?|\b[Aa]sk for|\b[Ss]poke (?:to|with)|\b[Tt]alked (?:to|with))\s+({PERSON})"), 1, _person),
    ("name", re.compile(rf"^(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|Good (?:morning|afternoon|evening|day))\s+({NAME}(?:\s+{NAME})?)(?=[,!.:\n])", re.M), 1, _person),
    ("name", re.compile(rf"(?:[Rr]egards|[Ss]incerely|[Rr]gds|BR|[Cc]heers|[Tt]hanks(?: a lot| again| so much)?|[Tt]hank you|[Bb]est|[Ww]ishes|Grüßen|Cordialement|[Hh]älsningar|Saludos)\s*,?\s*(?:\n|[–—-]{{1,2}}\s*|,\s)\s*({NAME}(?:\s+{NAME}|\s+[A-Z]\.?)?)"), 1, _person),
    ("name", re.compile(rf"\b(?:[Dd]river|[Cc]olleague|[Aa]gent|[Mm]anager|[Tt]hank)\s+({NAME}\s+{NAME})\b"), 1, _person),
    ("name", re.compile(rf"(?:\n\n|--\n)({NAME}\s+{NAME})\s*\n[A-Z][\w &,/-]{{2,40}}\s*$"), 1, _person),
    ("name", re.compile(rf"(?:\n|\s[–—-]{{1,2}}\s?)({NAME}(?:\s+{NAME}|\s+[A-Z]\.))\s*(?:,\s*[\w &]+)?\s*$"), 1, _person),
)  # fmt: skip
