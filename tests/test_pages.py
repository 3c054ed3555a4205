"""The README and the pages of docs/ are true: commands print what is shown, specs load, links lead somewhere.

A page's ```console blocks are run in their order, in a folder with the samples of the repository. A block with a
title is a file of that name. `...` in what a command prints stands for anything, on a line of its own for any lines.
"""

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import yaml

from augcli.cli import augcli
from augcli.spec import loading

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))}
PARTS = (ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *PAGES.values())
SAMPLES = ("configs", "sample_data", "sample_coco", "sample_text")
FIRST = ("README.md",)
"""Pages whose commands `make test` runs; `make slow` runs those of all others."""


def text_of(name):
    return PAGES[name].read_text(encoding="utf-8")


def blocks_of(name):
    """Return the language, title and text of each fenced block of a page."""
    return re.findall(r"^```(\w*)(?: title=\"(.*?)\")?\n(.*?)^```$", text_of(name), re.MULTILINE | re.DOTALL)


def commands_of(block):
    """Return the commands of a console block, each with what it is shown to print."""
    found = re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    assert "".join(f"$ {command}\n{shown}" for command, shown in found) == block
    return found


def without_times(text):
    return re.sub(r"in [\d.]+ s, \d+ (image|text)s/s", r"in ... s, ... \1s/s", text)


def is_shown(printed, shown):
    lines = without_times(shown).splitlines(keepends=True)
    pattern = "".join(
        "(?:.*\n)*" if line == "...\n" else re.escape(line).replace(re.escape("..."), ".*") for line in lines
    )
    return re.fullmatch(pattern, without_times(printed)) is not None


WITH_COMMANDS = [name for name in PAGES if any(language == "console" for language, _, _ in blocks_of(name))]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FIRST else pytest.mark.slow) for name in WITH_COMMANDS]
)
def test_commands_print_what_the_page_shows(name, tmp_path):
    for folder in SAMPLES:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    programs = tmp_path / ".programs"
    programs.mkdir()
    (programs / "augcli").write_text(f'#!/bin/sh\nexec {sys.executable} -m augcli "$@"\n', encoding="utf-8")
    (programs / "augcli").chmod(0o755)
    here = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "80"}
    here["PATH"] = f"{programs}:{Path(sys.executable).parent}:{here['PATH']}"
    for language, title, text in blocks_of(name):
        if title:
            (tmp_path / title).write_text(text, encoding="utf-8")
        for command, shown in commands_of(text) if language == "console" else ():
            done = subprocess.run(
                ["bash", "-c", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=tmp_path,
                env=here,
            )
            assert is_shown(done.stdout, shown), f"$ {command}\n{done.stdout}"
            shows_no_more = all(line.strip() == "..." for line in shown.splitlines())
            assert done.returncode == 0 or not shows_no_more, f"$ {command}\n{done.stdout}"


@pytest.mark.parametrize("name", PAGES)
def test_specs_of_the_page_load(name, tmp_path):
    for language, title, text in blocks_of(name):
        if title == "broken.yaml":
            continue
        read = yaml.safe_load(text) if language == "yaml" else None
        if read is None or "jobs" in read:  # no spec, but a workflow
            continue
        lines = text if isinstance(read, dict) else f"pipeline:\n{text}"
        if "pipeline:" not in lines:
            lines += "pipeline: [horizontal_flip]\n"
        if re.search("^ *- (rescale|normalize)", lines, re.MULTILINE):
            lines += "output: {format: npy}\n"
        (tmp_path / "spec.yaml").write_text(lines, encoding="utf-8")
        if "vignette" not in lines:  # the example of a package that is not installed
            loading.load(tmp_path / "spec.yaml")


@pytest.mark.parametrize("name", PAGES)
def test_commands_of_the_page_have_the_options_that_they_are_given(name):
    """Also of those that are not run here, since they need other machines."""
    for language, _, text in blocks_of(name):
        lines = (
            re.findall(r"^(?:\$ )?augcli (?!\d)([^#>|&\n]*)", text, re.MULTILINE)
            if language in ("sh", "console")
            else ()
        )
        for line in lines:
            words = [word.strip("'\"") for word in line.split() if word != "..."]
            assert words[0] in augcli.commands or words[0].startswith("--"), line
            augcli.main([*words, "--help"], standalone_mode=False)


def slug(heading):
    """Return the anchor of a heading, as mkdocs makes it."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[`*]|\]\(.*?\)|\[", "", heading)).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        file = path.parent / target if target else path
        assert file.exists(), f"{path.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{path.name} links to {target}#{anchor}"


def test_the_readme_is_short():
    assert len(text_of("README.md").splitlines()) <= 150


def test_every_page_stands_in_the_site_once():
    listed = re.findall(r"[\w-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("nav:")[2])
    assert sorted(listed) == sorted(path.name for path in ROOT.glob("docs/*.md"))
