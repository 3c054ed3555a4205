"""What augcli tells its users when something is wrong: what it is, where, and what to do.

A message is lower case without a full stop; the offending word stands in backticks; what was found
comes first, then what is allowed. Help is something that the user can type.
"""

from __future__ import annotations

import math
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Where:
    """A place in a text file; `line` and `column` count from 1, `text` is the whole source line."""

    file: str
    line: int
    column: int
    text: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `str()` is the whole diagnostic as it is printed; `rule` is the name of a warning."""

    what: str
    help: str | None = None
    where: Where | None = None
    rule: str | None = None

    def __str__(self) -> str:
        what = self.what if self.rule is None else f"warning[{self.rule}]: {self.what}"
        if self.where is None:
            what = printable(what)
            return what if self.help is None else f"{what}\n  = help: {printable(self.help)}"
        number = str(self.where.line)
        pad = " " * len(number)
        # Of a long line only the part around the column is shown.
        text = printable(self.where.text)
        place = len(printable(self.where.text[: self.where.column - 1]))
        start = max(0, place - 60) if len(text) > 120 else 0
        lines = [
            f"{printable(self.where.file)}:{number}:{self.where.column}: {_in_short(what)}",
            f"{pad} |",
            f"{number} | {text[start : start + 120]}".rstrip(),
            f"{pad} | {' ' * (place - start)}^",
        ]
        if self.help is not None:
            lines.append(f"{pad} = help: {_in_short(self.help)}")
        return "\n".join(lines)


class Refused(Exception):
    """The command cannot go on. The exception has every problem that was found, and the exit code."""

    def __init__(self, problems: Problem | Iterable[Problem], exit_code: int = 2) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        self.exit_code = exit_code
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[Refused], tuple[list[Problem], int]]:
        return type(self), (self.problems, self.exit_code)  # another process may have to say it


class SpecError(Refused):
    """A spec cannot be used; `problems` has everything that is wrong with it, in reading order, with its place."""


class Enough(Exception):
    """So much is wrong with a text that the rest of it need not be looked at."""

    MOST = 100
    """Problems of one text; to find near names for thousands would take many seconds."""


class Terminated(BaseException):
    """SIGTERM arrived."""


def joined(problems: list[Problem]) -> str:
    """Return diagnostics as they are printed, several with their number below."""
    shown = problems if len(problems) <= MANY else _one_of_each(problems)
    text = "\n".join(map(str, shown))
    more = f" in all; {len(problems) - len(shown)} more are like these" if len(shown) < len(problems) else ""
    return text if len(problems) == 1 else f"{text}\n{len(problems)} problems{more}"


MANY, EACH = 20, 1
"""Of more than so many problems augcli tells so many of each kind: one mistake made them, or malice."""


def _one_of_each(problems: list[Problem]) -> list[Problem]:
    kinds: Counter[str] = Counter()
    shown: list[Problem] = []
    for problem in problems:
        kinds[kind := _QUOTE.sub("", problem.what)] += 1
        if kinds[kind] <= EACH and len(shown) < MANY:
            shown.append(problem)
    return shown


class Unreachable(OSError):
    """A bucket cannot be used: not this object alone, but none of it. `help` says what to do."""

    help = ""


class Unusable(Exception):
    """An image cannot be used: it is damaged, too small or too large. A run has a `failed` row for it.

    The text is ours, never another library's: theirs can hold addresses or paths.
    """


class Unread(Unusable):
    """The system did not let augcli read a source, whose content is not known."""


class Suggestion(str):
    """A help that names values to write. Whoever knows their place keeps those that are accepted there."""

    values: tuple[Any, ...]
    note: str

    def accepted(self, accepts: Callable[[Any], bool]) -> Suggestion | None:
        """Return the help with those of its values that are accepted; None where none is."""
        kept = [value for value in self.values if accepts(value)]
        if len(kept) == len(self.values):
            return self
        return write(*kept, note=self.note) if kept else None


def write_settings(**settings: Any) -> Suggestion:
    """Make a help of several settings to write at once."""
    help = Suggestion(f"write {flow(_tidy(settings))[1:-1]}")
    help.values, help.note = (settings,), ""
    return help


def write(*values: Any, note: str = "") -> Suggestion:
    """Make a help of values to write, and what is said of them; what is nearly a whole number is one."""
    tidy = tuple(map(_tidy, values))
    help = Suggestion(f"write {' or '.join(dict.fromkeys(map(flow, tidy)))}{note}")
    help.values, help.note = tidy, note
    return help


def write_number(value: Any) -> Suggestion | None:
    """Make a help for text that stands for a number: `"0.5"`, `1./255`, `10%`; None for anything else."""
    found = _ARITHMETIC.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if found is None:
            return None
        number = float(found[1]) / (float(found[2]) if found[2] else 100 if found[3] else 1)
    except (ValueError, ZeroDivisionError):
        return None
    return write(float(f"{number:.6g}")) if math.isfinite(number) else None


_ARITHMETIC = re.compile(r"([-+]?[0-9.]+)\s*(?:/\s*([0-9.]+)|(%))?")  # linear, whatever is matched


def _tidy(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [*map(_tidy, value)]
    if isinstance(value, Mapping):
        return {key: _tidy(item) for key, item in value.items()}
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 12)
    return value


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Name the known word nearest to `word`, as a help line; None when nothing is near enough (0 to 1)."""
    near = nearest(word, known, likeness)
    return f"did you mean `{near}`?" if near else None


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known word nearest to `word`, whatever its case; None when nothing is near enough (0 to 1)."""
    import difflib  # only when something is already wrong

    small = {name.lower(): name for name in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word.lower(), sorted(small), n=1, cutoff=likeness)
    return small[near[0]] if near else None


def quoted(value: Any) -> str:
    """Write a YAML value as a message shows it where a word is expected."""
    return f"`{value}`" if isinstance(value, str) else spelled(value)


def spelled(value: Any) -> str:
    """Write a YAML value as a message shows it where text is as wrong as anything."""
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, Mapping) else f"`{flow(value)}`"


def flow(value: Any) -> str:
    """Write a value as YAML has it inside a line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float) and "e" in (shown := repr(value)) and "." not in shown:
        return shown.replace("e", ".0e")  # 1e-05 is a number to some YAML readers only
    return f'"{value}"' if isinstance(value, str) else str(value)


def listed(words: Iterable[str]) -> str:
    """Join words for a message: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)


def named(names: Sequence[str]) -> str:
    """Return the first three names for a message, and how many more there are: `a`, `b`, `c` and 2 more."""
    few = [f"`{name}`" for name in names[:3]] + ([f"{len(names) - 3} more"] if len(names) > 3 else [])
    return " and ".join([", ".join(few[:-1]), few[-1]]) if len(few) > 1 else "".join(few)


def such_as(number: int, example: str) -> str:
    """Return what names one of a number of things behind what is said of them; of a single one it is that."""
    return f", {'namely' if number == 1 else 'such as'} `{example}`"


_QUOTE = re.compile("`[^`]*`")
_LONGEST_QUOTE, _LONGEST = 100, 450  # the known parameters of keras.ImageDataGenerator have 400


def _in_short(words: str) -> str:
    """Return a message about a text as it is printed: what it quotes may be as long as the text, and is cut."""

    def cut(quote: re.Match[str]) -> str:
        return quote[0] if len(quote[0]) <= _LONGEST_QUOTE else f"{quote[0][: _LONGEST_QUOTE - 4]}...`"

    words = printable(_QUOTE.sub(cut, words))
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."


def say(text: str) -> None:
    """Print to stderr; where that cannot be written to either, the exit code must say it all."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  or what is left would be tried again at the end


def counted(number: int, thing: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def printable(text: str) -> str:
    """Escape control characters and undecodable bytes, so that a file name cannot drive a terminal.

    A line feed inside a name is escaped as well; callers break lines between texts, not inside one.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else f"\\x{ord(character) - 0xDC00:02X}"
        if 0xDC80 <= ord(character) <= 0xDCFF
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def reason_of(error: Exception) -> str:
    """Return why a source failed, in our own words: those of others can hold addresses, and differ by version.

    Raises the error itself where it is an ImportError: a library that is loaded when it is needed is no source's fault.
    """
    if isinstance(error, ImportError):
        raise error
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory"
    return f"could not be processed ({type(error).__name__}); please report it"
