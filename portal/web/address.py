"""The address of the page that is asked for, as links and headers say it again."""

from urllib.parse import quote

from flask import request

_QUERY_MARKS = "%&=?/:+,;@!$'()*"


def here() -> str:
    """Return the address of this request, path and query; its bytes may be any, so all but plain ones are encoded."""
    query = quote(request.query_string, safe=_QUERY_MARKS)
    return quote(request.path) + (f"?{query}" if query else "")
