"""E-mail addresses: which texts can be one, and which lead to the same mailbox."""

ADDRESS_MAX = 254
_LOCAL_MAX = 64
# What would end an address in a header, or begin another one.
_MARKS = frozenset('<>()[],;:\\"')


def is_address(text: str) -> bool:
    """Tell whether a text has the shape of one address; whether mail arrives there only a mail can tell."""
    local, at, domain = text.partition("@")
    plain = text.isprintable() and not any(letter.isspace() or letter in _MARKS for letter in text)
    named = 0 < len(local) <= _LOCAL_MAX and "@" not in domain and all(domain.split("."))
    return plain and bool(at) and named and len(text) <= ADDRESS_MAX


def mailbox(address: str) -> str:
    """Return an address without the tag that many providers let people add after a plus sign."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
