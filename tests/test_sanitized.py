"""The compiled loops read and write nothing that is not theirs, and do nothing that C leaves undefined."""

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


@pytest.mark.slow
@pytest.mark.parametrize("define", ["WITH_ALL", "WITHOUT_AVX512"])
def test_the_compiled_loops_are_clean_under_the_sanitizers(define, tmp_path):
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no gcc here")
    libraries = []
    for name in ("libasan.so", "libubsan.so"):
        found = subprocess.check_output([compiler, f"-print-file-name={name}"], text=True).strip()
        if not os.path.isabs(found):
            pytest.skip(f"there is no {name} here")
        libraries.append(found)
    checked = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-Wall", "-Wextra", "-Werror"]
    sources = sorted(Path(native.__file__).parent.glob("*.c"))
    built = [f"-D{define}", "-g", "-O1", "-fPIC", "-shared", "-ffp-contract=off", "-o", tmp_path / "_kernels.so"]
    subprocess.run([compiler, *checked, *built, *sources, "-lm"], check=True)
    # Python keeps what it has taken until it ends, and that is no leak of the loops.
    environment = {**os.environ, "LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0"}
    command = [sys.executable, "-c", RUN, tmp_path / "native.py", *TESTS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
