"""The learned part of the question reader: roles of words, what is asked, and vectors that link words to records."""

from nlp.tagger.tagger import Span, Tagged, Tagger, load_tagger
from nlp.tagger.words import Word

__all__ = ["Span", "Tagged", "Tagger", "Word", "load_tagger"]
