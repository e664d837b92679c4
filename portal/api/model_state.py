"""What is wrong with a request, as texts under keys in the order found, and the words of the old server for it."""

from portal.api.model import Member, fold

HIDDEN = "An error has occurred."
VALUE_REQUIRED = "A value is required."


def not_valid(text: str, name: str) -> str:
    """Return the words for a form field that cannot be read."""
    return f"The value '{text}' is not valid for {name}."


def property_required(name: str) -> str:
    """Return the words for a missing member that is no string."""
    return f"The {name} property is required."


def field_required(name: str) -> str:
    """Return the words for a string that is missing, empty or blank."""
    return f"The {name} field is required."


def too_long(member: Member) -> str:
    """Return the words for a string over its length."""
    return f"The field {member.name} must be a string with a maximum length of {member.max_length}."


class ModelState:
    """Collects texts under `<prefix>.<path>`; keys that differ in case only are one, spelled as they came first."""

    def __init__(self, prefix: str) -> None:
        self.texts: dict[str, list[str]] = {}
        self._prefix = prefix
        self._spelled: dict[str, str] = {}

    def add(self, path: str, text: str) -> None:
        """Note a text about the member at a path; the empty path is the whole request."""
        key = f"{self._prefix}{path}" if not path or path.startswith("[") else f"{self._prefix}.{path}"
        texts = self.texts.get(key)
        if texts is None:
            texts = self.texts.setdefault(self._spelled.setdefault(fold(key), key), [])
        texts.append(text)
