"""The list of common passwords, read when somebody chooses one and not kept: that is seldom, and the list is long."""

from collections.abc import Iterable
from pathlib import Path

from portal.domain.passwords import Weakness, asked_of_list, weakness

LIST = Path(__file__).with_name("common_passwords.txt")


def listed(words: frozenset[str]) -> frozenset[str]:
    """Return those of some words, in lower case, that are on the list."""
    with LIST.open(encoding="ascii") as lines:
        return frozenset(word for word in map(str.rstrip, lines) if word in words)


def weakness_of(password: str, least: int, names: Iterable[str]) -> Weakness | None:
    """Return why a password of a person with these names is refused, or None; takes some milliseconds, whatever it is."""
    return weakness(password, least, names, listed(asked_of_list(password)))
