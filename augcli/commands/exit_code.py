"""The exit code of a command, and the line that says what stopped it: no traceback for what a user can cause."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any

import click


def exit_code_of(command: Callable[[], Any]) -> int:
    """Return what a command comes to, having said in a line what stopped it."""
    try:
        code = int(command() or 0)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone
        return 0
    except BaseException as error:
        return _stopped(error)


def _stopped(error: BaseException) -> int:
    """Say what stopped a command, and return its exit code. Raises what is no more than a mistake of ours."""
    from augcli.problems import Problem, Refused, Terminated, Unreachable, joined, say

    match error:
        case click.ClickException():
            error.show(file=(said := io.StringIO()))
            say(said.getvalue().rstrip())
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            say("interrupted; finished files are complete, rerun to resume")
            return 130
        case Terminated():
            say("terminated; finished files are complete, rerun to resume")
            return 143
        case Refused():
            say(joined(error.problems))
            return error.exit_code
        case Unreachable():  # or the run would have told how to go on
            say(str(Problem(f"{error.filename}: {error.strerror}", error.help)))
            return 2
        case OSError() | MemoryError() | ImportError():
            sys.stdout = None  # or what is left would be tried again at the end
            say(_stopping(error))
            return 3
    raise error


def _stopping(error: OSError | MemoryError | ImportError) -> str:
    """Say what in the machine is in the way of a command."""
    from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit

    from augcli.problems import Problem

    if isinstance(error, OSError):
        place = error.filename
        if place is None:
            try:
                os.getcwd()
            except FileNotFoundError:
                return str(Problem("the current folder was removed", "cd .."))
        where = "standard output" if place is None else os.fsdecode(place) if not isinstance(place, int) else place
        return str(Problem(f"{where}: {(error.strerror or 'cannot be used').lower()}"))
    most = getrlimit(RLIMIT_AS)[0]
    if most != RLIM_INFINITY:
        return str(Problem(f"not enough memory: `ulimit -v` is {most >> 10}", "ulimit -v unlimited"))
    if isinstance(error, MemoryError):
        return str(Problem("not enough memory", "free memory, or use fewer --jobs"))
    missing = str(error).strip().splitlines()[-1]
    return str(Problem(f"this installation is incomplete ({missing})", "reinstall augcli"))
