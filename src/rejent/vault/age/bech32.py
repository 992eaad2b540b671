"""Bech32 texts of age keys (BIP 173, without its limit of 90 characters, as age asks)."""

from rejent.vault.errors import KeyTextError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def encode(prefix: str, payload: bytes) -> str:
    """Return the lower-case text of ``payload`` under a lower-case ``prefix``."""
    values = _regrouped(payload, 8, 5, pad=True)
    check = _polymod([*_expanded(prefix), *values, *([0] * _CHECKSUM_LENGTH)]) ^ 1
    values += [(check >> (5 * (5 - place))) & 31 for place in range(_CHECKSUM_LENGTH)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Return prefix and bytes of a text. Raises KeyTextError: mixed case, foreign character, wrong checksum or padding."""
    if text not in (text.lower(), text.upper()):
        raise _refusal("it mixes upper and lower case")
    prefix, separator, tail = text.lower().rpartition("1")
    if not separator or not prefix or len(tail) < _CHECKSUM_LENGTH:
        raise _refusal("it is too short")
    if not all("!" <= letter <= "~" for letter in prefix) or any(letter not in _VALUES for letter in tail):
        raise _refusal("it has a character that does not belong there")
    values = [_VALUES[letter] for letter in tail]
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise _refusal("its checksum is wrong")
    return prefix, bytes(_regrouped(values[:-_CHECKSUM_LENGTH], 5, 8, pad=False))


def _refusal(reason: str) -> KeyTextError:
    return KeyTextError(
        "This is not the text of a key: {reason}.", advice="Copy the whole line again.", reason=reason
    )


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            if top >> place & 1:
                check ^= generator
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _regrouped(values: bytes | list[int], width: int, target: int, *, pad: bool) -> list[int]:
    held = bits = 0
    result: list[int] = []
    for value in values:
        held = held << width | value
        bits += width
        while bits >= target:
            bits -= target
            result.append(held >> bits & ((1 << target) - 1))
    rest = held & ((1 << bits) - 1)
    if pad:
        return [*result, rest << (target - bits)] if bits else result
    if bits >= width or rest:
        raise _refusal("its padding is wrong")
    return result
