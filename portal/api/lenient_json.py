"""The reader of lenient JSON: token by token, as old servers read it, knowing the path of the member reached last.

It keeps its place when a token cannot be read, so that the caller can note the path and read on. Nothing is recursive, and
every character is looked at a fixed number of times.
"""

import re
from collections.abc import Callable

from portal.api.json_place import Place, Token, path_of
from portal.api.json_string import Unreadable, read_string
from portal.api.scalars import WHITE, number_literal

MAX_DEPTH = 256

_BLANK = re.compile(f"[\0{WHITE}]*+")
_NAME = re.compile(r"[\w$]++")
_NUMBER = re.compile(r"[-+.0-9a-fA-FxX]++")
_AFTER_NUMBER = re.compile(f"[\0{WHITE},}}\\])/]|\\Z")
_AFTER_NAME = re.compile(f"[\0{WHITE}:]")
_AFTER_WORD = re.compile(rf"[\0{WHITE},}}\]]|/[*/]|\Z")
_LINE_END = re.compile("\r\n?|\n")
_CONSTRUCTOR = re.compile(f"new[\0{WHITE}]++([^\\W_]*+)[\0{WHITE}]*+\\(")


class _State:
    """What may come next. Bare numbers, not an Enum: they are looked at for every token, and an Enum takes five times as long."""

    START, OPENED, BEFORE_VALUE, BEFORE_NAME, AFTER_VALUE, FINISHED = range(6)


_OPENERS = {"{": Token.OBJECT, "[": Token.ARRAY}
_CLOSERS = {
    "}": (Token.END_OBJECT, Token.OBJECT),
    "]": (Token.END_ARRAY, Token.ARRAY),
    ")": (Token.END_CONSTRUCTOR, Token.CONSTRUCTOR),
}
_STARTS = (Token.OBJECT, Token.ARRAY, Token.CONSTRUCTOR)
_WORDS: dict[str, tuple[str, Token, object]] = {
    "t": ("true", Token.BOOLEAN, True),
    "f": ("false", Token.BOOLEAN, False),
    "n": ("null", Token.NULL, None),
    "u": ("undefined", Token.UNDEFINED, None),
    "N": ("NaN", Token.NUMBER, float("nan")),
    "I": ("Infinity", Token.NUMBER, float("inf")),
    "-": ("-Infinity", Token.NUMBER, float("-inf")),
}


class Reader:
    """Reads one token at a time into `token` and `value`; what cannot be read raises Unreadable."""

    def __init__(self, text: str) -> None:
        self.token = Token.NONE
        self.value: object = None
        self._text = text
        self._at = 0
        self._state = _State.START
        self._place: Place | None = None
        self._outer: list[Place] = []
        self._too_deep = False
        self._literal: Callable[[str], object] = number_literal

    @property
    def depth(self) -> int:
        """How many containers the token stands in."""
        return len(self._outer) + (self.token not in _STARTS and self._place is not None)

    @property
    def path(self) -> str:
        """The place reached last, as `Reasons[1].ReasonId`; empty at the root."""
        if self._place is None:
            return ""
        return path_of(self._outer if self._state == _State.OPENED else [*self._outer, self._place])

    def index_at(self, depth: int) -> int:
        """Return the index reached in the container that many levels down."""
        place = self._outer[depth] if depth < len(self._outer) else self._place
        return place.index if place else -1

    def read(self, literal: Callable[[str], object] = number_literal) -> bool:
        """Read the next token, bare numbers by `literal`; return False at the end of the text."""
        self._literal = literal
        if self._advance():
            return True
        self.token, self.value = Token.NONE, None
        return False

    def read_content(self, literal: Callable[[str], object] = number_literal) -> bool:
        """Read the next token that is not a comment."""
        while self.read(literal):
            if self.token is not Token.COMMENT:
                return True
        return False

    def skip(self) -> None:
        """Read past the value of a name, and to the end of a container that was just opened."""
        if self.token is Token.NAME:
            self.read()
        if self.token in _STARTS:
            depth = self.depth
            while self.read() and self.depth > depth:
                pass

    def _advance(self) -> bool:
        char = self._next_char()
        state = self._state
        if state == _State.AFTER_VALUE:
            if char != ",":
                return self._after_value(char)
            state = self._state = _State.BEFORE_NAME if self._in_object() else _State.BEFORE_VALUE
            self._at += 1
            char = self._next_char()
        if not char:
            return False
        if char == "/":
            return self._comment()
        if state == _State.FINISHED:
            raise Unreadable
        names = state == _State.BEFORE_NAME or (state == _State.OPENED and self._in_object())
        return self._name(char) if names else self._value(char)

    def _next_char(self) -> str:
        """Move past blanks; return the character there, or an empty string at the end."""
        char = self._text[self._at : self._at + 1]
        if "!" <= char <= "~":
            return char
        if blank := _BLANK.match(self._text, self._at):
            self._at = blank.end()
        return self._text[self._at : self._at + 1]

    def _in_object(self) -> bool:
        return self._place is not None and self._place.kind is Token.OBJECT

    def _after_value(self, char: str) -> bool:
        if char in _CLOSERS:
            return self._close(*_CLOSERS[char])
        if char == "/":
            return self._comment()
        if char:
            raise Unreadable
        self._state = _State.FINISHED
        return False

    def _value(self, char: str) -> bool:
        if char in _OPENERS:
            return self._open(_OPENERS[char], self._at + 1)
        if char in "'\"":
            return self._set(Token.STRING, self._quoted())
        if char in "])":
            return self._close(*_CLOSERS[char])
        if char == ",":
            return self._set(Token.UNDEFINED, None)
        if char in _WORDS and (char != "-" or self._text.startswith("-I", self._at)):
            return self._constructor() if self._text.startswith("ne", self._at) else self._word(*_WORDS[char])
        if char in "-.0123456789":
            return self._number()
        raise Unreadable

    def _name(self, char: str) -> bool:
        if char == "}":
            return self._close(*_CLOSERS[char])
        name = self._quoted() if char in "'\"" else self._unquoted()
        if self._next_char() != ":":
            raise Unreadable
        self._at += 1
        self.token, self.value = Token.NAME, name
        self._state = _State.BEFORE_VALUE
        if self._place:
            self._place.name = name
        return True

    def _unquoted(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise Unreadable
        self._at = found.end()
        if not _AFTER_NAME.match(self._text, self._at):
            raise Unreadable
        return found[0]

    def _quoted(self) -> str:
        try:
            string, self._at = read_string(self._text, self._at)
        except Unreadable as error:
            self._at = error.args[0]
            raise
        return string

    def _number(self) -> bool:
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            raise Unreadable
        self._at = found.end()
        if not _AFTER_NUMBER.match(self._text, self._at):
            raise Unreadable
        # The place moves on before the number is understood: one that is not leaves the reader behind it.
        self._finish_value()
        try:
            self.value = self._literal(found[0])
        except (ValueError, OverflowError) as error:
            raise Unreadable from error
        self.token = Token.NUMBER
        return True

    def _word(self, word: str, token: Token, value: object) -> bool:
        if not self._text.startswith(word, self._at):
            raise Unreadable
        self._at += len(word)
        in_constructor = self._place is not None and self._place.kind is Token.CONSTRUCTOR
        if not (_AFTER_WORD.match(self._text, self._at) or (in_constructor and self._text.startswith(")", self._at))):
            raise Unreadable
        return self._set(token, value)

    def _constructor(self) -> bool:
        found = _CONSTRUCTOR.match(self._text, self._at)
        if found is None:
            raise Unreadable
        return self._open(Token.CONSTRUCTOR, found.end())

    def _comment(self) -> bool:
        start, text = self._at + 1, self._text
        self._at = start
        if start + 1 >= len(text) or text[start] not in "*/":
            raise Unreadable
        if text[start] == "/":
            line_end = _LINE_END.search(text, start + 1)
            self._at = line_end.end() if line_end else len(text)
        else:
            end = text.find("*/", start + 1)
            self._at = end + 2 if end >= 0 else len(text)
            if end < 0:
                raise Unreadable
        self.token, self.value = Token.COMMENT, None
        return True

    def _set(self, token: Token, value: object) -> bool:
        self._finish_value()
        self.token, self.value = token, value
        return True

    def _finish_value(self) -> None:
        if self._place is None:
            self._state = _State.FINISHED
        else:
            self._state = _State.AFTER_VALUE
            self._place.index += 1

    def _open(self, token: Token, at: int) -> bool:
        self._at = at
        self.token, self.value = token, None
        self._state = _State.OPENED
        outer, self._place = self._place, Place(token)
        if outer is None:
            return True
        outer.index += 1
        self._outer.append(outer)
        if len(self._outer) >= MAX_DEPTH and not self._too_deep:
            self._too_deep = True
            raise Unreadable
        return True

    def _close(self, token: Token, opener: Token) -> bool:
        self._at += 1
        self.token, self.value = token, None
        closed, self._place = self._place, self._outer.pop() if self._outer else None
        if self.depth <= MAX_DEPTH:
            self._too_deep = False
        if closed is None or closed.kind is not opener:
            raise Unreadable
        self._state = _State.AFTER_VALUE if self._place else _State.FINISHED
        return True
