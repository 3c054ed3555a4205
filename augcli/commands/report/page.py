"""The page itself: what the template is given, and what marks a page as ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from augcli.commands.preview import page as pages
from augcli.problems import counted

MADE_BY = "augcli report"


def is_ours(path: Path) -> bool:
    """Tell whether a file is such a page. Raises OSError."""
    return pages.is_ours(path, MADE_BY)


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
    own = {
        "mark": Markup(pages.mark(MADE_BY)),
        "style": Markup(_text("page.css")),
        "script": Markup(script),
        "script_hash": digest,
    }
    return environment.get_template("page.html.j2").render(**told, **own).encode()


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _counted(number: int, thing: str) -> str:
    return counted(number, thing).replace(str(number), f"{number:,}", 1)


def _without_controls(value: Any) -> Any:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return pages.without_controls(value)
