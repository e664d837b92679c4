"""Where in a TOML text each table, key and array element stands: tomllib says what is there, not where."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_QUOTED = r'"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'"
_KEY_PART = re.compile(rf"[A-Za-z0-9_-]+|{_QUOTED}")
_SCALAR = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    rf"|'''(?:[^']|'{{1,2}}(?!'))*'{{3,5}}|{_QUOTED}"
    r"|[^,\]}#\n]+",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, on which each path of a valid TOML text first stands.

    A path is made of keys and of array indexes; that of the whole text is empty.
    """
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a path, or of the nearest table or array around it that the text names."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


class _Scanner:
    """Walks over a text that tomllib has accepted, so it need not look for faults."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._text = text
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Path, int] = {}

    def scan(self) -> None:
        table: Path = ()
        while self._more():
            if self._take("[["):
                table = self._header(last_is_array=True)
                self._take("]]")
            elif self._take("["):
                table = self._header(last_is_array=False)
                self._take("]")
            else:
                self._pair(table)

    def _header(self, *, last_is_array: bool) -> Path:
        keys = self._key()
        path: Path = ()
        for place, key in enumerate(keys, start=1):
            path = (*path, key)
            self._mark(path)
            if last_is_array and place == len(keys):
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                path = (*path, self._tables[path])
        self._mark(path)
        return path

    def _pair(self, table: Path) -> None:
        self._more()
        path = table
        for key in self._key():
            path = (*path, key)
            self._mark(path)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._more()
        self._mark(path)
        if self._take("["):
            index = 0
            while not self._take("]"):
                self._value((*path, index))
                self._take(",")
                index += 1
        elif self._take("{"):
            while not self._take("}"):
                self._pair(path)
                self._take(",")
        else:
            self._match(_SCALAR)

    def _key(self) -> list[str]:
        keys = [self._key_part()]
        while self._take("."):
            keys.append(self._key_part())
        return keys

    def _key_part(self) -> str:
        self._more()
        part = self._match(_KEY_PART)
        return str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"no TOML at character {self._at}")
        self._at = match.end()
        return match[0]

    def _more(self) -> bool:
        self._match(_BLANK)
        return self._at < len(self._text)

    def _take(self, sign: str) -> bool:
        self._more()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _mark(self, path: Path) -> None:
        self.lines.setdefault(path, bisect_right(self._ends, self._at - 1) + 1)
