"""The way to a Dask scheduler, by its address."""

from __future__ import annotations

import logging
import os
import re
import warnings
from typing import Any

from augcli.problems import Problem, Refused

PATIENCE = 10.0  # seconds in which a scheduler must answer

MISSING = Problem("--cluster: dask and distributed are not installed", 'pip install "augcli[cluster]"')


def connected(address: str) -> Any:
    """Return a client of the scheduler at `tcp://host:port`, `tls://...`, of a scheduler file, or as `auto` finds it.

    Raises `Refused` where there is none, or Dask is not installed.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise Refused(MISSING) from None
    for name in ("distributed", "distributed.client", "distributed.core", "distributed.comm", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said in our own words
    given: dict[str, Any] = {"address": address}
    if address == "auto":
        given = {"address": dask.config.get("scheduler-address", None)}
        if given["address"] is None:
            what = "--cluster auto: Dask's configuration names no scheduler"
            raise Refused(Problem(what, "export DASK_SCHEDULER_ADDRESS=tcp://host:8786"))
    elif not re.match("[a-z]+://", address):
        if not os.path.isfile(address):
            what = f"--cluster {address}: no address, and no scheduler file"
            raise Refused(Problem(what, "--cluster tcp://host:8786, or `auto` for what Dask's configuration says"))
        given = {"scheduler_file": address}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ, about which workers are asked
            client: Any = distributed.Client  # whose types are not all there
            return client(**given, timeout=PATIENCE, set_as_default=False)
    except (TimeoutError, OSError, ValueError, TypeError, KeyError, RuntimeError):
        shown = given.get("address", address)
        what = f"--cluster {shown}: no Dask scheduler answers there"
        raise Refused(Problem(what, "start one with `dask scheduler`, or correct the address")) from None
