"""Pack: a container of OUT is made whole, unless it is what is asked for; its rows stand beside it, written last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from augcli.engine.chunks import Chunk
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.engine.packing import Outcome, Pack, PackState
from augcli.engine.tasks.compare import Compared
from augcli.engine.tasks.make import Made, made_of
from augcli.modality import Digests, Maker
from augcli.output.writers import writing
from augcli.plan.output_names import outputs
from augcli.problems import Unusable, counted
from augcli.storage import hashes


@dataclass(frozen=True)
class MakePack:
    """Makes the container of a chunk; with `explains` it notes what became of it."""

    state: PackState
    explains: bool = False

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Made:
        with writing(chunk.part):
            pack = Pack(job, maker, self.state, chunk)
            outcome = pack.whole()
            if isinstance(outcome, str):
                outcome = pack.make()
        notes = [_note(pack.name, outcome)] if self.explains else []
        return made_of(outcome.rows, outcome.made, outcome.kept, notes)


def _note(name: str, outcome: Outcome) -> str:
    parts = [f"{outcome.kept} kept"] if outcome.kept else []
    reasons = Counter(outcome.reasons.values())
    parts += [f"{counted(number, 'source')} made ({reason})" for reason, number in reasons.items()]
    return f"{name}: {', '.join(parts) or 'nothing in it'}"


@dataclass(frozen=True)
class ComparePack:
    """Says what a run would make of the container of a chunk; nothing is written."""

    state: PackState

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Compared:
        pack = Pack(job, maker, self.state, chunk)
        outcome = pack.whole(tries=False)
        if isinstance(outcome, str):
            number = sum(len(outputs(item, job.spec)) for item in chunk.items)
            return Compared(number, 0, [], [f"{pack.name}: {outcome}"])
        failures = [Failure(row.source, row.error) for row in outcome.rows if row.status == "failed"]
        return Compared(0, outcome.kept, failures, [])


@dataclass(frozen=True)
class TryOut:
    """Makes every image of a chunk and throws it away: who dies over it is found."""

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> None:
        for item in chunk.items:
            try:
                if item.error:
                    raise Unusable(item.error)
                data = maker.read(item)
                digests = Digests(hashes.sha256(data), maker.digest_of_labels(item.source))
                for output, _, _ in maker.make(item, outputs(item, job.spec), data, digests):
                    if item.source.labels and output.label is None:
                        maker.shown(item, output, data)
            except OSError:
                raise
            except Exception:  # the worker boundary: whoever makes it will say why it fails
                continue
