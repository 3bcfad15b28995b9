"""Which language a comment is in: what the encoder cannot read is counted and set aside, never guessed at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nlp.text import readable, words

KNOWN = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "tr", "ru", "uk", "el", "ar", "he",
         "zh", "ja", "ko", "hu", "ro")  # fmt: skip
ENGLISH = frozenset(
    """the a an is are was were be been am i you he she it we they my your our their this that these those and or but not no
    of to in on at for with from by as so if when what why how who all any some very just too can could would should will
    did does do have has had get got me us them there here than then out up down off again never always still only because
    about after before good great bad late order delivery thanks thank please service customer""".split()
)
SURE = 0.9


def languages(texts: Sequence[str]) -> list[str]:
    """One ISO 639-1 code a text; "en" unless another language is clear (a few words decide nothing); "und" without letters."""
    found = [language(t) for t in texts]
    _identifier.cache_clear()  # 70 MB that nothing needs until the next batch
    return found


def language(text: str) -> str:
    found = words(text)
    if not any(any(c.isalpha() for c in w) for w in found):
        return "und"
    english = sum(w in ENGLISH for w in found)
    latin = sum(c.isascii() for w in found for c in w) / max(1, sum(map(len, found)))
    if latin > 0.7 and (english / len(found) >= 0.2 or len(found) < 4):
        return "en"
    code, probability = _identifier().classify(readable(text))
    return str(code) if float(probability) >= SURE else ("en" if latin > 0.7 else "und")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(KNOWN))
    return identifier
