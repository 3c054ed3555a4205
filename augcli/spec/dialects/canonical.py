"""What calls of several libraries stand for here."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Steps

TRANSPOSED: Steps = [{"rotate90": {"times": 1}}, {"vertical_flip": {"p": 1}}]


def same_settings(call: Any, *names: str) -> dict[str, Any]:
    """Return the parameters of a call that are settings here, under the same names."""
    return {name: getattr(call, name) for name in names}


def resized_to_longest_side(side: int, interpolation: str) -> dict[str, Any]:
    """Return the step that resizes until the longer side is so long."""
    most = 32766  # of the shorter side, so that only the cap on the longer one counts
    return {"resize": {"size": most, "max_size": side, "interpolation": interpolation}}


def three(parts: list[float]) -> list[float]:
    """Return one number for each channel, of three or of one for all."""
    return [*parts] * 3 if len(parts) == 1 else parts
