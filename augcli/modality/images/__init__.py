"""Images as a kind of data: how their sources are opened, mixed, made into files, compared and looked at.

Plain functions, one module for each of these; `IMAGES` hands them to workers, and imports what few runs need where it
is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augcli.dataset.reading import read_source
from augcli.dataset.sources import LabelSet, Source
from augcli.image import native, ops, pictures, process
from augcli.image.lazy_imports import cv2
from augcli.image.ops import native_run
from augcli.image.versions import versions
from augcli.modality import Digests, MadeRecord, Maker, Modality
from augcli.modality.images import outputs
from augcli.modality.images.mixes import Mixer
from augcli.modality.images.outputs import SourceMaker
from augcli.modality.objects import Objects
from augcli.output.joining import Addition
from augcli.output.manifest import Row
from augcli.plan.drawing import Recipes
from augcli.plan.image_formats import is_known_by_suffix, refuse_other_format
from augcli.plan.output_names import Item, Output
from augcli.problems import Problem, Refused
from augcli.spec.spec import Spec

if TYPE_CHECKING:
    from augcli.image.near_duplicates import Thumbnail
    from augcli.modality.images.labelled import Labeller


class ImageMaker:
    """Makes images of one spec."""

    def __init__(self, spec: Spec, root: str, labeller: Callable[[], Labeller], mixer: Mixer | None) -> None:
        """Take what reads labels, which is asked for when a source has some."""
        self._spec, self._root, self._labeller, self._mixer = spec, root, labeller, mixer
        self._recipes = Recipes(spec)
        self._latest: SourceMaker | None = None

    def read(self, item: Item) -> bytes:
        return read_source(self._root, item.source.path, item.source.member)

    def digest_of_labels(self, source: Source) -> str:
        return self._labeller().digest(source) if source.labels else ""

    def make(
        self, item: Item, planned: Sequence[Output], data: bytes, digests: Digests
    ) -> Iterator[tuple[Output, Row, bytes | None]]:
        by_suffix = self._spec.output.format == "source" and is_known_by_suffix(self._root, item.source)
        if by_suffix and any(one.is_made for one in planned):
            refuse_other_format(item.source, data, item.format)
        return self._of(item, data).make(planned, digests)

    def shown(self, item: Item, output: Output, data: bytes) -> list[dict[str, Any]]:
        from augcli.modality.images.shown import shown_objects

        return shown_objects(self._of(item, data).shown(output))

    def shown_again(self, item: Item, row: Row, data: bytes) -> list[dict[str, Any]]:
        from augcli.modality.images import replays
        from augcli.modality.images.shown import shown_objects

        return shown_objects(replays.labels_of(self._spec, self._root, item, row, data, self._labeller()))

    def additions(self, item: Item, rows: Mapping[Output, Row], data: bytes) -> Iterable[Addition]:
        return self._of(item, data).additions(rows) if item.source.labels else ()

    def _of(self, item: Item, data: bytes) -> SourceMaker:
        if self._latest is None or not self._latest.is_of(item, data):
            labeller = self._labeller() if item.source.labels else None
            self._latest = SourceMaker(self._spec, item, data, labeller, self._mixer, self._recipes)
        return self._latest

    def outdated(
        self, item: Item, data: bytes, rows: Mapping[Output, Row], made_by: Spec
    ) -> Iterable[tuple[Output, str]]:
        if made_by is self._spec and self._mixer is None:
            return ()  # as of nearly every source of a run that goes on: without a look at its header
        from augcli.modality.images import changes

        return changes.outdated(self._spec, item, data, rows, made_by, self._mixer, self._labeller())

    def make_again(self, item: Item, row: Row, data: bytes) -> bytes:
        from augcli.modality.images import replays

        return replays.make_again(self._spec, self._root, item, row, data, self._labeller())

    def records(
        self, item: Item, data: bytes, known: Sequence[Row], made_by: Spec | None, make: bool = True
    ) -> Iterator[MadeRecord]:
        return iter(())  # images stand in no tables

    def objects(self, item: Item, copies: int) -> Objects:
        from augcli.modality.images import objects

        return objects.counted(self._spec, self._root, self._labeller(), item, copies)

    def thumbnail(self, data: bytes) -> Thumbnail:
        from augcli.image.near_duplicates import thumbnail

        return thumbnail(data, self._spec.max_megapixels)


class ImageModality:
    """The kind of data that images are."""

    environment = process.ENVIRONMENT

    @property
    def stages(self) -> Mapping[str, Sequence[tuple[Any, str]]]:
        from augcli.modality.images.labelled import Labeller

        return {
            "decode": [(pictures, "read_header"), (pictures, "decode")],
            "draw": [(Recipes, "of")],
            "labels": [(Labeller, "moved"), (Labeller, "written"), (Labeller, "additions")],
            "ops": [(ops, "run"), (native_run, "run_packed")],
            "encode": [(outputs, "encode")],
        }

    def versions(self, spec: Spec) -> dict[str, Any]:
        if spec.output.container != "parquet":
            return versions(spec.packages)
        from augcli.dataset.tables.arrow_schemas import arrow_version

        return {**versions(spec.packages), "pyarrow": arrow_version()}

    def versions_again(self, made_with: dict[str, Any], out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        packages = sorted(made_with.keys() - versions().keys())
        now = versions(packages)
        for package in packages:
            if now[package] is None:
                what = f"{out}: made with {package} {made_with[package]}, which is not installed"
                raise Refused(Problem(what, f"pip install {package}=={made_with[package]}"))
        return made_with, now

    def slowed(self, versions: Mapping[str, Any]) -> str:
        if native.library() is None:
            help = "install a C compiler, then augcli again"
            return str(Problem("the compiled kernels are missing: images take up to 15 times longer", help))
        if not {"AVX2", "NEON"}.intersection(versions.get("cpu", "AVX2").replace("*", "").split()):
            return "this processor has no AVX2, which the compiled kernels are for: images take several times longer"
        return ""

    def foreseen(self, spec: Spec, root: Path, items: Iterable[Item]) -> tuple[dict[str, int], dict[str, list[str]]]:
        from augcli.modality.images import forecast

        return forecast.foreseen(spec, root, items)

    def share(self, spec: Spec) -> None:
        if not Recipes(spec).are_compiled():
            with suppress(ImportError):  # of which a worker tells
                cv2.getVersionString()  # which loads it

    def prepare(self) -> None:
        process.take_over()
        pictures.limit_time()

    def maker(
        self,
        spec: Spec,
        root: str,
        mixable: Sequence[Source],
        sets: Sequence[LabelSet],
        crashing: Set[str],
        under_way: str,
    ) -> Maker:
        @cache
        def labeller() -> Labeller:
            from augcli.modality.images.labelled import Labeller  # with all that moves labels

            return Labeller(spec, root, sets, mixable)

        mixer = Mixer(spec, root, mixable, labeller(), crashing, under_way) if spec.mixes else None
        return ImageMaker(spec, root, labeller, mixer)


IMAGES: Modality = ImageModality()
