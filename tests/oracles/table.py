"""Prints how far every transform is from its oracles, beside what is allowed.

python -m tests.oracles.table
"""

from __future__ import annotations

from tests.oracles import cases
from tests.oracles.photos import photo


def main() -> None:
    """Print a row for each transform and tolerance: what makes its references, what is allowed, what was measured."""
    rows: dict[tuple[str, str], list[tuple[float, str]]] = {}
    makers: dict[tuple[str, str], set[str]] = {}
    for case in cases.CASES:
        allowed = f"{case.tolerance.levels:g}" + (f", {case.tolerance.share:.1%} more" if case.tolerance.share else "")
        found = rows.setdefault((case.name, allowed), [])
        makers.setdefault((case.name, allowed), set()).add(case.reference.__qualname__.partition(".")[0].strip("_"))
        for name in case.photos:
            found.append(case.difference(photo(name), case.reference(photo(name))))
    print("| transform | oracle | allowed | comparisons | measured | beyond |\n|---|---|---|---|---|---|")
    for (name, allowed), found in sorted(rows.items()):
        made = ", ".join(sorted(makers[name, allowed]))
        most, wrong = max(value for value, _ in found), sum(bool(words) for _, words in found)
        print(f"| {name} | {made} | {allowed} | {len(found)} | {most:.3g} | {wrong} |")


if __name__ == "__main__":
    main()
