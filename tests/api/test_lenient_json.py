"""The reader of lenient JSON, token by token and through the members it fills."""

import pytest

from portal.api.json_body import read_json
from portal.api.json_place import Token
from portal.api.lenient_json import Reader
from portal.api.model import APPOINTMENT, Kind, Member, Model

TEXTS = Model("Texts", (Member("A", Kind.STRING), Member("B", Kind.STRING), Member("N", Kind.INTEGER)))


def filled(text: str, model: Model = TEXTS) -> tuple[dict[str, object] | None, list[str]]:
    paths: list[str] = []
    values = read_json(text, model, paths.append)
    return values and {name: value for name, value in values.items() if value is not None}, paths


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{'A':'x'}", {"A": "x"}),
        ("{A:'it\\'s', B : 'b'}", {"A": "it's", "B": "b"}),
        ('{"A":"x",}', {"A": "x"}),
        ('// first\n{ /* then */ "A": /* and */ "x" /* last */ }', {"A": "x"}),
        ('{"A":"a\nb\tc"}', {"A": "a\nb\tc"}),
        ('{"A":"x"} anything', {"A": "x"}),
        ('\0\u3000{\xa0"A"\u2028:\0"x"}', {"A": "x"}),
        ('{"A":"\\u0041\\/\\b\\ud83d\\ude00"}', {"A": "A/\b\U0001f600"}),
        ('{"A":"\\ud800\\ud83d\\ude00\\udc00\\ud800x"}', {"A": "\ufffd\U0001f600\ufffd\ufffdx"}),
        ('{"A":"\\ud800\\u0041"}', {"A": "\ufffdA"}),
        ('{"A":1.10,"B":false}', {"A": "1.1", "B": "False"}),
        ('{"A":NaN,"B":-Infinity}', {"A": "NaN", "B": "-Infinity"}),
        ('{"A":1e20,"B":0.00001}', {"A": "1E+20", "B": "1E-05"}),
        ('{"X":[[],{"A":1},new Date(1),undefined,],"A":"x"}', {"A": "x"}),
    ],
)
def test_1_5_3_reads_what_old_servers_read(text: str, values: dict[str, object]) -> None:
    assert filled(text) == (values, [])


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('{,"A":"x"}', [""]),
        ('{"A" "x"}', [""]),
        ('{"A":"x" "B":"y"}', ["A"]),
        ('{"A":True}', ["A", "A"]),
        ('{"A":+5}', ["A", "A"]),
        ('{"A":truefalse,"B":"y"}', ["A"]),
        ('{"A":"\\x","B":"y"}', ["A", "A"]),
        ('{"A":"x"]', [""]),
        ('{"A":"x"', ["A"]),
        ('{"A":"x","B', ["A"]),
        ('{"A":undefined,"B":"y"}', ["A"]),
        ('{"A":/* x', ["A", "A"]),
        ("{A-B:1}", [""]),
        ('{"A":tru', ["A", "A"]),
    ],
)
def test_notes_the_member_reached_last(text: str, paths: list[str]) -> None:
    assert filled(text)[1] == paths


def test_a_number_that_is_none_leaves_the_reader_behind_it() -> None:
    assert filled('{"A":"x","N":1.5}') == ({"A": "x"}, ["N", ""])
    assert filled('{"N":1.5,"A":"x"}') == (None, ["N", "A"])


def test_an_object_in_place_of_an_id_ends_the_outer_object() -> None:
    body = '{"UserId":{"a":1},"Reason":"x"}'
    assert filled(body, APPOINTMENT)[1] == ["UserId.a", "UserId", "UserId"]


def test_elided_and_null_items_keep_their_places() -> None:
    values, paths = filled('{"Reasons":[,null,{},]}', APPOINTMENT)
    assert values is not None
    assert (len(values["Reasons"]), paths) == (3, [""] * 3)  # type: ignore[arg-type]  # a list, or the assertion fails


def test_the_path_names_places_as_they_were_spelled() -> None:
    reader = Reader('{"reasons":[1,{"a b":[new Date(2')
    while reader.read():
        pass
    assert reader.path == "reasons[1].['a b'][0][0]"


@pytest.mark.parametrize(("levels", "too_deep"), [(256, False), (257, True)])
def test_nesting_ends_at_256(levels: int, too_deep: bool) -> None:  # noqa: FBT001  a column of a table
    _, paths = filled('{"X":' + "[" * (levels - 1) + "]" * (levels - 1) + "}")
    assert bool(paths) == too_deep


@pytest.mark.parametrize("text", ["", " \r\n", "/* nothing */", "null", '""', "undefined"])
def test_a_text_can_say_nothing(text: str) -> None:
    assert filled(text) == (None, [])


def test_a_comment_is_a_token_of_its_own() -> None:
    reader = Reader("// a\r\n1")
    tokens = []
    while reader.read():
        tokens.append(reader.token)
    assert tokens == [Token.COMMENT, Token.NUMBER]
