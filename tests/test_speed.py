"""What makes it fast, held by counts and by bounds on what a faster path may change; never by timing."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import scipy.ndimage

from augcli.dataset.listing import scan
from augcli.engine.jobs import Job
from augcli.engine.output_state import OutputState
from augcli.engine.tasks.make import Make
from augcli.image import colour, geometry, native, ops, pictures
from augcli.image.arrays import Picture, Size, size_of
from augcli.image.matrices import about_centre, box_to, rotation, translation
from augcli.image.ops import EDGE, Filter, Hue, Mix, Table, Warp
from augcli.image.shrinking import Pyramid
from augcli.modality.images import IMAGES
from augcli.plan import output_names, recipes
from augcli.settings import Border
from augcli.spec import loading
from augcli.storage import files
from tests.test_runs import augcli, rows, write_spec

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "sample_data").rglob("*.jpg"))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Photos of 500x375 in one class."""
    root = tmp_path_factory.mktemp("photos") / "in"
    (root / "class").mkdir(parents=True)
    for number, path in enumerate(SAMPLES[:6]):
        with PIL.Image.open(path) as photo:
            photo.convert("RGB").resize((500, 375)).save(root / "class" / f"{number}.jpg", quality=90)
    return root


def counted(monkeypatch, owner, name):
    """Count the calls of a function from now on."""
    calls, function = [], getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *given, **named: calls.append(1) or function(*given, **named))
    return calls


@pytest.mark.parametrize("pipeline", ["a", "b"])
def test_a_source_is_decoded_once_and_each_copy_warped_once(photos, pipeline, tmp_path, monkeypatch):
    loaded = loading.load(ROOT / f"benchmarks/{pipeline}.yaml", copies=8)
    decodes, reads = counted(monkeypatch, pictures, "decode"), counted(monkeypatch, files, "read")
    programs, warps = counted(monkeypatch, native, "run"), counted(monkeypatch, geometry, "warp")
    sources = list(output_names.items(loaded, photos, scan(photos).sources))
    for item in sources:
        job = Job(Make(OutputState(str(tmp_path))), IMAGES, loaded, str(photos))
        _, made = job.task.make_source(job, job.maker(), item, None, [])
        assert len(made) == 8
    outputs = 8 * len(sources)
    assert len(decodes) == len(reads) == len(sources)
    assert len(programs) == outputs
    assert not warps  # all is done in the program


def reference(image, matrix, size):
    """Sample an image in float64 at the places of a matrix, black outside."""
    rows, columns = np.mgrid[: size.height, : size.width] + 0.5
    x, y, w = np.tensordot(np.asarray(matrix), np.stack([columns, rows, np.ones_like(rows)]), 1)
    places = [y / w - 0.5, x / w - 0.5]
    # One pixel of black around, or SciPy fades nothing out at the edge.
    padded = np.pad(image.astype(float), ((1, 1), (1, 1), (0, 0)))
    places = [at + 1 for at in places]
    planes = [scipy.ndimage.map_coordinates(padded[:, :, k], places, order=1, cval=0) for k in range(3)]
    return np.stack(planes, axis=2)


def psnr(one, two):
    return 10 * np.log10(255**2 / max(1e-9, np.mean((one.astype(float) - two) ** 2)))


@pytest.mark.parametrize("path", SAMPLES[:5], ids=lambda path: path.stem)
def test_full_fusion_is_as_good_as_float64(path):
    """Every warp and every linear colour of pipeline B, against SciPy and floats: at least 40 dB."""
    with PIL.Image.open(path) as photo:
        image = np.asarray(photo.convert("RGB"))
    size = Size(image.shape[1], image.shape[0])
    loaded = loading.load(ROOT / "benchmarks/b.yaml")
    source = scan(ROOT / "sample_data").sources[0]
    for copy in range(6):
        made = [op for op in recipes.recipe(loaded, source, copy, size).ops if not isinstance(op, (Filter, Hue))]
        values = image.astype(float)
        for op in made:
            if isinstance(op, Warp):
                values = reference(image, op.matrix, op.size)
            elif isinstance(op, Mix):
                mean = np.asarray(op.by_mean) @ values.mean(axis=(0, 1))
                values = (values @ np.asarray(op.by_pixel).T + mean + op.constant).clip(0, 255)
            elif isinstance(op, Table):
                values = np.interp(values, np.arange(256), op.lut[:, 0])
        assert isinstance(made[0], Warp)
        assert psnr(ops.run(made, Picture(image)).image, values) > 40


def zone_plate(width, height):
    """Rings that get finer outwards, up to what the pixels can show."""
    y, x = np.mgrid[:height, :width]
    square = (x - width / 2) ** 2 + (y - height / 2) ** 2
    plate = 127.5 + 127.5 * np.cos(square * np.pi / width)
    return np.repeat(plate.astype(np.uint8)[:, :, np.newaxis], 3, axis=2)


@pytest.fixture(scope="module")
def plate():
    return zone_plate(3000, 2000)


def antialiased(image, size):
    return np.asarray(PIL.Image.fromarray(image).resize(size, PIL.Image.Resampling.BILINEAR)).astype(float)


def test_shrinking_a_zone_plate_leaves_no_rings(plate):
    target, size = Size(224, 149), Size(3000, 2000)
    # Turned by next to nothing, it does not take the path of a resize.
    turn = about_centre(rotation(0.01), size) @ box_to((0, 0, *size), target)
    warped = ops.run([Warp(turn, target, EDGE)], Picture(plate)).image
    assert np.abs(warped - antialiased(plate, target)).mean() < 3
    plain = native.warp(plate, turn, target, "edge", (0, 0, 0))
    assert np.abs(plain - antialiased(plate, target)).mean() > 30  # the plate shows what would be lost


def as_jpeg(image, **options):
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, "JPEG", **{"quality": 95, "subsampling": 0, **options})
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{}, {"subsampling": 2}, {"subsampling": 2, "progressive": True}, {"quality": 60}])
def test_a_smaller_decoding_does_so_for_every_usual_kind_of_jpeg(options, tmp_path):
    with PIL.Image.open(SAMPLES[1]) as photo:
        image = np.asarray(photo.convert("RGB").resize((1501, 1003), PIL.Image.Resampling.BICUBIC))
    pipeline = "{rotate: {degrees: 20}}, {random_resized_crop: {size: 64, scale: [0.3, 1]}}"
    made, pitch = both_decodings(as_jpeg(image, **options), pipeline, tmp_path)
    assert pitch == 4
    assert min(psnr(small, whole) for small, whole in made) > 45


def both_decodings(data, pipeline, tmp_path, copies=6):
    """Return (made from a smaller decoding, made from the whole one) for some copies, and the pitch."""
    loaded = loading.load(write_spec(tmp_path, f"pipeline: [{pipeline}]\n"))
    header = pictures.read_header(data, 100)
    pitch = recipes.pitch(loaded.pipeline, loaded.fusion, header.size)
    small, whole = pictures.decode(data, header, pitch), pictures.decode(data, header)
    source = scan(ROOT / "sample_data").sources[0]
    drawn = [recipes.recipe(loaded, source, copy, header.size) for copy in range(copies)]
    return [(ops.run(r.ops, small).image.astype(float), ops.run(r.ops, whole).image) for r in drawn], pitch


@pytest.mark.parametrize("turned", ["", "rotate: {degrees: [0.01, 0.02]}, "])
def test_a_smaller_decoding_of_a_zone_plate_leaves_no_rings(plate, turned, tmp_path):
    pipeline = ", ".join(f"{{{step.strip(', ')}}}" for step in (turned, "resize: {size: [149, 224]}") if step)
    [(small, _)], pitch = both_decodings(as_jpeg(plate), pipeline, tmp_path, copies=1)
    assert pitch == 4
    assert np.abs(small - antialiased(plate, (224, 149))).mean() < 3


@pytest.mark.parametrize(
    ("size", "orientation"),
    [((1501, 1003), 1), ((1504, 1008), 3), ((1504, 1008), 6), ((1504, 1008), 7), ((1502, 1006), 8), ((1501, 1003), 5)],
)
@pytest.mark.parametrize(
    "pipeline",
    [
        "{resize: {size: [149, 224]}}",
        "horizontal_flip, {rotate: {degrees: 20}}, {resize: {size: 200}}",
        "{rotate: {degrees: 20}}, {random_resized_crop: {size: 96, scale: [0.2, 1]}}",
        "vertical_flip, {random_resized_crop: {size: [60, 80], scale: [0.3, 1]}}",
    ],
)
def test_a_smaller_decoding_shows_the_same_picture_in_its_place(pipeline, size, orientation, tmp_path):
    """On odd sizes too, and turned upright; a shift by half a pixel of the small decoding would be seen."""
    with PIL.Image.open(SAMPLES[0]) as photo:
        image = np.asarray(photo.convert("RGB").resize(size, PIL.Image.Resampling.BICUBIC))
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    made, pitch = both_decodings(as_jpeg(image, exif=exif), pipeline, tmp_path)
    assert pitch > 1
    for small, whole in made:
        assert small.shape == whole.shape
        assert psnr(small, whole) > 34


@pytest.mark.parametrize(
    "pipeline",
    [
        "{brightness: {factor: 0.2}}, {resize: {size: 100}}",
        "{resize: {size: 100, interpolation: bicubic}}",
        "{resize: {size: 100, p: 0.5}}",
        "{rotate: {degrees: 10, expand: true}}, {resize: {size: 100}}",
        "{one_of: {steps: [{resize: {size: 100}}, {resize: {name: b, size: 90}}]}}",
        "{rotate: {degrees: 10, border: {mode: reflect}}}, {rotate: {name: two, degrees: 10}}, {resize: {size: 100}}",
        "{random_resized_crop: {size: 100, scale: [0.0001, 1]}}",
        "{resize: {size: 1500}}",
        "{resize: {size: [300, 1501]}}, {random_resized_crop: {size: 100, scale: [0.5, 1]}}",
        "{rotate: {degrees: 9}}, {random_resized_crop: {size: 224, scale: [0.14, 1]}}",  # by 2 at least, and by 3
    ],
)
def test_what_is_not_sure_to_shrink_at_once_is_decoded_whole(pipeline, tmp_path):
    loaded = loading.load(write_spec(tmp_path, f"pipeline: [{pipeline}]\n"))
    assert recipes.pitch(loaded.pipeline, "full", Size(1501, 1003)) == 1


@pytest.mark.parametrize(
    ("side", "pitch", "halvings"),
    [(335, 1, 0), (334, 2, 1), (168, 2, 1), (167, 4, 2), (84, 4, 2), (63, 4, 3), (62, 8, 3)],
)
def test_a_file_is_decoded_as_small_as_every_copy_is_halved(side, pitch, halvings, tmp_path):
    """From shrinks of 3 and 6 on, as in a warp that is antialiased; an eighth is left to those by 16."""
    loaded = loading.load(write_spec(tmp_path, f"pipeline: [rotate, {{resize: {{size: {side}}}}}]\n"))
    assert recipes.pitch(loaded.pipeline, "full", Size(1503, 1003)) == pitch
    image = Picture(np.zeros((1003, 1503, 1), np.uint8))
    source = scan(ROOT / "sample_data").sources[0]
    pyramid = Counted(size_of(image.image), lambda: image.image)
    (op,) = recipes.recipe(loaded, source, 0, image.size).ops
    assert isinstance(op, Warp)
    op.kernel(1)(pyramid, op.border)
    assert pyramid.deepest == halvings


class Counted(Pyramid):
    deepest = 0

    def smooth(self, depth):
        self.deepest = depth
        return super().smooth(depth)


@pytest.mark.parametrize("fusion", ["off", "exact"])
def test_other_fusions_decode_whole(fusion, tmp_path):
    loaded = loading.load(write_spec(tmp_path, "pipeline: [{resize: {size: 100}}]\n"))
    assert recipes.pitch(loaded.pipeline, fusion, Size(1501, 1003)) == 1


def test_no_draw_shrinks_less_than_its_transform_promises(tmp_path):
    """The crop's least shrink is a bound over its draws, on sizes where boxes do not fit, too."""
    loaded = loading.load(
        write_spec(tmp_path, "pipeline: [{random_resized_crop: {size: [40, 30], scale: [0.1, 0.3]}}]\n")
    )
    source = scan(ROOT / "sample_data").sources[0]
    for size in (Size(640, 480), Size(4000, 90), Size(70, 2000), Size(33, 35)):
        promised = loaded.pipeline[0].transform.least_shrink(size)
        for copy in range(300):
            ((_, draw, _),) = recipes.recipe(loaded, source, copy, size).applied
            assert min(draw.width / 30, draw.height / 40) >= promised


def test_more_copies_change_no_byte_of_a_smaller_decoding(tmp_path):
    image = np.asarray(PIL.Image.open(SAMPLES[0]).convert("RGB").resize((1501, 1003)))
    (tmp_path / "in/class").mkdir(parents=True)
    (tmp_path / "in/class/large.jpg").write_bytes(as_jpeg(image))
    given = write_spec(
        tmp_path, "pipeline: [{rotate: {degrees: 9}}, {random_resized_crop: {size: 96, scale: [0.2, 1]}}]\n"
    )
    for copies in (1, 4):
        augcli("run", given, tmp_path / "in", tmp_path / f"out{copies}", "--copies", copies)
    (one,), many = rows(tmp_path / "out1"), rows(tmp_path / "out4")
    assert one["sha256"] == many[0]["sha256"]


PEAK = """
import sys
from pathlib import Path
from augcli.dataset.listing import scan
from augcli.engine import worker
from augcli.modality import Digests
from augcli.modality.images import IMAGES, outputs
from augcli.modality.images.labelled import Labeller
from augcli.plan import output_names
from augcli.plan.drawing import Recipes
from augcli.spec import loading
from augcli.storage import files
root, loaded = Path(sys.argv[1]), loading.load(Path(sys.argv[2]))
worker.prepare(IMAGES)
for item in output_names.items(loaded, root, scan(root).sources):
    data = files.read(str(root / item.source.path))
    maker = outputs.SourceMaker(loaded, item, data, Labeller(loaded, "", ()), None, Recipes(loaded))
    for output in maker.make(output_names.outputs(item, loaded), Digests("")):
        pass
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads a process's memory as Linux tells it")
@pytest.mark.parametrize(
    ("size", "pipeline", "megabytes"), [((500, 375), "a", 200), ((500, 375), "b", 200), ((4000, 3000), "a", 500)]
)
def test_a_worker_stays_small(tmp_path, size, pipeline, megabytes):
    (tmp_path / "class").mkdir()
    for number in range(3):
        with PIL.Image.open(SAMPLES[number]) as photo:
            photo.convert("RGB").resize(size).save(tmp_path / "class" / f"{number}.jpg", quality=90)
    command = [sys.executable, "-c", PEAK, str(tmp_path), str(ROOT / f"benchmarks/{pipeline}.yaml")]
    peak = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert int(peak) / 1000 < megabytes


def test_planning_holds_little_for_each_source(tmp_path):
    """A thousand bytes: listing, names and formats of 20,000 files."""
    import tracemalloc

    small = as_jpeg(zone_plate(16, 16))
    (tmp_path / "class").mkdir()
    (tmp_path / "class/photo00000.jpg").write_bytes(small)
    for number in range(1, 20_000):
        os.link(tmp_path / "class/photo00000.jpg", tmp_path / f"class/photo{number:05d}.jpg")
    loaded = loading.load(ROOT / "configs/light.yaml")
    tracemalloc.start()
    items = list(output_names.items(loaded, tmp_path, scan(tmp_path).sources))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(items) == 20_000
    assert held / len(items) < 1000


def test_a_profile_says_where_the_time_went(photos, tmp_path):
    done = augcli("run", "configs/heavy.yaml", photos, tmp_path / "out", "--profile")
    table = [text.split() for text in done.stderr.splitlines() if text.endswith("%")]
    stages = {"read", "decode", "draw", "ops", "encode", "hash", "write", "other"}
    assert {stage for stage, *_ in table} == stages
    assert sum(float(share.rstrip("%")) for *_, share in table) == pytest.approx(100, abs=1)
    quiet = augcli("run", "configs/heavy.yaml", photos, tmp_path / "quiet")
    assert "encode" not in quiet.stderr


def test_a_run_from_a_script_without_a_guard_runs_once(photos, tmp_path):
    """Workers are not told which script is running; multiprocessing's own would run it in each of them."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom augcli.commands import run\n"
        "from augcli.plan.request import Options\nfrom augcli.spec import loading\nprint('once')\n"
        "loaded = loading.load(Path(sys.argv[1]), copies=30)\n"
        "sys.exit(run.run(loaded, Path(sys.argv[2]), Path(sys.argv[3]), Options(jobs=2)).exit_code)\n"
    )
    command = [sys.executable, str(script), str(ROOT / "configs/light.yaml"), str(photos), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "once\n"
    assert len(rows(tmp_path / "out")) == 180


def test_colours_in_one_pass_are_those_one_by_one():
    image = np.random.default_rng(1).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    several = [
        Table(np.arange(255, -1, -1, dtype=np.uint8)[:, np.newaxis]),
        Hue(0.13),
        Mix(colour.EYE.times(1.3), colour.LUMAS.times(-0.3)),
        Hue(-0.4),
        Mix(colour.LUMAS),
        Mix(colour.EYE.times(0.9).plus(colour.LUMAS.times(0.1)), constant=(1.0, -7.0, 9.0)),
    ]
    together, apart = ops.run(several, Picture(image)), Picture(image)
    for op in several:
        apart = ops.run([op], apart)
    assert (together.image == apart.image).all()
    grey = Picture(image[:, :, :1])
    assert ops.run([Hue(0.1), Mix(colour.EYE.times(0.5))], grey).image.shape == (90, 70, 1)


def test_what_is_given_is_never_written_to():
    """Colours write over what the op before them made, but a crop is a view of what was given."""
    image = np.random.default_rng(3).integers(0, 256, (60, 70, 3), dtype=np.uint8)
    given = image.copy()
    crop = Warp(translation(5, 7), Size(40, 30))
    mean = Mix(colour.EYE.times(1.2), colour.LUMAS.times(-0.2))
    for several in ([crop, Hue(0.1), mean, Hue(0.2)], [mean, Hue(0.3), mean], [Mix(colour.LUMAS), mean]):
        first, again = (ops.run(several, Picture(image)).image for _ in range(2))
        assert (image == given).all()
        assert (first == again).all()


def test_a_coloured_border_around_a_smaller_decoding_keeps_its_place():
    size, target = Size(160, 120), Size(40, 30)
    warp = Warp(about_centre(rotation(30), size) @ box_to((0, 0, *size), target), target, Border(fill=(255, 0, 0)))
    whole = np.repeat(np.repeat(np.random.default_rng(2).integers(0, 256, (60, 80, 1), dtype=np.uint8), 2, 0), 2, 1)
    small = Picture(np.ascontiguousarray(whole[::2, ::2]), pitch=2)
    assert np.abs(ops.run([warp], small).image - ops.run([warp], Picture(whole)).image.astype(float)).max() <= 1
