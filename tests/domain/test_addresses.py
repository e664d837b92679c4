import pytest

from portal.domain.addresses import is_address, mailbox


@pytest.mark.parametrize(
    "text", ["a@b", "ada@example.org", "ada+tag@mail.example.org", "o'neil_x-1@example.org", "jos\u00e9@ex\u00e4mple.org", "a" * 64 + "@b.org"]
)
def test_this_is_an_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@@example.org",
        "a@b@c",
        "ada @example.org",
        "ada@example..org",
        "ada@.org",
        "ada@example.org,eve@example.org",
        "<ada@example.org>",
        "ada@example.org\u2028",
        "ada@example.org\x00",
        "a" * 65 + "@b.org",
        "a@" + "b" * 253,
    ],
)
def test_this_is_none(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize("text", ["ada@example.org\r\nBcc: eve@example.org", "ada@example.org\nX: y", "ada\r@example.org", "ada%0d@example.org\r\n"])
def test_1_3_11_an_address_holds_no_line_break(text: str) -> None:
    assert not is_address(text)


def test_a_tag_leads_to_the_same_mailbox() -> None:
    assert mailbox("Ada+school@Example.org") == mailbox("ada@example.org") != mailbox("ada.b@example.org")
