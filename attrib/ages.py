"""Ages as people write them: 90d, 12h, 2w."""

import re
from datetime import timedelta

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"(\d{1,6})([hdw])")


def age_of(text: str) -> timedelta:
    """Read a number of hours, days or weeks such as 12h, 90d or 2w; raises ValueError saying so."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"must be a number of hours, days or weeks such as 12h, 90d or 2w, not {text!r}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
