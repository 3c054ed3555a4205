"""The page itself: what the template is given, and what marks a page as ours."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from augcli.problems import counted, printable
from augcli.storage import files

MARK = '<meta name="generator" content="augcli report">'
_CONTROLS = re.compile("[\0-\b\v-\x1f\x7f-\x9f\ud800-\udfff]")


def is_ours(path: Path) -> bool:
    """Tell whether a file is such a page. Raises OSError."""
    return MARK.encode() in files.start(str(path), 400)


def page(told: Mapping[str, Any]) -> bytes:
    """Return the page: HTML that loads nothing, in which no script runs but its own."""
    script = _text("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = _counted
    environment.filters["thousands"] = lambda number: f"{number:,}"
    own = {"mark": Markup(MARK), "style": Markup(_text("page.css")), "script": Markup(script), "script_hash": digest}
    return environment.get_template("page.html.j2").render(**told, **own).encode()


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _counted(number: int, thing: str) -> str:
    return counted(number, thing).replace(str(number), f"{number:,}", 1)


def _without_controls(value: Any) -> Any:
    """Escape the control characters of a text, for which HTML has no place; its lines stay."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _CONTROLS.sub(lambda found: printable(found[0]), value)
