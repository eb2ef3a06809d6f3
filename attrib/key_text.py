"""How an API key is written: `attrib_`, its id, its secret, and a checksum that tells a mistyped key from another."""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

PREFIX = "attrib_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH = 8
# 62 ** 43 is more than 2 ** 256.
SECRET_LENGTH = 43
# 62 ** 6 is more than 2 ** 32.
CHECKSUM_LENGTH = 6

WRITTEN = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}")
"""What a secret scanner looks for; the last six characters are the CRC-32 of all that is before them, in base 62."""


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder has it: the public id, and the whole text, which is never stored or shown again."""

    id: str
    text: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """The hash by which the key is stored; a plain one, because 256 random bits cannot be guessed."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def new_key_text() -> KeyText:
    """Make a key with 256 random bits."""
    id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    body = f"{PREFIX}{id}_{_base62(secrets.randbits(256), SECRET_LENGTH)}"
    return KeyText(id, body + checksum(body))


def read_key_text(text: str) -> KeyText | None:
    """Return the key that is written here, or None where a character is wrong, missing or too many."""
    found = WRITTEN.fullmatch(text)
    body, last = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    return KeyText(found[1], text) if found and checksum(body) == last else None


def checksum(body: str) -> str:
    """Return the last six characters of a key that begins like this."""
    return _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
