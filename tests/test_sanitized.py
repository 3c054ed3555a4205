"""The compiled loops touch nothing that is not theirs, and are the same on every processor; built anew for that."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from augcli.image import native

COMPILED = ("native", "programs", "compiled_recipes", "plain_png", "jpeg_encoder")
TESTS = [str(Path(__file__).parent / f"test_{name}.py") for name in COMPILED]
RUN = """
import sys
import pytest
from augcli.image import native
native.__file__ = sys.argv[1]  # the library is looked for beside it
raise SystemExit(pytest.main(["-q", "-x", "-s", "-p", "no:cacheprovider", *sys.argv[2:]]))
"""


def tested(built: Path, **environment: str) -> None:
    """Run the tests of what is compiled with another library, which is in the folder `built`."""
    command = [sys.executable, "-c", RUN, built / "native.py", *TESTS]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def compile_into(folder: Path, *options: str) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no gcc here")
    sources = sorted(Path(native.__file__).parent.glob("*.c"))
    built = ["-fPIC", "-shared", "-ffp-contract=off", "-o", folder / "_kernels.so"]
    subprocess.run([compiler, *options, "-Wall", "-Wextra", "-Werror", *built, *sources, "-lm"], check=True)


@pytest.mark.slow
def test_the_compiled_loops_are_clean_under_the_sanitizers(tmp_path):
    checked = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
    compile_into(tmp_path, "-g", "-O1", *checked)
    libraries = []
    for name in ("libasan.so", "libubsan.so"):
        found = subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip()
        if not os.path.isabs(found):
            pytest.skip(f"there is no {name} here")
        libraries.append(found)
    # Python keeps what it has taken until it ends, and that is no leak of the loops.
    tested(tmp_path, LD_PRELOAD=" ".join(libraries), ASAN_OPTIONS="detect_leaks=0")


@pytest.mark.slow
def test_processors_without_avx_512_come_to_the_same_bytes(tmp_path):
    compile_into(tmp_path, "-O3", "-DWITHOUT_AVX512", "-Wno-unused-function")
    tested(tmp_path)
