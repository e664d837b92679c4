"""What a browser session is called, how long its owner counts as proved, and when a warning comes before its end."""

import re
from datetime import datetime, timedelta

PROVED_FOR = timedelta(minutes=5)
# The first that a browser's description holds; many also name those that they descend from.
_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bChromium/"),
    ("Safari", r"\bVersion/\S+ (?:Mobile/\S+ )?Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("Chrome OS", r"\bCrOS\b"),
    ("Mac", r"\bMacintosh\b|\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)


def is_proved(proved_at: datetime | None, now: datetime) -> bool:
    """Tell whether somebody has proved who they are lately enough to change how they sign in."""
    return proved_at is not None and now - proved_at < PROVED_FOR


def browser_and_system(description: str) -> tuple[str, str]:
    """Return the names of the browser and the system that a browser says it is, each "" when it is none that we know."""
    return _named(_BROWSERS, description), _named(_SYSTEMS, description)


def _named(known: tuple[tuple[str, str], ...], description: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, description)), "")
