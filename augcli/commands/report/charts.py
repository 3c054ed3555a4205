"""Charts as SVG inside the page. There is no text in them: what they say in words stands beside them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from augcli.commands.report.distributions import Bar

HEIGHT, SLOT, GAP = 56, 10, 1.5


def histogram(bars: Sequence[Bar]) -> Markup:
    """Draw how many values lie in each bar, the highest as high as the chart."""
    most = max(bar.number for bar in bars)
    width = SLOT * len(bars)
    drawn = [f'<path class="ground" d="M0 {HEIGHT}H{width}"/>']
    for at, bar in enumerate(bars):
        if bar.number:
            height = max(1.0, (HEIGHT - 1) * bar.number / most)
            x, y = at * SLOT + GAP / 2, HEIGHT - height
            drawn.append(f'<rect x="{x:g}" y="{y:.2f}" width="{SLOT - GAP:g}" height="{height:.2f}"/>')
    head = f'<svg class="histogram" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
    return Markup(f"{head}{''.join(drawn)}</svg>")


def bar(share: float, kind: str = "after") -> Markup:
    """Draw a share from 0 to 1 as a bar."""
    width = 100 * min(max(share, 0.0), 1.0)
    drawn = f'<rect class="{kind}" width="{width:.2f}" height="8"/>' if width else ""
    return Markup(f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>')


def before_and_after(before: float, after: float) -> Markup:
    """Draw two shares from 0 to 1, one above the other."""
    drawn = "".join(
        f'<rect class="{kind}" y="{y}" width="{100 * min(max(share, 0.0), 1.0):.2f}" height="{height}"/>'
        for kind, y, height, share in (("before", 0, 5, before), ("after", 6, 10, after))
    )
    return Markup(
        f'<svg class="bar pair" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
    )
