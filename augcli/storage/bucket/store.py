"""The clients of buckets, one for each bucket and process, and what their errors mean."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from augcli.problems import Problem, Refused, Unreachable, Unusable
from augcli.storage.addresses import BucketPath, Place
from augcli.storage.bucket.failures import failure
from augcli.storage.bucket.profiles import profile

R = TypeVar("R")

RETRIES, SECONDS = 10, 60
"""A call that fails for a moment is tried again, so often and so long at most."""
LONGEST_WAIT = 15  # seconds between two tries
LONGEST_CALL = 60  # seconds

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_KEY = 1024  # bytes, of all three clouds

_clients: dict[tuple[int, str], Any] = {}
"""By process and bucket: a fork has threads of none of them."""


class Address(NamedTuple):
    """A place in a bucket: the bucket with its scheme, as `s3://bucket`, and the key; empty for the bucket itself."""

    bucket: str
    key: str


def address(path: Place) -> Address:
    """Return the address of a place."""
    scheme, _, rest = str(BucketPath(path)).partition("://")
    bucket, _, key = rest.partition("/")
    return Address(f"{scheme}://{bucket}", key)


def key_to_write(path: Place) -> Address:
    """Return the address of an object that may be written. Raises OSError (ENAMETOOLONG, EILSEQ) where none can be."""
    found = address(path)
    try:
        length = len(found.key.encode())
    except UnicodeEncodeError:
        raise OSError(errno.EILSEQ, "a name that is no UTF-8, which a bucket cannot hold", os.fspath(path)) from None
    if length > LONGEST_KEY:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), os.fspath(path))
    if _CONTROL.search(found.key):
        raise OSError(errno.EILSEQ, "a name with control characters, which is not written to buckets", os.fspath(path))
    return found


def is_writable(path: Place) -> bool:
    """Tell whether an object may have that name."""
    try:
        key_to_write(path)
    except OSError:
        return False
    return True


def obstore() -> Any:
    """Return the library that reaches buckets. Raises `Refused` where it is not installed."""
    try:
        import obstore
        import obstore.store
    except ImportError:
        what = "IN or OUT lies in a bucket, and obstore is not installed"
        raise Refused(Problem(what, 'pip install "augcli[cloud]"')) from None
    return obstore


def client(bucket: str) -> Any:
    """Return the client of a bucket in this process. Raises `Unreachable` where it cannot be made."""
    key = os.getpid(), bucket
    if key not in _clients:
        from_url: Any = obstore().store.from_url
        options: dict[str, Any] = {"timeout": timedelta(seconds=LONGEST_CALL), "connect_timeout": timedelta(seconds=5)}
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        if endpoint and not re.match(r"https?://[^/\s]+", endpoint):
            raise Refused(
                Problem(f"AWS_ENDPOINT_URL: `{endpoint}` is no URL", f"http://{endpoint} or https://{endpoint}")
            )
        if endpoint.startswith("http://") or os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1"):
            options["allow_http"] = True  # who writes such an address wants it
        retries: Any = {
            "max_retries": RETRIES,
            "retry_timeout": timedelta(seconds=SECONDS),
            "backoff": {
                "init_backoff": timedelta(seconds=0.1),
                "max_backoff": timedelta(seconds=LONGEST_WAIT),
                "base": 2,
            },
        }
        config: Any = profile(os.environ) if bucket.startswith("s3:") else {}
        with told(bucket):
            _clients[key] = from_url(bucket, config=config, client_options=options, retry_config=retries)
    return _clients[key]


class CutOff(Unreachable):
    """The body of an answer has ended too soon, after which the library does not ask again."""


MOST_CUT = 5
"""Answers in a row that may be cut off."""


def uncut(path: Place, call: Callable[[], R]) -> R:
    """Return what a call returns that only reads, made again where its answer is cut off."""
    for _ in range(MOST_CUT):
        with suppress(CutOff), told(path):
            return call()
    with told(path):
        return call()


@contextmanager
def told(path: Place) -> Iterator[None]:
    """Say in our own words what goes wrong at a place.

    Raises FileNotFoundError where there is no such object, and `Unreachable` where no other call would do better.
    Conditions that do not hold are raised as they are.
    """
    try:
        yield
    except (Unreachable, Refused, Unusable):
        raise
    except Exception as error:  # of a library whose errors have no common class
        kind = type(error).__name__
        if kind in ("AlreadyExistsError", "PreconditionError"):
            raise
        if "response body" in str(error):
            raise CutOff(errno.EIO, "its answers are cut off", os.fspath(path)) from None
        raise failure(error, kind, address(path).bucket, os.fspath(path)) from None
