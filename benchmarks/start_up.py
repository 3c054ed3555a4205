"""What a start of augcli takes: a run of 100 images, and commands that make none; `start_up.py [--before FOLDER]`.

All take turns for some rounds, and the medians are printed, of wall and CPU time in ms. With another checkout of augcli
it is measured beside this one. Below stand the modules that a run imports, by whose they are; Python takes longer to
import them where it tells.
"""

import argparse
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from compare import HERE, MAKE, OURS, augcli_in, checkout

SHOWN = 12


def taken_by(command: list[str]) -> tuple[float, float]:
    """Return the milliseconds of wall and of CPU that a command takes; exit where it fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{done.stderr}{shlex.join(command)}: exit code {done.returncode}")
    return 1e3 * wall, 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def imports_of(command: list[str]) -> tuple[Counter[str], Counter[str]]:
    """Return the milliseconds and the number of modules that a command of Python imports, by whose they are."""
    at = command.index(sys.executable) + 1
    told = subprocess.run([*command[:at], "-X", "importtime", *command[at:]], stderr=subprocess.PIPE, text=True).stderr
    spent: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for line in told.splitlines():
        own, bar, rest = line.removeprefix("import time:").partition("|")
        if bar and own.strip().isdecimal():
            name = rest.rpartition("|")[2].strip().lstrip("_").split(".")[0]
            name = "the standard library" if name in sys.stdlib_module_names else name
            spent[name] += int(own) / 1e3  # type: ignore[assignment]
            number[name] += 1
    return spent, number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--before", type=checkout, metavar="FOLDER", help="another checkout of augcli")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or all of augcli would be compiled at each start
    trees = {OURS: HERE.parent} | ({} if given.before is None else {"before": given.before})
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        data, out = Path(folder, "in"), Path(folder, "out")
        samples = HERE.parent / "sample_data"
        subprocess.run([sys.executable, "-c", MAKE, samples, data, "500", "375", "20", ".jpg"], check=True)
        spec = HERE / "a.yaml"
        commands = {
            "augcli --help": ("--help",),
            "augcli check": ("check", spec),
            "augcli plan": ("plan", spec, data, out),
            "augcli run, 100 images": ("run", spec, data, out, "-j", 2, "-q"),
        }
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for _ in range(given.rounds + 1):
            found.setdefault(("Python alone", ""), []).append(taken_by([sys.executable, "-c", "pass"]))
            for what, arguments in commands.items():
                for label, tree in trees.items():
                    shutil.rmtree(out, ignore_errors=True)
                    found.setdefault((what, label), []).append(taken_by(augcli_in(tree, *arguments)))
        print("| ms | wall | CPU |\n|---|--:|--:|")
        for (what, label), runs in found.items():
            wall, cpu = (statistics.median(values) for values in zip(*runs[1:], strict=True))  # the first compiles
            print(f"| {what}{label and f', {label}'} | {wall:.0f} | {cpu:.0f} |")
        for label, tree in trees.items():
            shutil.rmtree(out, ignore_errors=True)
            spent, number = imports_of(augcli_in(tree, *commands["augcli run, 100 images"]))
            print(f"\n{label.strip('*')} imports {number.total()} modules in {spent.total():.0f} ms:\n")
            for name, milliseconds in spent.most_common(SHOWN):
                print(f"    {name:22} {milliseconds:6.1f} ms {number[name]:4} modules")


if __name__ == "__main__":
    main()
