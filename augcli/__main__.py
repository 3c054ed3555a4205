"""`python -m augcli` and the console script: a process for the command line, how it starts and how it ends."""

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress


def main() -> None:
    gc.set_threshold(100_000, 10, 10)  # what is imported stays: to look for garbage in it takes a tenth of the start
    try:
        from augcli.cli import main

        main()
    except KeyboardInterrupt:  # before the command could hear of it
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except SystemExit as ended:
        if isinstance(ended.code, int):
            _leave(ended.code)
        raise


def _leave(code: int) -> None:
    """End this process at once, where no other thread is left: to free all objects first takes 5 to 10 ms.

    Not where a profiler has something to say at the end.
    """
    if threading.active_count() == 1 and sys.getprofile() is None:
        atexit._run_exitfuncs()
        with suppress(OSError, ValueError):  # which Python tells of when it ends by itself
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            os._exit(code)


if __name__ == "__main__":
    main()
