"""The command line in a process of its own, forked from one that has imported everything, and measured.

What Python and the imports take, half a second, is paid once for all tests, and is no part of what is measured.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Done(NamedTuple):
    """What came of a command: exit code, stdout, stderr, the most memory of a process of it, all processor time."""

    code: int
    printed: str
    said: str
    megabytes: float
    seconds: float


SERVER = """
import ctypes, json, os, signal, sys, tempfile
from augcli import cli, lint
from augcli.commands import frozen, plan, replay, run
from augcli.commands.preview import copies, steps
from augcli.spec import descriptions, json_schema, outline
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # whoever's parent has gone becomes our child: workers are measured, too
for line in sys.stdin:
    arguments, folder, environment = json.loads(line)
    streams = [tempfile.TemporaryFile() for _ in range(2)]
    if not (command := os.fork()):
        signal.alarm(200)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        for number, stream in enumerate(streams, 1):
            os.dup2(stream.fileno(), number)
        sys.argv[1:] = arguments
        cli.main()
    code, memory, seconds = None, 0, 0
    try:
        while True:
            process, status, usage = os.wait4(-1, 0)
            code = os.waitstatus_to_exitcode(status) if process == command else code
            memory, seconds = max(memory, usage.ru_maxrss), seconds + usage.ru_utime + usage.ru_stime
    except ChildProcessError:
        pass
    for stream in streams:
        stream.seek(0)
    texts = [stream.read().decode("utf-8", "surrogateescape") for stream in streams]
    print(json.dumps([code, *texts, memory / (1 << 10 if sys.platform == "linux" else 1 << 20), seconds]), flush=True)
"""


@cache
def _server() -> subprocess.Popen[str]:
    """Start what commands are forked from; one for each process of tests."""
    environment = {"PYTHONIOENCODING": "utf-8:strict", "OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}
    environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    server = subprocess.Popen([sys.executable, "-c", SERVER], **pipes)
    atexit.register(server.stdout.close)
    atexit.register(server.wait)
    atexit.register(server.stdin.close)
    return server


def command(*arguments: object, cwd: Path = ROOT, **environment: str) -> Done:
    """Run `augcli` with these arguments in a folder, and with this more in the environment."""
    server = _server()
    given = [os.fspath(one) if isinstance(one, os.PathLike) else str(one) for one in arguments]
    print(json.dumps([given, str(cwd), {**os.environ, **environment}]), file=server.stdin, flush=True)
    answer = server.stdout.readline()
    assert answer, f"the server has ended with {server.wait()}"
    return Done(*json.loads(answer))


def completed(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `augcli` likewise, and return what `subprocess.run` would."""
    done = command(*arguments, cwd=cwd)
    return subprocess.CompletedProcess(["augcli", *arguments], done.code, done.printed, done.said)
