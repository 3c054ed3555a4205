"""Look: each source is opened and a thumbnail taken, for the search for doubles; nothing is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine.chunks import Chunk
from augcli.engine.jobs import Job
from augcli.modality import Maker
from augcli.problems import Unusable, reason_of


class Seen(NamedTuple):
    """What was seen of the sources of a chunk, by their paths, how many they are, and why some cannot be used."""

    sources: int
    thumbnails: dict[str, Any]
    failed: dict[str, str]


@dataclass(frozen=True)
class Look:
    """Takes thumbnails of sources."""

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Seen:
        seen: dict[str, Any] = {}
        failed: dict[str, str] = {}
        for item in chunk.items:
            try:
                if item.error:
                    raise Unusable(item.error)
                seen[item.source.path] = maker.thumbnail(maker.read(item))
            except OSError:
                raise
            except Exception as error:  # the worker boundary
                failed[item.source.path] = reason_of(error)
        return Seen(len(chunk.items), seen, failed)
