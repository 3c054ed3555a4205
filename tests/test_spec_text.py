"""Every kind of mistake in a spec, with the whole text that its author reads; and that specs survive `--expand`."""

from __future__ import annotations

import time
from pathlib import Path
from textwrap import dedent

import pytest

from augcli.problems import Refused
from augcli.spec.loading import load
from augcli.spec.outline import expanded
from augcli.spec.spec import Spec

# Each mistake: its name, the spec, and everything that is said about it.
MISTAKES = [
    (
        "a misspelt parameter that is needed, told once",
        """\
        pipeline:
          - torchvision.RandomRotation: {degree: 15}
        """,
        """\
        spec.yaml:2:34: unknown parameter `degree` of `torchvision.RandomRotation`
          |
        2 |   - torchvision.RandomRotation: {degree: 15}
          |                                  ^
          = help: did you mean `degrees`?
        """,
    ),
    (
        "sections that are written as values",
        """\
        balance: largest
        split: [0.8, 0.1, 0.1]
        border: reflect
        reject: true
        pipeline:
          - rotate: {p: 50, only: []}
        """,
        """\
        spec.yaml:1:10: `balance`: expected a mapping of settings, got `largest`
          |
        1 | balance: largest
          |          ^
          = help: write balance: {to: "largest"}
        spec.yaml:2:8: `split`: expected a mapping of settings, got `[0.8, 0.1, 0.1]`
          |
        2 | split: [0.8, 0.1, 0.1]
          |        ^
          = help: write split: {val: 0.1, test: 0.1}
        spec.yaml:3:9: `border`: expected a mapping of settings, got `reflect`
          |
        3 | border: reflect
          |         ^
          = help: write border: {mode: "reflect"}
        spec.yaml:4:9: `reject`: expected a mapping of settings, got `true`
          |
        4 | reject: true
          |         ^
          = help: write reject: {blank: true, identical: true, empty: true}
        spec.yaml:6:17: `p`: `50` is out of bounds; 0 to 1 is allowed
          |
        6 |   - rotate: {p: 50, only: []}
          |                 ^
          = help: write 0.5
        spec.yaml:6:27: `only`: names no class
          |
        6 |   - rotate: {p: 50, only: []}
          |                           ^
          = help: leave it out
        """,
    ),
    (
        "a backslash between double quotes",
        """\
        split: {val: 0.1, group_by: "p(\\d+)"}
        """,
        """\
        spec.yaml:1:33: not YAML: found unknown escape character `d`
          |
        1 | split: {val: 0.1, group_by: "p(\\d+)"}
          |                                 ^
          = help: put it between single quotes, where a backslash stands for itself
        """,
    ),
    (
        "a pipeline of which nothing is left",
        """\
        pipeline:
          - tf.clip_by_value
        """,
        """\
        spec.yaml:1:1: no step of `pipeline` changes anything
          |
        1 | pipeline:
          | ^
          = help: add a step that does
        """,
    ),
    (
        "a clip that would change something, a chance that is no number, a strength beyond its bins",
        """\
        pipeline:
          - tf.clip_by_value: {clip_value_max: 0.5}
          - albumentations.D4: {p: true}
          - rand_augment: {magnitude: 40}
        """,
        """\
        spec.yaml:2:40: `clip_value_max`: expected 1 or 255, got `0.5`
          |
        2 |   - tf.clip_by_value: {clip_value_max: 0.5}
          |                                        ^
          = help: leave it out; bytes cannot be clipped to less
        spec.yaml:3:28: `p`: expected a number, got `true`
          |
        3 |   - albumentations.D4: {p: true}
          |                            ^
        spec.yaml:4:5: `magnitude` 40 of 31 bins: 0 to 30
          |
        4 |   - rand_augment: {magnitude: 40}
          |     ^
          = help: write magnitude: 30, or more num_magnitude_bins
        """,
    ),
    (
        "a tuple of Python",
        """\
        pipeline:
          - shadow: {roi: (0, 0.5, 1, 1), count: 3}
        """,
        """\
        spec.yaml:2:19: `(0, ...` is no list in YAML
          |
        2 |   - shadow: {roi: (0, 0.5, 1, 1), count: 3}
          |                   ^
          = help: write [a, b] for a tuple (a, b)
        """,
    ),
    (
        "numbers as text",
        """\
        pipeline:
          - rotate: {degrees: "15", p: 10%}
          - gamma: {gamma: 1./2}
          - mixup: {alpha: 1./0}
        """,
        """\
        spec.yaml:2:23: `degrees`: expected a number or a pair [low, high], got `"15"`
          |
        2 |   - rotate: {degrees: "15", p: 10%}
          |                       ^
          = help: write 15
        spec.yaml:2:32: `p`: expected a number, got `"10%"`
          |
        2 |   - rotate: {degrees: "15", p: 10%}
          |                                ^
          = help: write 0.1
        spec.yaml:3:20: `gamma`: expected a number or a pair [low, high], got `"1./2"`
          |
        3 |   - gamma: {gamma: 1./2}
          |                    ^
          = help: write 0.5
        spec.yaml:4:20: `alpha`: expected a number, got `"1./0"`
          |
        4 |   - mixup: {alpha: 1./0}
          |                    ^
        """,
    ),
    (
        "two mixes, one too deep, and numbers in the middle for an image file",
        """\
        pipeline:
          - mixup
          - sequence: {steps: [cutmix]}
          - mosaic
          - normalize
          - zoom: {factor: {x: 0.1, y: 0.2}}
        """,
        """\
        spec.yaml:3:24: `cutmix` is too deep
          |
        3 |   - sequence: {steps: [cutmix]}
          |                        ^
          = help: put it into the pipeline itself, or into a `one_of` there
        spec.yaml:4:5: only one mixing step per pipeline
          |
        4 |   - mosaic
          |     ^
          = help: put both into one `one_of`
        spec.yaml:5:5: `normalize` makes numbers outside 0 to 255, which an image file cannot hold
          |
        5 |   - normalize
          |     ^
          = help: leave it out: training code does it, or set output: {format: npy}
        spec.yaml:6:5: `factor` has an entry for each side, and `keep_ratio` draws one
          |
        6 |   - zoom: {factor: {x: 0.1, y: 0.2}}
          |     ^
          = help: set keep_ratio: false
        """,
    ),
    (
        "unknown transform",
        """\
        pipeline:
          - rotat: {degrees: 15}
        """,
        """\
        spec.yaml:2:5: unknown transform `rotat`
          |
        2 |   - rotat: {degrees: 15}
          |     ^
          = help: did you mean `rotate`?
        """,
    ),
    (
        "unknown transform with nothing like it",
        """\
        pipeline:
          - xyzzy
        """,
        """\
        spec.yaml:2:5: unknown transform `xyzzy`
          |
        2 |   - xyzzy
          |     ^
          = help: augcli show lists them all
        """,
    ),
    (
        "unknown transform deep inside containers",
        """\
        pipeline:
          - sequence:
              steps:
                - one_of:
                    steps:
                      - horizontal_flop
                      - hue
        """,
        """\
        spec.yaml:6:17: unknown transform `horizontal_flop`
          |
        6 |               - horizontal_flop
          |                 ^
          = help: did you mean `horizontal_flip`?
        """,
    ),
    (
        "unknown setting",
        """\
        pipeline:
          - rotate: {degree: 15}
        """,
        """\
        spec.yaml:2:14: unknown setting `degree` of `rotate`
          |
        2 |   - rotate: {degree: 15}
          |              ^
          = help: did you mean `degrees`?
        """,
    ),
    (
        "unknown setting with nothing like it",
        """\
        pipeline:
          - hue: {xyzzy: 15}
        """,
        """\
        spec.yaml:2:11: unknown setting `xyzzy` of `hue`
          |
        2 |   - hue: {xyzzy: 15}
          |           ^
          = help: known: turns, p, name, weight, only, except
        """,
    ),
    (
        "unknown setting of the spec itself",
        """\
        sed: 17
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:1: unknown setting `sed`
          |
        1 | sed: 17
          | ^
          = help: did you mean `seed`?
        """,
    ),
    (
        "unknown setting inside a setting",
        """\
        pipeline:
          - rotate: {border: {mod: edge}}
        """,
        """\
        spec.yaml:2:23: unknown setting `mod` of `rotate`
          |
        2 |   - rotate: {border: {mod: edge}}
          |                       ^
          = help: did you mean `mode`?
        """,
    ),
    (
        "duplicate key",
        """\
        seed: 1
        pipeline: [rotate]
        seed: 2
        """,
        """\
        spec.yaml:3:1: `seed` stands twice
          |
        3 | seed: 2
          | ^
          = help: line 1 has it already
        """,
    ),
    (
        "a word for a number",
        """\
        pipeline:
          - rotate: {degrees: wide}
        """,
        """\
        spec.yaml:2:23: `degrees`: expected a number or a pair [low, high], got `"wide"`
          |
        2 |   - rotate: {degrees: wide}
          |                       ^
        """,
    ),
    (
        "true for a number",
        """\
        pipeline:
          - rotate: {degrees: true}
        """,
        """\
        spec.yaml:2:23: `degrees`: expected a number or a pair [low, high], got `true`
          |
        2 |   - rotate: {degrees: true}
          |                       ^
        """,
    ),
    (
        "nothing for a number",
        """\
        pipeline:
          - rotate: {degrees: ~}
        """,
        """\
        spec.yaml:2:23: `degrees`: expected a number or a pair [low, high], got nothing
          |
        2 |   - rotate: {degrees: ~}
          |                       ^
        """,
    ),
    (
        "a number for true or false",
        """\
        pipeline:
          - rotate: {expand: 1}
        """,
        """\
        spec.yaml:2:22: `expand`: expected true or false, got `1`
          |
        2 |   - rotate: {expand: 1}
          |                      ^
        """,
    ),
    (
        "a fraction for a whole number",
        """\
        copies: 1.5
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:9: `copies`: expected a whole number, got `1.5`
          |
        1 | copies: 1.5
          |         ^
        """,
    ),
    (
        "a choice that is none",
        """\
        pipeline:
          - rotate: {interpolation: linear}
        """,
        """\
        spec.yaml:2:29: `interpolation`: expected `nearest`, `bilinear` or `bicubic`, got `linear`
          |
        2 |   - rotate: {interpolation: linear}
          |                             ^
          = help: did you mean `bilinear`?
        """,
    ),
    (
        "three numbers for a pair",
        """\
        pipeline:
          - rotate: {degrees: [1, 2, 3]}
        """,
        """\
        spec.yaml:2:23: `degrees`: expected a number or a pair [low, high], got `[1, 2, 3]`
          |
        2 |   - rotate: {degrees: [1, 2, 3]}
          |                       ^
        """,
    ),
    (
        "a size of three numbers",
        """\
        pipeline:
          - resize: {size: [1, 2, 3]}
        """,
        """\
        spec.yaml:2:20: `size`: expected a whole number or [height, width], got `[1, 2, 3]`
          |
        2 |   - resize: {size: [1, 2, 3]}
          |                    ^
        """,
    ),
    (
        "out of bounds",
        """\
        pipeline:
          - rotate: {degrees: [0, 400]}
        """,
        """\
        spec.yaml:2:23: `degrees`: `400` is out of bounds; -360 to 360 is allowed
          |
        2 |   - rotate: {degrees: [0, 400]}
          |                       ^
        """,
    ),
    (
        "a probability above 1",
        """\
        pipeline:
          - rotate: {p: 1.5}
        """,
        """\
        spec.yaml:2:17: `p`: `1.5` is out of bounds; 0 to 1 is allowed
          |
        2 |   - rotate: {p: 1.5}
          |                 ^
        """,
    ),
    (
        "a colour that is none",
        """\
        border: {fill: [0, 0, 300]}
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:16: `fill`: `300` is out of bounds; 0 to 255 is allowed
          |
        1 | border: {fill: [0, 0, 300]}
          |                ^
        """,
    ),
    (
        "upside-down range",
        """\
        pipeline:
          - rotate: {degrees: [30, 10]}
        """,
        """\
        spec.yaml:2:23: `degrees`: the range `[30, 10]` is upside down
          |
        2 |   - rotate: {degrees: [30, 10]}
          |                       ^
          = help: write [10, 30]
        """,
    ),
    (
        "a bare pair for two axes",
        """\
        pipeline:
          - affine: {translate: [0.1, 0.2]}
        """,
        """\
        spec.yaml:2:25: `translate`: a bare pair does not say whether it means two axes or a range
          |
        2 |   - affine: {translate: [0.1, 0.2]}
          |                         ^
          = help: write {x: 0.1, y: 0.2} or {x: [0.1, 0.2], y: [0.1, 0.2]}
        """,
    ),
    (
        "an axis that is none",
        """\
        pipeline:
          - affine: {translate: {x: 0.1, z: 0.2}}
        """,
        """\
        spec.yaml:2:25: `translate`: expected a number or {x: ..., y: ...}, got the key `z`
          |
        2 |   - affine: {translate: {x: 0.1, z: 0.2}}
          |                         ^
        """,
    ),
    (
        "an even kernel",
        """\
        pipeline:
          - gaussian_blur: {kernel_size: 4}
        """,
        """\
        spec.yaml:2:34: `kernel_size`: `4` is even; a kernel has a middle pixel
          |
        2 |   - gaussian_blur: {kernel_size: 4}
          |                                  ^
          = help: write 3 or 5
        """,
    ),
    (
        "a negative limit",
        """\
        pipeline:
          - rotate: {degrees: -15}
        """,
        """\
        spec.yaml:2:23: `degrees`: a limit is not negative, got `-15`
          |
        2 |   - rotate: {degrees: -15}
          |                       ^
          = help: write 15 for -15 to 15
        """,
    ),
    (
        "a negative spread of a factor",
        """\
        pipeline:
          - brightness: {factor: -0.2}
        """,
        """\
        spec.yaml:2:26: `factor`: a factor's spread is not negative, got `-0.2`
          |
        2 |   - brightness: {factor: -0.2}
          |                          ^
          = help: write 0.2
        """,
    ),
    (
        "a required setting that is missing",
        """\
        pipeline:
          - random_crop: {padding: 4}
        """,
        """\
        spec.yaml:2:5: `size` of `random_crop` is missing
          |
        2 |   - random_crop: {padding: 4}
          |     ^
          = help: write size: 224
        """,
    ),
    (
        "p on a step that is chosen",
        """\
        pipeline:
          - one_of:
              steps:
                - rotate: {p: 0.5}
                - hue
        """,
        """\
        spec.yaml:4:20: a step that is chosen is applied; it has no `p`
          |
        4 |         - rotate: {p: 0.5}
          |                    ^
          = help: use weight to choose it more or less often
        """,
    ),
    (
        "weight where nothing is chosen",
        """\
        pipeline:
          - sequence:
              steps: [rotate: {weight: 2}]
        """,
        """\
        spec.yaml:3:24: `weight` has a meaning only inside `one_of` or `some_of`
          |
        3 |       steps: [rotate: {weight: 2}]
          |                        ^
          = help: use p
        """,
    ),
    (
        "two keys in one step",
        """\
        pipeline:
          - rotate:
            degrees: 15
        """,
        """\
        spec.yaml:2:5: a step is one name with its settings
          |
        2 |   - rotate:
          |     ^
          = help: write rotate: {degrees: 15}
        """,
    ),
    (
        "a number for a step's settings",
        """\
        pipeline:
          - rotate: 15
        """,
        """\
        spec.yaml:2:13: expected settings of `rotate`, got `15`
          |
        2 |   - rotate: 15
          |             ^
          = help: write rotate: {degrees: 15}
        """,
    ),
    (
        "an anchor and its alias, one problem each",
        """\
        pipeline:
          - rotate: &turn {degrees: 5}
          - rotate: *turn
        """,
        """\
        spec.yaml:2:13: anchors (`&turn`) are not read
          |
        2 |   - rotate: &turn {degrees: 5}
          |             ^
          = help: leave it out
        spec.yaml:3:13: aliases (`*turn`) are not read
          |
        3 |   - rotate: *turn
          |             ^
          = help: write the value out
        """,
    ),
    (
        "a merge key",
        """\
        pipeline:
          - rotate: {<<: {degrees: 5}}
        """,
        """\
        spec.yaml:2:14: merge keys (`<<`) are not read
          |
        2 |   - rotate: {<<: {degrees: 5}}
          |              ^
          = help: write the settings out
        """,
    ),
    (
        "a tag",
        """\
        pipeline:
          - rotate: !turn {degrees: 5}
        """,
        """\
        spec.yaml:2:13: tags (`!turn`) are not read
          |
        2 |   - rotate: !turn {degrees: 5}
          |             ^
          = help: leave it out
        """,
    ),
    (
        "a second document",
        """\
        pipeline: [rotate]
        ---
        pipeline: [hue]
        """,
        """\
        spec.yaml:2:1: a second document starts here
          |
        2 | ---
          | ^
          = help: keep one spec per file
        """,
    ),
    (
        "no for false",
        """\
        include_originals: no
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:20: `no` is a word to some YAML readers and false to others
          |
        1 | include_originals: no
          |                    ^
          = help: write false, or "no" for the word
        """,
    ),
    *(
        (
            f"the number {text}",
            f"""\
            seed: {text}
            pipeline: [rotate]
            """,
            f"""\
            spec.yaml:1:7: `{text}` is different numbers to different YAML readers
              |
            1 | seed: {text}
              |       ^
              = help: write a plain decimal number such as 1000 or 0.5, or "{text}" in quotes
            """,
        )
        for text in ("010", "1e3", "1:30", "0x10", "1_000")
    ),
    (
        "not a number",
        """\
        pipeline:
          - rotate: {degrees: .nan}
        """,
        """\
        spec.yaml:2:23: `.nan` is not a number that can be used
          |
        2 |   - rotate: {degrees: .nan}
          |                       ^
        """,
    ),
    (
        "an infinite number in a pair",
        """\
        pipeline:
          - rotate: {degrees: [0, .inf]}
        """,
        """\
        spec.yaml:2:27: `.inf` is not a number that can be used
          |
        2 |   - rotate: {degrees: [0, .inf]}
          |                           ^
        """,
    ),
    (
        "indentation by a tab",
        """\
        pipeline:
        \t- rotate
        """,
        """\
        spec.yaml:2:1: not YAML: found character `\\t` that cannot start any token
          |
        2 |  - rotate
          | ^
          = help: indent with spaces, not with tabs
        """,
    ),
    (
        "an escape for no character",
        """\
        pipeline: ["\\UFFFFFFFF"]
        """,
        """\
        spec.yaml:1:15: not YAML: an escape such as `\\U00110000` stands for no character
          |
        1 | pipeline: ["\\UFFFFFFFF"]
          |               ^
          = help: write the character itself
        """,
    ),
    (
        "an unknown split",
        """\
        splits: {tests: copy}
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:10: unknown split `tests`; `train`, `val` or `test` is allowed
          |
        1 | splits: {tests: copy}
          |          ^
          = help: did you mean `test`?
        """,
    ),
    (
        "a treatment of a split that is none",
        """\
        splits: {val: copies}
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:15: expected `augment`, `copy`, `skip`, a list of steps or {views: 8}, got `copies`
          |
        1 | splits: {val: copies}
          |               ^
          = help: did you mean `copy`?
        """,
    ),
    (
        "a random step in a split's list",
        """\
        splits: {val: [{resize: {size: 32}}, rotate]}
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:38: `rotate` draws at random; a split's own steps may not
          |
        1 | splits: {val: [{resize: {size: 32}}, rotate]}
          |                                      ^
          = help: give every setting one value and p: 1, or use `augment`
        """,
    ),
    (
        "a step of a split's list that may not happen",
        """\
        splits: {val: [horizontal_flip]}
        pipeline: [rotate]
        """,
        """\
        spec.yaml:1:16: a split's own steps draw nothing at random
          |
        1 | splits: {val: [horizontal_flip]}
          |                ^
          = help: give every setting one value and p: 1, or use `augment`
        """,
    ),
    (
        "a name that is taken",
        """\
        pipeline:
          - rotate: {name: tilt}
          - hue: {name: tilt}
        """,
        """\
        spec.yaml:3:17: the name `tilt` is taken
          |
        3 |   - hue: {name: tilt}
          |                 ^
          = help: every name stands once
        """,
    ),
    (
        "n larger than the steps",
        """\
        pipeline:
          - some_of: {n: [1, 3], steps: [rotate, hue]}
        """,
        """\
        spec.yaml:2:18: `n` asks for 3 of 2 steps
          |
        2 |   - some_of: {n: [1, 3], steps: [rotate, hue]}
          |                  ^
        """,
    ),
    (
        "weights that leave nothing to choose",
        """\
        pipeline:
          - one_of: {steps: [rotate: {weight: 0}]}
        """,
        """\
        spec.yaml:2:21: all weights are 0; nothing can be chosen
          |
        2 |   - one_of: {steps: [rotate: {weight: 0}]}
          |                     ^
        """,
    ),
    (
        "a container without steps",
        """\
        pipeline:
          - one_of: {p: 0.5}
        """,
        """\
        spec.yaml:2:5: `one_of` has no steps
          |
        2 |   - one_of: {p: 0.5}
          |     ^
          = help: add `steps:` and a list of steps below it
        """,
    ),
    (
        "no pipeline",
        """\
        seed: 17
        """,
        """\
        spec.yaml:1:1: `pipeline` is missing
          |
        1 | seed: 17
          | ^
          = help: add `pipeline:` and a list of steps below it
        """,
    ),
    (
        "a spec that is a list",
        """\
        - rotate
        """,
        """\
        spec.yaml:1:1: a spec is a mapping
          |
        1 | - rotate
          | ^
          = help: start with `pipeline:` and a list of steps below it
        """,
    ),
    (
        "an empty spec",
        "",
        """\
        spec.yaml: the spec is empty
          = help: it needs at least `pipeline:` with a list of steps
        """,
    ),
]


def said_of(text: str | bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Load a spec that must be refused, and return all that is said about it."""
    (folder / "spec.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.chdir(folder)
    with pytest.raises(Refused) as refused:
        load(Path("spec.yaml"))
    assert refused.value.exit_code == 2
    return str(refused.value)


@pytest.mark.parametrize(("text", "said"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_once_with_its_place_and_help(text, said, tmp_path, monkeypatch):
    assert said_of(dedent(text), tmp_path, monkeypatch) == dedent(said).rstrip("\n")


def test_a_spec_that_does_not_exist_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused) as refused:
        load(Path("spec.yaml"))
    assert str(refused.value) == "spec.yaml: no such file"


def test_a_spec_that_is_a_folder_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.yaml").mkdir()
    with pytest.raises(Refused) as refused:
        load(Path("spec.yaml"))
    assert str(refused.value) == "spec.yaml: a folder, not a spec\n  = help: the spec, a YAML file, comes first"


def test_a_spec_above_64_kilobytes_is_not_read(tmp_path, monkeypatch):
    text = "pipeline: [rotate]\n"
    fits = text + "#" * (64 * 1024 - len(text))
    (tmp_path / "fits.yaml").write_text(fits)
    assert load(tmp_path / "fits.yaml").pipeline[0].name == "rotate"
    assert said_of(fits + "#", tmp_path, monkeypatch) == "spec.yaml: too long; a spec has at most 65536 bytes"


def test_a_spec_that_is_not_utf_8_is_refused_with_the_line(tmp_path, monkeypatch):
    said = said_of(b"seed: 1\npipeline: [rotate] # caf\xe9\n", tmp_path, monkeypatch)
    assert said == "spec.yaml: not UTF-8 text (line 2)\n  = help: save it as UTF-8"


def test_a_control_character_is_refused_at_its_place_without_reaching_the_terminal(tmp_path, monkeypatch):
    said = said_of("seed: 1\r\npipeline: [rotate]\0\x1b[31m\n", tmp_path, monkeypatch).splitlines()
    assert said[0] == "spec.yaml:2:19: not YAML: a control character stands here"
    assert said[2] == "2 | pipeline: [rotate]\\x00\\x1b[31m"


def test_a_byte_order_mark_and_windows_line_ends_are_read(spec_file):
    assert load(spec_file(b"\xef\xbb\xbfseed: 3\r\npipeline:\r\n  - rotate\r\n")).seed == 3


def test_of_a_long_line_only_the_part_around_the_mistake_is_shown(tmp_path, monkeypatch):
    text = "pipeline:\n  - rotate: {degrees: 5," + " " * 150 + "degres: 5}\n"
    first, *rest = said_of(text, tmp_path, monkeypatch).splitlines()
    assert first == "spec.yaml:2:175: unknown setting `degres` of `rotate`"
    assert rest == [
        "  |",
        "2 | " + " " * 60 + "degres: 5}",
        "  | " + " " * 60 + "^",
        "  = help: leave it out; `degrees` stands there already",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "pipeline: " + "[" * 20_000 + "]" * 20_000,
        "pipeline: " + "{a: " * 10_000 + "}" * 10_000,
        "pipeline: " + "[" * 60_000,
        "\n".join(" " * depth + "a:" for depth in range(300)),
        "a: &a [x, x, x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a, *a, *a, *a]\n" for n in range(500)),
        "a: &a {x: 1}\nb:\n" + "  <<: *a\n" * 2500,
        "x: " + "9" * 60_000,
    ],
    ids=["lists", "mappings", "unclosed", "blocks", "aliases", "merges", "digits"],
)
def test_a_hostile_spec_is_refused_within_a_second(text, spec_file):
    path = spec_file(text)
    started = time.process_time()
    with pytest.raises(Refused):
        load(path)
    # The promise of a second is for the whole command; processor time, so that a busy machine changes nothing.
    assert time.process_time() - started < 1


def test_too_deep_nesting_is_told_once(tmp_path, monkeypatch):
    said = said_of("pipeline: " + "[" * 40 + "]" * 40 + "\n", tmp_path, monkeypatch)
    assert said == dedent(f"""\
        spec.yaml:1:27: nested deeper than 16 levels
          |
        1 | pipeline: {"[" * 40}{"]" * 40}
          |                           ^""")


SEVEN_MISTAKES = """\
copies: 0
seed: 2
pipeline:
  - rotat: {degrees: 15}
  - gaussian_blur: {kernel_size: 4, sigma: [2, 1]}
  - one_of:
      steps:
        - hue: {p: 0.5}
  - random_crop
splits: {tests: copy}
"""


def test_different_mistakes_are_told_at_once_in_reading_order_and_nothing_is_written(
    augcli, tree, photo, tmp_path, spec_file
):
    spec_file(SEVEN_MISTAKES)
    tree(tmp_path / "in", {"cat/a.jpg": photo()})
    for command in (["run", "spec.yaml", "in", "out"], ["check", "spec.yaml"]):
        done = augcli(*command, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr == dedent("""\
            spec.yaml:1:9: `copies`: `0` copies would leave nothing
              |
            1 | copies: 0
              |         ^
              = help: write splits: {train: copy} for a set without copies
            spec.yaml:4:5: unknown transform `rotat`
              |
            4 |   - rotat: {degrees: 15}
              |     ^
              = help: did you mean `rotate`?
            spec.yaml:5:34: `kernel_size`: `4` is even; a kernel has a middle pixel
              |
            5 |   - gaussian_blur: {kernel_size: 4, sigma: [2, 1]}
              |                                  ^
              = help: write 3 or 5
            spec.yaml:5:44: `sigma`: the range `[2, 1]` is upside down
              |
            5 |   - gaussian_blur: {kernel_size: 4, sigma: [2, 1]}
              |                                            ^
              = help: write [1, 2]
            spec.yaml:8:17: a step that is chosen is applied; it has no `p`
              |
            8 |         - hue: {p: 0.5}
              |                 ^
              = help: use weight to choose it more or less often
            spec.yaml:9:5: `size` of `random_crop` is missing
              |
            9 |   - random_crop
              |     ^
              = help: write size: 224
            spec.yaml:10:10: unknown split `tests`; `train`, `val` or `test` is allowed
               |
            10 | splits: {tests: copy}
               |          ^
               = help: did you mean `test`?
            7 problems
            """)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "spec.yaml"]


SPECS = {
    "bare": "pipeline: [horizontal_flip]\n",
    "everything on top": """
        seed: 9223372036854775807
        copies: 4
        include_originals: true
        border: {mode: reflect, fill: [1, 2, 3]}
        output: {format: webp, quality: 80, subsampling: "4:4:4", optimize: true}
        layout: splits
        fusion: off
        max_megapixels: 0.5
        splits: {train: augment, val: [{resize: {size: 32}}, {center_crop: {size: [16, 24]}}], test: skip}
        pipeline: [rotate, {affine: {translate: {x: 0.1, y: [-0.2, 0.05]}, border: {mode: wrap}}}]
        """,
    "containers": """
        pipeline:
          - one_of:
              p: 0.3
              steps:
                - gaussian_blur: {kernel_size: [3, 7]}
                - gauss_noise: {weight: 2.5}
                - sequence: {weight: 0.5, steps: [rotate]}
          - some_of: {n: [0, 2], shuffle: true, steps: [rotate, hue, gamma]}
          - random_order: {p: 0.25, steps: [brightness, {contrast: {p: 0.5}}]}
        """,
    "a chosen step whose own probability is not 1": """
        pipeline:
          - one_of: {steps: [horizontal_flip, {vertical_flip: {weight: 2}}]}
          - some_of: {n: 1, steps: [random_erasing, grayscale]}
        """,
    "probabilities": """
        pipeline:
          - horizontal_flip: {p: 1}
          - vertical_flip: {p: 0.5}
          - rotate: {p: 0}
          - hue: {p: 0.123456789}
        """,
    "names": """
        pipeline:
          - rotate
          - rotate
          - rotate: {name: rotate_2}
          - hue: {name: "café: #1, 'x' \\\\ \\" {y}"}
          - one_of: {name: either, steps: [rotate, {hue: {name: hue}}]}
          - one_of: {steps: [gamma, gamma]}
        """,
    "names that look like something else": """
        pipeline:
          - rotate: {name: "no"}
          - rotate: {name: "true"}
          - rotate: {name: "010"}
          - rotate: {name: "08"}
          - rotate: {name: "1e3"}
          - rotate: {name: "1:30"}
          - rotate: {name: "0o7"}
          - rotate: {name: ".nan"}
          - rotate: {name: "null"}
          - rotate: {name: "=hue"}
        """,
    "borders": """
        border: {mode: edge}
        pipeline:
          - rotate
          - rotate: {border: {mode: constant, fill: 255}}
          - rotate: {border: {}}
        """,
    "numbers": """
        pipeline:
          - gamma: {gamma: [0.01, 99.99999999999999]}
          - random_resized_crop: {size: 8, scale: [0.0001, 0.30000000000000004]}
          - random_crop: {size: [3, 4], padding: [1, 2], pad_if_needed: true}
          - resize: {size: 5, max_size: 7}
          - random_erasing: {fill: random, ratio: [0.01, 100]}
        """,
}


def loaded(text: str, path: Path) -> Spec:
    path.write_text(dedent(text), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS.keys())
def test_the_expanded_spec_loads_again_to_the_same(text, tmp_path):
    spec = loaded(text, tmp_path / "spec.yaml")
    again = loaded(expanded(spec), tmp_path / "again.yaml")
    assert again.resolved() == spec.resolved()
    assert again.pipeline == spec.pipeline
    assert again.splits == spec.splits
    assert again.key == spec.key
    assert expanded(again) == expanded(spec)


def test_check_expand_prints_what_loads_again(augcli, tmp_path, spec_file):
    spec = spec_file(dedent(SPECS["containers"]))
    done = augcli("check", spec, "--expand")
    assert (done.returncode, done.stderr) == (0, "")
    assert loaded(done.stdout, tmp_path / "again.yaml").key == load(spec).key


def test_a_name_is_kept_as_it_was_given(tmp_path):
    spec = loaded(SPECS["names that look like something else"], tmp_path / "spec.yaml")
    assert [step.name for step in spec.pipeline] == [
        "no", "true", "010", "08", "1e3", "1:30", "0o7", ".nan", "null", "=hue",
    ]  # fmt: skip


def test_a_step_that_stands_twice_is_numbered_around_the_given_names(tmp_path):
    spec = loaded(SPECS["names"], tmp_path / "spec.yaml")
    names = [step.name for step in spec.pipeline]
    assert names[:3] == ["rotate", "rotate_3", "rotate_2"]
    assert names[4:] == ["either", "one_of"]
    assert [step.name for step in spec.pipeline[4].steps] == ["rotate_4", "hue"]
    assert [step.name for step in spec.pipeline[5].steps] == ["gamma", "gamma_2"]


def test_fusion_off_needs_no_quotes(spec_file):
    assert load(spec_file("fusion: off\npipeline: [rotate]\n")).fusion == "off"


def test_a_step_takes_the_border_of_the_spec_unless_it_has_its_own(tmp_path):
    spec = loaded(SPECS["borders"], tmp_path / "spec.yaml")
    assert [(s.transform.border.mode, s.transform.border.fill) for s in spec.pipeline] == [
        ("edge", (0, 0, 0)),
        ("constant", (255, 255, 255)),
        ("constant", (0, 0, 0)),
    ]


def test_one_number_means_a_limit_a_factor_or_a_value_as_the_setting_declares(spec_file):
    rotate, jitter, gamma, affine = load(
        spec_file("""
pipeline:
  - rotate: {degrees: 15}
  - color_jitter: {brightness: 0.2, contrast: [0.9, 1.3], hue: 0.1}
  - gamma: {gamma: 2}
  - affine: {translate: {x: 0.1}, shear: 5}
""")
    ).pipeline
    assert rotate.transform.degrees == (-15, 15)
    assert jitter.transform.brightness == (0.8, 1.2)
    assert jitter.transform.contrast == (0.9, 1.3)
    assert jitter.transform.hue == (-0.1, 0.1)
    assert gamma.transform.gamma == (2, 2)
    assert affine.transform.translate == ((-0.1, 0.1), (0, 0))
    assert affine.transform.shear == ((-5, 5), (-5, 5))
