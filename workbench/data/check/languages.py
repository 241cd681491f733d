"""The language that a text is written in, by its code of ISO 639-1: en, de, zh."""

from collections import Counter
from functools import cache
from typing import Any

_LEAST = 30  # characters: of less nobody can tell
_LOOK_AT = 200  # characters of a text
_SURE = 0.99  # the probability from which on a language is believed
_NO_LANGUAGE = "zxx"
_KNOWN = (
    "ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr nl no pa pl pt ro ru "
    "sk sl sq sr sv sw ta te th tl tr uk ur vi zh"
)
"""Those that sets are in; among all 140 that the library knows Spanish is as likely Asturian."""

_MOST_IDENTIFIED = 50_000

_LEARN_FROM = 200  # texts
_USUAL = 0.95  # the share of them that one language has
_COMMON = 40  # words
_ENOUGH = 4  # of these in a text, at least a sixth of its words
_SHARE = 6


class LanguageOf:
    """Says which language a text is in; "" where that is not sure, as for code, formulas and names.

    Most texts of a set are in one language. Once that is known a text with enough of its commonest words is taken for
    it, which takes a tenth of the time. Of the other texts no more than 50,000 are identified: that takes 4 s.
    """

    def __init__(self) -> None:
        self._learned: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._usual = ""
        self._common: frozenset[str] = frozenset()
        self._left = _MOST_IDENTIFIED

    def __call__(self, text: str) -> str:
        """Return the language of a text."""
        text = text[:_LOOK_AT]
        if len(text) < _LEAST:
            return ""
        words = _words(text)
        found = len(words & self._common)
        if found >= _ENOUGH and found * _SHARE >= len(words):
            return self._usual
        if not self._left:
            return ""
        self._left -= 1
        language = _identified(text)
        if not self._usual:
            self._learn(language, words)
        return language

    def _learn(self, language: str, words: set[str]) -> None:
        if not language:
            return
        self._learned[language] += 1
        most, count = self._learned.most_common(1)[0]
        if language == most:
            self._words.update(words)
        if count >= _LEARN_FROM and count >= _USUAL * self._learned.total():
            self._usual = most
            self._common = frozenset(word for word, _ in self._words.most_common(_COMMON))


def _words(text: str) -> set[str]:
    """The words of a text; its characters where it is written without spaces."""
    return set(text if text.count(" ") * 20 < len(text) else text.lower().split())


def _identified(text: str) -> str:
    language, probability = _identifier().classify(text)
    return str(language) if probability >= _SURE and language != _NO_LANGUAGE else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*_KNOWN.split(), _NO_LANGUAGE])
    return identifier
