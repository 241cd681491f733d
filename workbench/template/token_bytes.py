"""The bytes that a token stands for, which its text cannot tell where it is a part of a character."""

import re
from functools import lru_cache
from typing import Any

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPACE = "▁"
"""What SentencePiece writes for a space."""


def bytes_of(tokenizer: Any, token: int) -> bytes:
    """Return the bytes of a token of a byte-level or SentencePiece vocabulary; of others those of its name."""
    name = tokenizer.convert_ids_to_tokens(token)
    if not isinstance(name, str):
        return b""
    if token in tokenizer.added_tokens_decoder:
        return name.encode()
    byte = _BYTE.fullmatch(name)
    if byte:
        return bytes.fromhex(byte[1])
    letters = _byte_level()
    is_byte_level = "ByteLevel" in str(tokenizer.backend_tokenizer.decoder)
    if is_byte_level and all(letter in letters for letter in name):
        return bytes(letters[letter] for letter in name)
    return name.replace(_SPACE, " ").encode()


@lru_cache(maxsize=1)
def _byte_level() -> dict[str, int]:
    """The letter that GPT-2's byte-level vocabularies write for each byte: themselves, and the rest from U+0100 on."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in set(plain)]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + place): byte for place, byte in enumerate(others)}
