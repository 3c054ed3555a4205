"""An S3 server on loopback, buckets in it, and a proxy before it that fails as networks do."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class Server:
    """An S3 server that takes any credentials; objects are put and read here by plain HTTP."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self._numbers = itertools.count()

    def environment(self, endpoint: str = "") -> dict[str, str]:
        """Return what a process needs to find the server, or the proxy at another endpoint."""
        return {
            "AWS_ENDPOINT_URL": endpoint or self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }

    def bucket(self) -> str:
        """Make a bucket; return its address."""
        name = f"bucket-{os.getpid()}-{next(self._numbers)}"
        self._ask("PUT", f"/{name}")
        return f"s3://{name}"

    def put(self, place: str, data: bytes) -> None:
        """Put an object at its address, or a whole address such as `s3://bucket/key`."""
        self._ask("PUT", _path(place), data)

    def get(self, place: str) -> bytes:
        return self._ask("GET", _path(place))

    def delete(self, place: str) -> None:
        self._ask("DELETE", _path(place))

    def keys(self, place: str) -> list[str]:
        """Return the keys below an address, relative to it and sorted."""
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        prefix = prefix and prefix.rstrip("/") + "/"
        found: list[str] = []
        after = ""
        while True:
            query = urllib.parse.urlencode({"list-type": 2, "prefix": prefix, "start-after": after})
            tree = ElementTree.fromstring(self._ask("GET", f"/{bucket}?{query}"))
            page = [key.text or "" for key in tree.iter(f"{NAMESPACE}Key")]
            found += page
            if not page or tree.findtext(f"{NAMESPACE}IsTruncated") != "true":
                return [key.removeprefix(prefix) for key in found]
            after = page[-1]

    def upload(self, folder: Path, place: str) -> str:
        """Put all files of a folder below an address; return that."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(f"{place}/{path.relative_to(folder)}", path.read_bytes())
        return place

    def tree(self, place: str) -> dict[str, bytes]:
        """Return all objects below an address."""
        return {key: self.get(f"{place}/{key}") for key in self.keys(place)}

    def _ask(self, method: str, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.endpoint + path, data, method=method)
        request.add_header("Content-Type", "application/octet-stream")
        request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return bytes(answer.read())


def _path(place: str) -> str:
    return "/" + urllib.parse.quote(place.removeprefix("s3://"))


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Run an S3 server in a process of its own."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):  # it takes a second or two; other work may run here
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None
            time.sleep(0.1)
        yield Server(port)
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


Fault = Callable[[int, str, str], str]
"""Says what happens to a request, by its number from 1, its method and its path: nothing (empty), `drop` (before it is
handed on), `lose` (after that: it is done, and the answer never comes), `cut` (half of the answer comes), `slow`, or an
answer of S3's, as `503 SlowDown`."""


def every(number: int, *kinds: str) -> Fault:
    """Let every n-th request fail, in each of the ways in turn."""
    return lambda at, method, path: "" if at % number else kinds[at // number % len(kinds)]


@contextlib.contextmanager
def proxy(endpoint: str, fault: Fault) -> Iterator[Proxy]:
    """Run a proxy before a server, which lets requests fail."""
    found = Proxy(endpoint, fault)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.shutdown()
        found.server_close()
        thread.join()


class Proxy(ThreadingHTTPServer):
    """A proxy that counts requests; `fault` may be changed at any time."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, endpoint: str, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.fault = endpoint.removeprefix("http://"), fault
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[str] = []
        self.faults = 0
        self.delay = 0.5  # seconds that a slow request takes more
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _hand_on(self) -> None:
        body = self._body()
        with self.server.lock:
            self.server.requests.append(f"{self.command} {self.path}")
            number = len(self.server.requests)
            kind = self.server.fault(number, self.command, self.path)
            self.server.faults += bool(kind)
        if kind[:1].isdigit():
            status, _, code = kind.partition(" ")
            body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
            return self._answer(int(status), [("Content-Type", "application/xml")], body)
        if kind == "drop":
            return self._hang_up()
        if kind == "slow":
            time.sleep(self.server.delay)
        behind = http.client.HTTPConnection(self.server.behind, timeout=120)
        try:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            behind.request(self.command, self.path, body, kept)
            answer = behind.getresponse()
            data = answer.read()
        finally:
            behind.close()
        if kind == "lose":
            return self._hang_up()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OF_ONE_HOP]
        return self._answer(answer.status, headers, data, half=kind == "cut")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _hand_on  # noqa: N815  as the base class calls them

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length")
        return None if length is None else self.rfile.read(int(length))

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, half: bool = False) -> None:
        self.send_response_only(status)
        length = {name.lower(): value for name, value in headers}.get("content-length", str(len(data)))
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if half else data)
        if half:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


_OF_ONE_HOP = frozenset(("connection", "transfer-encoding", "keep-alive", "date", "server"))
