"""The way to a Dask scheduler, by its address."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import socket
import threading
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
    shown = _address_of(address, dask)
    _refuse_silence(shown)
    if shown.startswith("tls://") and not _security(distributed).tls_ca_file:
        what = f"--cluster {shown}: Dask's configuration names no certificates"
        raise Refused(
            Problem(what, "set distributed.comm.tls in it, or DASK_DISTRIBUTED__COMM__TLS__CA_FILE and others")
        )
    found: list[Any] = []
    # What listens there may be no scheduler, and say nothing: Dask would wait for minutes.
    connecting = threading.Thread(target=_connect, args=(distributed, shown, found), daemon=True)
    connecting.start()
    connecting.join(PATIENCE + 5)
    if not found:
        raise _silent(shown)
    return found[0]


def _connect(distributed: Any, address: str, found: list[Any]) -> None:
    """Put a client of a scheduler into `found`, if one answers."""
    with warnings.catch_warnings(), contextlib.suppress(Exception):  # whatever Dask raises: there is no scheduler
        warnings.simplefilter("ignore")  # of versions that differ, about which workers are asked
        found.append(distributed.Client(address, timeout=PATIENCE, set_as_default=False))


def _address_of(given: str, dask: Any) -> str:
    """Return the address that an address, a scheduler file or `auto` stands for. Raises `Refused`."""
    if given == "auto":
        found = dask.config.get("scheduler-address", None)
        if not found:
            what = "--cluster auto: Dask's configuration names no scheduler"
            raise Refused(Problem(what, "export DASK_SCHEDULER_ADDRESS=tcp://host:8786"))
        return str(found)
    if re.match("[a-z]+://", given):
        return given
    help = "--cluster tcp://host:8786, or `auto` for what Dask's configuration says"
    try:
        with open(given, encoding="utf-8") as file:
            return str(json.load(file)["address"])
    except OSError:
        raise Refused(Problem(f"--cluster {given}: no address, and no scheduler file", help)) from None
    except (ValueError, KeyError, TypeError):
        raise Refused(Problem(f"--cluster {given}: not a file that a Dask scheduler wrote", help)) from None


def _refuse_silence(address: str) -> None:
    """Refuse an address at which nothing listens, before Dask tries it for longer than anybody waits."""
    found = re.fullmatch(r"(?:tcp|tls)://\[?([^\[\]/]+)\]?:([0-9]{1,5})/?", address)
    if found is None:
        what = f"--cluster {address}: not an address of a Dask scheduler"
        raise Refused(Problem(what, "--cluster tcp://host:8786, or tls://host:8786"))
    try:
        socket.create_connection((found[1], int(found[2])), PATIENCE).close()
    except (OSError, OverflowError):
        raise _silent(address) from None


def _security(distributed: Any) -> Any:
    """Return what Dask's configuration says of certificates."""
    return distributed.security.Security()


def _silent(address: str) -> Refused:
    what = f"--cluster {address}: no Dask scheduler answers there"
    return Refused(Problem(what, "start one with `dask scheduler`, or correct the address"))
