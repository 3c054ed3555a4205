"""What the errors of a client mean, in our own words, and what to do."""

from __future__ import annotations

import errno
import os
import re

from augcli.problems import Unreachable

_EXPIRED = re.compile("ExpiredToken|TokenRefreshRequired|RequestExpired|token.{0,20}expired", re.IGNORECASE)
_UNKNOWN = re.compile("InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|AuthFailure|InvalidSecurity")
_ELSEWHERE = re.compile(
    "PermanentRedirect|AuthorizationHeaderMalformed|without LOCATION|status code: 301|IllegalLocation"
)
_REGION = re.compile("<Region>([a-z0-9-]+)</Region>|expecting '([a-z0-9-]+)'")
_NO_CREDENTIALS = re.compile(
    r"169\.254\.169\.254|169\.254\.170|metadata\.google|MetadataRequest|Account must be|TokenRequest"
)
_CODE = re.compile("<Code>([A-Za-z]{1,60})</Code>")
_STATUS = re.compile(r"status code: ([0-9]{3})")
_HOST = re.compile(r"https?://([^/\s?]+)")
_KEY = re.compile(r'Path "(.*?)" contained|parsing Path "(.*?)"', re.DOTALL)

_OF_CLOUD = {
    "s3": ("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", "AWS_ENDPOINT_URL"),
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_BASE_URL"),
    "az": ("AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ENDPOINT"),
}
"""The variables that name credentials and the endpoint."""


def failure(error: Exception, kind: str, bucket: str, where: str) -> OSError:
    """Return the error that tells what has gone wrong at a place; `kind` is the name of the client's error."""
    text = str(error)
    credentials, endpoint = _OF_CLOUD[bucket.partition(":")[0]]
    status = found[1] if (found := _STATUS.search(text)) else ""
    code = found[1] if (found := _CODE.search(text)) else ""
    if code == "NoSuchBucket" or "ContainerNotFound" in text or "bucket does not exist" in text:
        return _unreachable(errno.ENOENT, "no such bucket", bucket, "make it, or correct its name")
    if _ELSEWHERE.search(text):
        region = next(filter(None, found.groups()), "") if (found := _REGION.search(text)) else ""
        help = f"set AWS_REGION={region}" if region else "set AWS_REGION to the region of the bucket"
        return _unreachable(errno.ENXIO, "lies in another region", bucket, help)
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), where)
    if _EXPIRED.search(text):
        return _unreachable(errno.EACCES, "the credentials have expired", bucket, "renew them")
    if _UNKNOWN.search(text):
        return _unreachable(errno.EACCES, "the credentials are not accepted", bucket, f"check {credentials}")
    if _NO_CREDENTIALS.search(text):
        return _unreachable(errno.EACCES, "no credentials are set", bucket, f"set {credentials}")
    if kind in ("PermissionDeniedError", "UnauthenticatedError") or status in ("401", "403"):
        help = "give these credentials the right to list, read, write and delete there"
        return _unreachable(errno.EACCES, "access is denied", where, help)
    if kind == "InvalidPathError" or isinstance(error, ValueError):
        key = next(filter(None, found.groups()), "") if (found := _KEY.search(text)) else ""
        what = f"holds the key `{key}`" if key else "holds a key"
        what += ", with an empty folder name or a control character, which cannot be read"
        return _unreachable(errno.EILSEQ, what, bucket, "rename or remove that object")
    if status == "416":
        return _unreachable(errno.ERANGE, "the place lies behind its end", where, "rerun when nobody writes to it")
    if status == "501":
        help = "use a store that knows conditional writes, which locks need"
        return _unreachable(errno.ENOSYS, "the server does not know what it is asked for", where, help)
    if status.startswith("5") or status == "429":
        return _unreachable(errno.EIO, f"the server keeps failing ({status})", where, "try again later")
    if status:
        what = f"the server refuses ({' '.join(filter(None, (status, code)))})"
        return _unreachable(errno.EIO, what, where, f"check its address, {endpoint} and AWS_REGION")
    host = found[1] if (found := _HOST.search(text)) else ""
    what = f"cannot be reached (no answer from {host})" if host else "cannot be reached"
    return _unreachable(errno.EHOSTUNREACH, what, bucket, f"check the network and {endpoint}")


def is_range(error: Unreachable) -> bool:
    """Tell whether a server has refused a place of an object that lies behind its end."""
    return error.errno == errno.ERANGE


def _unreachable(number: int, what: str, where: str, help: str) -> Unreachable:
    error = Unreachable(number, what, where)
    error.help = help
    return error
