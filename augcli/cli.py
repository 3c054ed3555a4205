"""The command line: options in, exit code out; everything heavy is imported inside the commands."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from augcli.commands.closed_streams import open_closed_streams
from augcli.commands.exit_code import exit_code_of
from augcli.commands.group import Commands, described, tell_versions
from augcli.commands.options import (
    CLUSTER,
    COPIES,
    FOLLOW,
    IN,
    JOBS,
    OUT,
    PATH,
    PLACE,
    PRESETS,
    SEED,
    SPEC,
    VERSION,
    WAIT,
    whole,
)
from augcli.image.process import take_over


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=tell_versions, help=VERSION)
def augcli() -> None:
    """Expand a set of images or texts into augmented copies, the same ones every time.

    Write a spec (augcli show lists the transforms), look at it with preview, then run it.
    """


@augcli.command()
@SPEC
@IN
@OUT
@JOBS
@SEED
@COPIES
@click.option("--overwrite", is_flag=True, help="Go on even if the spec differs or many files go; what is right stays.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first source that fails (exit 3).")
@click.option("--allow-augmented-input", is_flag=True, help="Accept an IN that augcli made.")
@FOLLOW
@click.option("--dry-run", is_flag=True, help="Write nothing; forecast what would be written, as plan does.")
@click.option("--frozen", is_flag=True, help="Write nothing; exit 1 where OUT is not what SPEC and IN ask for.")
@CLUSTER
@WAIT
@click.option("--shard", metavar="I/N", help="Make the I-th of N shares only, or that of a `slurm` array task.")
@click.option("--summary-json", type=PATH, metavar="FILE", help="Write counts, failures and hashes to FILE.")
@click.option("--profile", is_flag=True, help="Print where the time went, summed over the workers.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems.")
@click.option("-v", "--verbose", is_flag=True, help="Say of each source what is made, what is kept, and why.")
def run(
    spec: Path,
    in_: Path,
    out: Path,
    seed: int | None,
    copies: int | None,
    dry_run: bool,
    frozen: bool,
    **flags: Any,
) -> int:
    """Write the augmented copies of IN to OUT, with a manifest.

    The same command again goes on where it was interrupted, and makes only what is missing or changed.
    """
    from augcli.plan.request import Options
    from augcli.spec.loading import load

    if flags["shard"] and (dry_run or frozen):
        raise click.UsageError("--shard goes with neither --dry-run nor --frozen, which look at the whole")
    loaded = load(spec, seed=seed, copies=copies)
    options = Options(**flags, digests=flags["summary_json"] is not None)
    if frozen:
        from augcli.commands.frozen import check_frozen

        return check_frozen(loaded, in_, out, options)
    if dry_run:
        from augcli.commands.plan import forecast

        return forecast(loaded, in_, out, options)
    from augcli.commands.run import run as make

    return make(loaded, in_, out, options).exit_code


@augcli.command()
@SPEC
@IN
@click.argument("target", type=PATH, required=False, metavar="[GRID.png|PAGE.html]")
@click.option("--rows", type=click.IntRange(1, 100), default=5, show_default=True, help="How many sources to show.")
@click.option("--no-labels", is_flag=True, help="Leave boxes, masks and keypoints out.")
@click.option(
    "--steps", is_flag=True, help="Show each step by itself instead, at both ends and the middle of its ranges."
)
@SEED
@COPIES
@FOLLOW
def preview(
    spec: Path,
    in_: Path,
    target: Path | None,
    rows: int,
    steps: bool,
    no_labels: bool,
    seed: int | None,
    copies: int | None,
    follow_links: bool,
) -> int:
    """Show some sources and their copies, as run would write them.

    Images are drawn into GRID.png [default: preview.png]. Texts are printed with what changed marked, or written to
    PAGE.html.
    """
    from augcli.spec.loading import load

    loaded = load(spec, seed=seed, copies=copies)
    if loaded.kind == "text":
        if no_labels:
            raise click.UsageError("--no-labels is for images; texts are shown without labels")
        from augcli.commands.preview.texts import show

        return show(loaded, in_, target, rows, steps, follow_links)
    from augcli.commands.preview.draw import draw

    return draw(loaded, in_, target or Path("preview.png"), rows, steps, follow_links, not no_labels)


@augcli.command()
@SPEC
@click.argument("in_", metavar="[IN]", type=PLACE, required=False)
@click.option("--expand", is_flag=True, help="Print the whole spec with every default filled in, as YAML.")
@click.option("--strict", is_flag=True, help="Exit 1 where there are warnings.")
@click.option("--allow", default="", metavar="RULE,...", help="Leave these warnings out, by their names.")
@click.option("--frozen", type=PLACE, metavar="OUT", help="Exit 1 where OUT is not what SPEC and IN ask for.")
@FOLLOW
def check(spec: Path, in_: Path | None, frozen: Path | None, follow_links: bool, **flags: Any) -> int:
    """Report every problem of SPEC at once, and warn of pitfalls.

    With IN, count what it would make.
    """
    from augcli.commands.check import check as look_at
    from augcli.spec.loading import load

    loaded = load(spec)
    if frozen is None:
        return look_at(loaded, str(spec), in_, follow_links=follow_links, **flags)
    if in_ is None:
        raise click.UsageError("--frozen needs IN: augcli check SPEC IN --frozen OUT")
    from augcli.commands.frozen import check_frozen
    from augcli.plan.request import Options

    return check_frozen(loaded, in_, frozen, Options(follow_links=follow_links, allow_augmented_input=True))


@augcli.command()
@click.option("--preset", type=click.Choice(PRESETS), help=f"How strong, or `text` for texts [default: {PRESETS[0]}].")
@whole("--size", 1, 4096, "Make all images of train and val N x N.")
@click.option("--from", "given", type=PATH, metavar="FILE", help="Convert the pipeline of another library in FILE.")
def init(preset: str | None, size: int | None, given: Path | None) -> int:
    """Print a spec to start from, every key of it explained.

    Write it to a file: augcli init > spec.yaml.

    FILE may be Python source of torchvision, Albumentations or Keras, which is read and not run, or what
    Albumentations saved; FILE:NAME is one of several pipelines in it.
    """
    from augcli.commands import init

    if size is not None and preset == "text":
        raise click.UsageError("--size is for images")
    if given is None:
        return init.preset(preset or PRESETS[0], size)
    if size is not None or preset is not None:
        raise click.UsageError("--size and --preset do not go with --from, whose pipeline has all of it")
    return init.conversion(given)


@augcli.command()
@SPEC
@IN
@click.argument("out", metavar="[OUT]", type=PLACE, required=False)
@click.option("--print-id", is_flag=True, help="Print only a hash of all that decides the result: a key for a cache.")
@JOBS
@CLUSTER
@WAIT
@SEED
@COPIES
@click.option("--allow-augmented-input", is_flag=True, help="Accept an IN that augcli made.")
@FOLLOW
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of what is left out.")
@click.option("-v", "--verbose", is_flag=True, help="Name each file that is left out.")
def plan(
    spec: Path, in_: Path, out: Path | None, print_id: bool, seed: int | None, copies: int | None, **flags: Any
) -> int:
    """Forecast what a run would write and how long it would take.

    Nothing is written. With OUT: what is not there yet.
    """
    from augcli.plan.request import Options
    from augcli.spec.loading import load

    loaded, options = load(spec, seed=seed, copies=copies), Options(**flags)
    from augcli.commands import plan as plans

    return plans.print_id(loaded, in_, out, options) if print_id else plans.forecast(loaded, in_, out, options)


@augcli.command()
@OUT
def merge(out: Path) -> int:
    """Join what run --shard left in OUT to one data set.

    It is the same that a single run makes.
    """
    from augcli.commands.merge import merge as join

    return join(out)


@augcli.command()
@OUT
@click.argument("files", metavar="IN [FILE]...", nargs=-1)
@click.option("--source", type=PLACE, metavar="IN", help="The originals, where IN stands here and not before FILE.")
@click.option("--overwrite", is_flag=True, help="Make files that differ from the manifest anew, too.")
@click.option("--anyway", is_flag=True, help="Try it with other versions; only what comes out the same is written.")
@click.option("--to", type=PATH, metavar="FOLDER", help="Write samples of shards that are named into FOLDER.")
@JOBS
@CLUSTER
@WAIT
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems.")
def replay(
    out: Path, source: Path | None, files: tuple[str, ...], overwrite: bool, anyway: bool, to: Path | None, **flags: Any
) -> int:
    """Make missing files of OUT again, from manifest and originals.

    IN holds the originals, as for run; after it, files may be named that alone are made again.
    """
    if source is None:
        if not files:
            raise click.UsageError("the originals are missing: augcli replay OUT IN [FILE]...")
        source, files = PLACE(files[0]), files[1:]
    from augcli.commands.replay import replay as make_again
    from augcli.plan.request import Options

    return make_again(out, source, files, overwrite, anyway, Options(**flags), to=to).exit_code


@augcli.command()
@OUT
@click.option("--quick", is_flag=True, help="Compare names and sizes only, without reading the files.")
@JOBS
@CLUSTER
@WAIT
def verify(out: Path, quick: bool, **flags: Any) -> int:
    """Compare the files of OUT with its manifest.

    Missing, changed and extra ones are listed (exit 1).
    """
    from augcli.commands.verify import report
    from augcli.plan.request import Options

    return report(out, quick, Options(**flags))


@augcli.command()
@OUT
@click.argument("target", type=PATH, default="report.html", metavar="[report.html]")
@click.option("--source", type=PLACE, metavar="IN", help="The originals, to be seen beside their copies.")
def report(out: Path, target: Path, source: Path | None) -> int:
    """Show what is in OUT on a page: pictures, classes, values.

    It is one file of HTML that needs no network: pictures, counts, what was applied, what failed, the spec.
    """
    from augcli.commands.report.command import write

    return write(out, target, source)


@augcli.command()
@click.argument("a", metavar="A", type=PLACE)
@click.argument("b", metavar="B", type=PLACE)
@click.argument("target", type=PATH, required=False, metavar="[PAGE.html|GRID.png]")
@click.option("--source", type=PLACE, metavar="IN", help="Originals, of which pairs of two specs are made.")
@click.option("--rows", type=click.IntRange(1, 100), default=12, show_default=True, help="How many pairs to show.")
def diff(a: Path, b: Path, target: Path | None, source: Path | None, rows: int) -> int:
    """Say what changed from A to B, two outputs or two specs.

    With a page or a grid, pairs of files that differ are shown in it. Exit 1 where anything differs.
    """
    from augcli.commands.diff.compare import diff as compare

    return compare(a, b, target, source, rows)


@augcli.command()
@click.argument("name", required=False, shell_complete=described)
def show(name: str | None) -> int:
    """List the transforms, or describe one or a part of the spec."""
    from augcli.spec.descriptions import description, listing

    click.echo(description(name) if name else listing())
    return 0


@augcli.command()
def schema() -> int:
    """Print the JSON Schema of a spec, for editors."""
    import json

    from augcli.spec.json_schema import schema as described

    click.echo(json.dumps(described(), indent=2))
    return 0


@augcli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print what makes a shell complete commands, options and names.

    For bash: augcli completion bash > ~/.local/share/bash-completion/completions/augcli
    """
    from augcli.commands.completion import script

    click.echo(script(shell))
    return 0


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code; no traceback for anything that a user can cause."""
    take_over()
    open_closed_streams()
    code = exit_code_of(lambda: augcli.main(arguments, prog_name="augcli", standalone_mode=False))
    gc.freeze()  # or Python looks for garbage in all that is left, when it ends: a sixth of a short command
    if sys.flags.inspect:  # PYTHONINSPECT would show an exit as an error, and ask for commands
        os._exit(code)
    sys.exit(code)
