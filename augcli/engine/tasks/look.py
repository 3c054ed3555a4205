"""Look: each source is opened and a thumbnail taken, for the search for doubles; nothing is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine.chunks import Chunk
from augcli.engine.jobs import Job
from augcli.modality import Maker
from augcli.problems import Unusable


class Seen(NamedTuple):
    """What was seen of the sources of a chunk, by their paths, and how many they are."""

    sources: int
    thumbnails: dict[str, Any]


@dataclass(frozen=True)
class Look:
    """Takes thumbnails of sources; those that cannot be used are passed over: a run tells of them."""

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Seen:
        seen: dict[str, Any] = {}
        for item in chunk.items:
            try:
                if item.error:
                    raise Unusable(item.error)
                seen[item.source.path] = maker.thumbnail(maker.read(item))
            except OSError:
                raise
            except Exception:  # the worker boundary
                continue
        return Seen(len(chunk.items), seen)
