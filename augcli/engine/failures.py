"""Why sources fail, in our own words: those of other libraries can hold addresses, and differ by version."""

from __future__ import annotations

from typing import NamedTuple

from augcli.problems import reason_of as reason_of

KILLED = "its worker crashed, or was killed for using too much memory"
SLOW = "takes far too long to be opened, as damaged or malicious files do"


class Failure(NamedTuple):
    """A source that could not be used, or a file that could not be made again, and why."""

    source: str
    reason: str
