import tomllib

import pytest

from portal.domain.toml_lines import Path, line_of, lines_of

AWKWARD = '''\
# a comment with "quotes" and [brackets]
title = "a # in a text"
'literal key' = 1
"quoted \\"key\\"" = { deep . er = [1, 2], b = "x, } ]" }
a.b.c = 2026-12-24 08:30:00
text = """
first ] line
"" two quotes and \\""" three
last""""
literal = \'\'\'
[not] a = "table"
\'\'\'\'
list = [ # comment ]
  "one",
  [ "two", { three = 3 } ],  # more

  4.5 ]

[ server . "host name" ]
port = 80
[[people]]
name = "Ann"
[people.home]
town = "Oslo"
[[people.cars]]
plate = 1
[[people.cars]]
plate = 2
[[people]]
name = "Bo"
[[people.cars]]
plate = 3
'''


def paths(value: object, path: Path = ()) -> set[Path]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(paths(child, (*path, key)) for key, child in children))


def test_every_path_that_tomllib_knows_has_a_line() -> None:
    assert lines_of(AWKWARD).keys() == paths(tomllib.loads(AWKWARD))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("title",), "title ="),
        (('quoted "key"', "b"), '"quoted'),
        (("a", "b", "c"), "a.b.c"),
        (("literal",), "literal = "),
        (("list", 0), '"one"'),
        (("list", 1, 1, "three"), '"two"'),
        (("list", 2), "4.5"),
        (("server", "host name", "port"), "port"),
        (("people", 0, "home", "town"), "town"),
        (("people", 0, "cars", 1, "plate"), "plate = 2"),
        (("people", 1, "name"), 'name = "Bo"'),
        (("people", 1, "cars", 0, "plate"), "plate = 3"),
    ],
)
def test_a_line_is_where_the_value_or_its_key_begins(path: Path, written: str) -> None:
    assert written in AWKWARD.splitlines()[lines_of(AWKWARD)[path] - 1]


def test_an_absent_path_is_on_the_line_of_what_is_around_it() -> None:
    lines = lines_of(AWKWARD)
    assert line_of(lines, ("people", 1, "age")) == lines["people", 1]
    assert line_of(lines, ("nothing", "here")) == 1


def test_an_empty_text_has_one_line() -> None:
    assert lines_of("") == {(): 1}
