"""Which passwords are good enough: long, not among those that everybody tries first, and not the person's own address."""

from collections.abc import Iterable
from enum import StrEnum

LENGTH_MIN = 15
LENGTH_MIN_WITH_FACTOR = 12
LENGTH_MAX = 1024
# The longest password of the list of common ones.
LISTED_MAX = 20


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    OWN_NAME = "own_name"


def least_length(*, second_factor: bool) -> int:
    """Return how many characters a password must have at least; fewer for somebody who proves themselves by more than it."""
    return LENGTH_MIN_WITH_FACTOR if second_factor else LENGTH_MIN


def asked_of_list(password: str) -> frozenset[str]:
    """Return, in lower case, what must be known of a list of common passwords before a password can be judged."""
    text = password.casefold()
    most = min(len(text), LISTED_MAX)
    return frozenset({text[:length] for length in range(1, most + 1)} | {text[-length:] for length in range(1, most + 1)})


def weakness(password: str, least: int, names: Iterable[str], listed: frozenset[str]) -> Weakness | None:
    """Return why a password is refused, or None: characters count as they were typed, whatever they are.

    `names` are the person's address and what the practice is called; `listed` are those of `asked_of_list` that are common.
    """
    if len(password) < least:
        return Weakness.TOO_SHORT
    if len(password) > LENGTH_MAX:
        return Weakness.TOO_LONG
    text = password.casefold()
    if len(set(text)) == 1 or any(_fills(word, text) for word in listed) or _is_pair(text, listed):
        return Weakness.COMMON
    own = {part.casefold() for name in names for part in (name, name.partition("@")[0], name.replace(" ", "")) if part}
    return Weakness.OWN_NAME if any(_fills(name, text) for name in own) else None


def _fills(word: str, text: str) -> bool:
    """Tell whether a text is a word, once or again and again to its end."""
    return (word * (len(text) // len(word) + 1)).startswith(text)


def _is_pair(text: str, listed: frozenset[str]) -> bool:
    """Tell whether a text is two common passwords, one after the other."""
    return any(text[:cut] in listed and text[cut:] in listed for cut in range(1, min(len(text), LISTED_MAX + 1)))
