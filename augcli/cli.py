"""The command line: options in, exit code out; everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from augcli import __version__

SPEC = click.argument("spec", type=click.Path(path_type=Path))
IN = click.argument("in_", metavar="IN", type=click.Path(path_type=Path))
OUT = click.argument("out", type=click.Path(path_type=Path))
SEED = click.option("--seed", type=click.IntRange(0), metavar="N", help="Replace the spec's seed.")
COPIES = click.option("--copies", type=click.IntRange(1), metavar="N", help="Replace the spec's number of copies.")
PRESETS = ("light", "medium", "heavy", "validation")
FOLLOW = click.option("--follow-links", is_flag=True, help="Read linked files and folders of IN, too.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="augcli %(version)s")
def augcli() -> None:
    """Expand an image folder into augmented copies, the same ones every time.

    Write a spec (augcli show lists the transforms), look at it with preview, then run it.
    """


@augcli.command()
@SPEC
@IN
@OUT
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Worker processes [default: the CPUs].")
@SEED
@COPIES
@click.option("--overwrite", is_flag=True, help="Make OUT anew where it was made by another spec.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first source that fails (exit 3).")
@click.option("--allow-augmented-input", is_flag=True, help="Accept an IN that augcli made.")
@FOLLOW
@click.option("--profile", is_flag=True, help="Print where the time went, summed over the workers.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems.")
def run(spec: Path, in_: Path, out: Path, seed: int | None, copies: int | None, **flags: Any) -> int:
    """Write the augmented copies of IN to OUT, with a manifest.

    The same command again goes on where it was interrupted, and makes only what is missing or changed.
    """
    from augcli import job
    from augcli.spec import load

    return job.run(load(spec, seed=seed, copies=copies), in_, out, job.Options(**flags))


@augcli.command()
@SPEC
@IN
@click.argument("grid", type=click.Path(path_type=Path), default="preview.png", metavar="[GRID.png]")
@click.option("--rows", type=click.IntRange(1, 100), default=5, show_default=True, help="How many sources to show.")
@click.option(
    "--steps", is_flag=True, help="Show each step by itself instead, at both ends and the middle of its ranges."
)
@SEED
@COPIES
@FOLLOW
def preview(
    spec: Path, in_: Path, grid: Path, rows: int, steps: bool, seed: int | None, copies: int | None, follow_links: bool
) -> int:
    """Draw a contact sheet of some sources and their copies, exactly as run would write them."""
    from augcli import job, preview_steps
    from augcli.preview import refuse_to_replace, save, sheet
    from augcli.problems import Problem, Refused, printable
    from augcli.spec import load

    loaded = load(spec, seed=seed, copies=copies)
    if grid.suffix.lower() != ".png":
        raise Refused(Problem(f"{grid}: a preview is a PNG", f"write {grid.with_suffix('.png')}"))
    refuse_to_replace(grid)
    options = job.Options(follow_links=follow_links, allow_augmented_input=True)
    sources = [s for s in job.look_into(loaded, in_, grid, options).sources if loaded.treatment(s.role) == "augment"]
    if not sources:
        raise Refused(Problem(f"{in_}: no split of it is augmented", "set `splits: {train: augment}`"))
    drawn = preview_steps.sheet(loaded, in_, sources) if steps else sheet(loaded, in_, sources, rows)
    save(drawn, grid)
    click.echo(printable(f"{grid}: {drawn.width}x{drawn.height}"), err=True)
    return 0


@augcli.command()
@SPEC
@click.argument("in_", metavar="[IN]", type=click.Path(path_type=Path), required=False)
@click.option("--expand", is_flag=True, help="Print the whole spec with every default filled in, as YAML.")
@click.option("--strict", is_flag=True, help="Exit 1 where there are warnings.")
@FOLLOW
def check(spec: Path, in_: Path | None, expand: bool, strict: bool, follow_links: bool) -> int:
    """Report every problem of SPEC at once, and warn of pitfalls; with IN, count the images that it would make."""
    from augcli import lint
    from augcli.catalogue import expanded, outline
    from augcli.problems import printable
    from augcli.spec import load

    loaded = load(spec)
    if expand:
        click.echo(expanded(loaded), nl=False)
    else:
        click.echo(printable(f"{spec}: no problems"))
        click.echo(outline(loaded))
    listing = None
    if in_ is not None:
        from augcli import job
        from augcli.dataset import scan

        listing = scan(in_, loaded.layout, follow_links)
        job.say_left_out(listing)
        click.echo(job.forecast(loaded, listing), err=expand)
    warnings = lint.warnings(loaded, in_, listing)
    for warning in warnings:
        click.echo(str(warning), err=True)
    return 1 if strict and warnings else 0


@augcli.command()
@click.option("--preset", type=click.Choice(PRESETS), default=PRESETS[0], show_default=True, help="How strong.")
def init(preset: str) -> int:
    """Print a spec to start from, every key of it explained: augcli init > spec.yaml."""
    click.echo((Path(__file__).parent / "presets" / f"{preset}.yaml").read_text(encoding="utf-8"), nl=False)
    return 0


@augcli.command()
@OUT
@click.option("--quick", is_flag=True, help="Compare names and sizes only, without reading the files.")
def verify(out: Path, quick: bool) -> int:
    """Compare OUT with its manifest: missing, changed and extra files (exit 1)."""
    from augcli.manifest import MANIFEST, STATE
    from augcli.manifest import verify as compare
    from augcli.problems import Problem, Refused, printable

    if not (out / MANIFEST).is_file():
        if (out / STATE).is_dir():
            raise Refused(Problem(f"{out}: its run is not finished", "give the same run command again: it goes on"))
        what = "no such folder" if not out.exists() else f"there is no {MANIFEST} in it"
        raise Refused(Problem(f"{out}: {what}", "give the OUT of a run"))
    known, found = compare(out, quick)
    for difference in found:
        click.echo(f"{difference.kind}: {printable(difference.file_name)}")
    click.echo(printable(f"{out}: {known} files in the manifest, {len(found)} differences"), err=True)
    return 1 if found else 0


@augcli.command()
@click.argument("name", required=False)
def show(name: str | None) -> int:
    """List the transforms, or describe the one called NAME."""
    from augcli.catalogue import description, listing

    click.echo(description(name) if name else listing())
    return 0


@augcli.command()
def schema() -> int:
    """Print the JSON Schema of a spec, for editors."""
    import json

    from augcli.catalogue import schema as described

    click.echo(json.dumps(described(), indent=2))
    return 0


def main() -> NoReturn:
    """Run the command line and exit with its code; no traceback for anything that a user can cause."""
    sys.exit(_exit_code(lambda: augcli.main(prog_name="augcli", standalone_mode=False)))


def _exit_code(command: Callable[[], Any]) -> int:
    try:
        return int(command() or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as usage:
        usage.show()
        return usage.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; finished files are whole, the same command goes on", err=True)
        return 130
    except BrokenPipeError:
        sys.stdout = None  # whoever read us has gone
        return 0
    except BaseException as error:
        from augcli.problems import Refused, Terminated, joined

        if isinstance(error, Refused):
            click.echo(joined(error.problems), err=True)
            return error.exit_code
        if isinstance(error, Terminated):
            click.echo("terminated; finished files are whole, the same command goes on", err=True)
            return 143
        raise
