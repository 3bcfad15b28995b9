"""A question in another language gets a sentence that says so in that language."""

from __future__ import annotations

SENTENCES = {
    "de": "Ich verstehe bisher nur Fragen auf Englisch: Bitte fragen Sie noch einmal auf Englisch.",
    "fr": "Je ne comprends pour l’instant que les questions en anglais : merci de la poser en anglais.",
    "es": "Por ahora solo entiendo preguntas en inglés: por favor, hágala en inglés.",
    "nl": "Ik begrijp voorlopig alleen vragen in het Engels: stel de vraag alstublieft in het Engels.",
    "pt": "Por enquanto só compreendo perguntas em inglês: por favor, faça-a em inglês.",
    "it": "Per ora capisco solo domande in inglese: per favore, la ponga in inglese.",
    "sv": "Jag förstår tills vidare bara frågor på engelska: ställ den gärna på engelska.",
}


def sentence(text: str) -> str | None:
    """What to say to a message in one of these languages; None for English, for others, and where it is not clear."""
    from nlp.language import language

    return SENTENCES.get(language(text))
