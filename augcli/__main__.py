"""`python -m augcli` and the console script: the command line, and a line for whoever stops it while it is imported."""

import gc
import sys


def main() -> None:
    gc.set_threshold(100_000, 10, 10)  # what is imported stays: to look for garbage in it takes a tenth of the start
    try:
        from augcli.cli import main

        main()
    except KeyboardInterrupt:  # before the command could hear of it
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
