"""Sample pairs: the same copy of the same source on both sides, read from two outputs or made under two specs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from augcli.commands.applied import entries, role_in
from augcli.commands.diff.sides import Side
from augcli.commands.preview.choice import augmented, chosen
from augcli.commands.preview.copies import caption
from augcli.dataset.containers import is_table
from augcli.dataset.reading import read_source
from augcli.dataset.sources import in_shard
from augcli.dataset.tables.opening import opened
from augcli.modality import Digests
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import Mixer
from augcli.modality.images.outputs import SourceMaker
from augcli.modality.texts.maker import decoded
from augcli.output.containers.kinds import container_of
from augcli.output.manifest import Row, record_of
from augcli.plan import output_names
from augcli.plan.copies import copies_of
from augcli.plan.drawing import Recipes
from augcli.plan.request import Options, look_into
from augcli.plan.text_sources import wanted
from augcli.problems import Problem, Refused, Unusable
from augcli.spec.spec import Spec
from augcli.storage import files


class Version(NamedTuple):
    """One side of a pair: a file, or the texts of a record, and what was applied; `error` says why it is not there."""

    name: str
    role: str
    params: list[dict[str, Any]]
    content: bytes | tuple[str, ...] = b""
    error: str = ""

    @property
    def applied(self) -> list[str]:
        """What was applied, step by step."""
        return [caption(entry) for entry in self.params]


class Pair(NamedTuple):
    """Two versions of what was made of a source."""

    title: str
    label: str
    a: Version
    b: Version


def of_outputs(a: Side, b: Side, rows: Iterable[tuple[Row, Row]]) -> Iterator[Pair]:
    """Read the files of both sides that rows tell of."""
    for one, other in rows:
        yield Pair(_title(other), other.label, _read(a, one), _read(b, other))


def _title(row: Row) -> str:
    kind = "view" if row.status == "view" else "copy"
    return f"{row.source}, {kind} {row.copy}" if row.copy else row.source or row.file_name


def _read(side: Side, row: Row) -> Version:
    version = Version(row.file_name, role_in(row.split), entries(row.params))
    try:
        return version._replace(content=_content(side, row.file_name))
    except (Unusable, Refused) as error:
        return version._replace(error=str(error))


def _content(side: Side, name: str) -> bytes | tuple[str, ...]:
    """Return what an output holds under a name of its manifest. Raises `Unusable` and `Refused`."""
    found: bytes | tuple[str, ...] | None
    if record := record_of(name):
        table = opened(str(side.path), record[0], wanted(side.spec)._replace(origin=False))
        block = next((one for one in table.blocks() if 0 <= record[1] - one.first < one.records), None)
        records = table.records(table.read(block), block.first) if block else ()
        found = next((one.texts for one in records if one.number == record[1]), None)
    elif in_shard(name) and is_table(name):
        shard, inside = in_shard(name) or ("", "")
        key, _, suffix = inside.rpartition(".")
        with files.regular(str(side.path / shard)) as file:
            found = next((one.files.get(suffix) for own, one in container_of("parquet").read(file) if own == key), None)
    else:
        return read_source(str(side.path), name)
    if found is None:
        raise Unusable("is no longer there")
    return found


def of_specs(a: Side, b: Side, root: Path, most: int) -> Iterator[Pair]:
    """Make the same copies of some sources under both specs, the classes in turn. Raises `Refused`."""
    specs = a.spec, b.spec
    if specs[0].kind != specs[1].kind:
        raise Refused(Problem(f"{b.path}: for {specs[1].kind}s, {a.path} is for {specs[0].kind}s", "compare two alike"))
    made = _texts if specs[0].kind == "text" else _images
    if specs[0].branches != specs[1].branches:
        what = f"{b.path}: has other pipelines than {a.path}, and no pairs"
        raise Refused(Problem(what, "run both, and compare the outputs"))
    nothing = ("nothing", "", Version("", "", []))
    together = zip_longest(*(made(spec, root, most) for spec in specs), fillvalue=nothing)
    for (title, label, one), (other_title, _, other) in together:
        if title != other_title:
            what = f"{root}: the two specs make copies of other sources, `{title}` and `{other_title}`"
            raise Refused(Problem(what, "run both, and compare the outputs"))
        if (one.params, one.content, one.error) != (other.params, other.content, other.error):
            yield Pair(title, label, one, other)


def _images(spec: Spec, root: Path, most: int) -> Iterator[tuple[str, str, Version]]:
    listing = look_into(spec, root, None, Options(allow_augmented_input=True))
    sources = augmented(spec, root, listing)
    labeller = Labeller(spec, str(root), listing.sets)
    mixer = Mixer(spec, str(root), sources, labeller) if spec.mixes else None
    few = set(chosen(sources, most))
    items = [
        item for item in output_names.items(spec, root, sources, copies_of(spec, root, listing)) if item.source in few
    ]
    recipes = Recipes(spec)
    planned = ((item, one) for item in items for one in output_names.outputs(item, spec))
    for item, output in planned:
        if output.status != "augmented" or output.copy:
            continue
        name = output.file_name
        try:
            data = read_source(str(root), item.source.path, item.source.member)
            ((_, row, encoded),) = SourceMaker(spec, item, data, labeller, mixer, recipes).make([output], Digests(""))
            error = "" if encoded is not None else "left out: it has lost all objects"
            version = Version(name, item.source.role, entries(row.params), encoded or b"", error)
        except Unusable as unusable:
            version = Version(name, item.source.role, [], error=str(unusable))
        yield f"{item.source.path}, {output.branch or 'copy 0'}", item.source.label, version


def _texts(spec: Spec, root: Path, most: int) -> Iterator[tuple[str, str, Version]]:
    from augcli.commands.preview.text_rows import originals
    from augcli.modality.kinds import modality_of
    from augcli.modality.texts.copies import Copies

    modality_of(spec).versions(spec)  # models and tables that are missing are told now
    listing = look_into(spec, root, None, Options(allow_augmented_input=True))
    for original in islice(originals(spec, root, augmented(spec, root, listing), most), most):
        version = Version(original.name, original.role, [], error=original.error)
        if original.texts:
            try:
                copy = Copies(spec, original.role, original.texts, original.columns, original.label).drawn(0)
                strings = tuple(text.string for text in copy.texts)
                names = [{"step": params["step"]} for params in copy.params]
                version = version._replace(params=names, content=strings)
            except Unusable as unusable:
                version = version._replace(error=str(unusable))
        yield f"{original.name}, copy 0", original.label, version


def texts_of(version: Version) -> tuple[str, ...]:
    """Return the texts of a version. Raises `Unusable` where its bytes are none."""
    return (decoded(version.content),) if isinstance(version.content, bytes) else version.content
