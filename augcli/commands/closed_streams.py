"""Standard streams that whoever starts augcli has closed."""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Take the places of standard streams that are closed, or the first file that is opened would be one of them.

    What is said to a closed stderr is lost; what is printed to a closed stdout cannot be written.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  likewise
