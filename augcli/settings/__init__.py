"""How a setting is declared: its type says what one number means, `setting()` adds unit, limits and help.

    degrees: Limit = setting(15, "Angle, counter-clockwise.", unit="deg", within=(-180, 180))

A *limit* v means -v to v, a *factor* v means 1-v to 1+v, a *value* v means exactly v; a pair is always
a range. Loader, messages, `show`, JSON Schema and contract tests all read this one declaration.

May import `problems`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from augcli.settings.class_types import CLASSES, COPIES, GROUPS, TARGET, Target
from augcli.settings.fixed_values import COLOUR, COUNT, FILL, NUMBER, NUMBERS, PADDING, QUALITY, REGION, SIZE, TEXT
from augcli.settings.groups import Setting as Setting
from augcli.settings.groups import Settings as Settings
from augcli.settings.label_types import ORIGIN, PLACE, SLOT_PAIRS, VALUE_PAIRS, Slot
from augcli.settings.ranges import AXES, FACTOR, FACTORS, LIMIT, ODD, VALUE, WHOLE
from augcli.settings.text_types import COLUMN, COLUMNS, FILE, WORDS
from augcli.settings.value_types import Within
from augcli.settings.values import Colour, CopiesPerClass, CsvColumn, PerAxis, Range, Region

Number: TypeAlias = Annotated[float, NUMBER]
NumberOrNone: TypeAlias = Annotated[float | None, NUMBER]
Count: TypeAlias = Annotated[int, COUNT]
Quality: TypeAlias = Annotated[int | Literal["keep"], QUALITY]
CountOrNone: TypeAlias = Annotated[int | None, COUNT]
TextOrNone: TypeAlias = Annotated[str | None, TEXT]
Limit: TypeAlias = Annotated[Range, LIMIT]
Factor: TypeAlias = Annotated[Range, FACTOR]
FactorOrNone: TypeAlias = Annotated[Range | None, FACTOR]
Value: TypeAlias = Annotated[Range, VALUE]
Odd: TypeAlias = Annotated[Range, ODD]
Whole: TypeAlias = Annotated[Range, WHOLE]
LimitPerAxis: TypeAlias = Annotated[PerAxis, AXES]
FactorPerAxis: TypeAlias = Annotated[PerAxis, FACTORS]
PerChannel: TypeAlias = Annotated[tuple[float, float, float], NUMBERS]
SideOrSizeOrNone: TypeAlias = Annotated[int | tuple[int, int] | None, SIZE]
SideOrSize: TypeAlias = Annotated[int | tuple[int, int], SIZE]
Padding: TypeAlias = Annotated[tuple[int, int, int, int], PADDING]
Fill: TypeAlias = Annotated[Colour | Literal["random"], FILL]
Level3: TypeAlias = Annotated[Colour, COLOUR]
Level3OrNone: TypeAlias = Annotated[Colour | None, COLOUR]
ValueOrNone: TypeAlias = Annotated[Range | None, VALUE]
WholeOrNone: TypeAlias = Annotated[Range | None, WHOLE]
Roi: TypeAlias = Annotated[Region, REGION]
ValuePairs: TypeAlias = Annotated[tuple[tuple[int, int], ...], VALUE_PAIRS]
SlotPairsOrNone: TypeAlias = Annotated[tuple[tuple[Slot, Slot], ...] | None, SLOT_PAIRS]
Place: TypeAlias = Annotated[str, PLACE]
Origin: TypeAlias = Annotated[Literal["auto", 0, 1], ORIGIN]
Words: TypeAlias = Annotated[tuple[str, ...], WORDS]
ColumnOrNone: TypeAlias = Annotated[str | int | None, COLUMN]
Columns: TypeAlias = Annotated[tuple[str | int, ...], COLUMNS]
File: TypeAlias = Annotated[str, FILE]
FileOrNone: TypeAlias = Annotated[str | None, FILE]
Copies: TypeAlias = Annotated[int | CopiesPerClass, COPIES]
Classes: TypeAlias = Annotated[tuple[str, ...], CLASSES]
GroupsOrNone: TypeAlias = Annotated[str | int | CsvColumn | None, GROUPS]
TargetOrNone: TypeAlias = Annotated[Target | None, TARGET]
Interpolation: TypeAlias = Literal["nearest", "bilinear", "bicubic"]


def setting(
    default: Any = ...,
    help: str = "",
    *,
    unit: str = "",
    within: Within = (float("-inf"), float("inf")),
) -> Any:
    """Declare a setting: its default (required without one), one line of help, its unit and its limits."""
    return Setting(default, help, unit, within)


class Border(Settings):
    """What is read outside the image: the mode's pattern, or the fill colour for `constant`."""

    mode: Literal["constant", "edge", "symmetric", "reflect", "wrap"] = setting(
        "constant", "Pattern outside the image, in NumPy's words."
    )
    fill: Level3 = setting((0, 0, 0), "Colour outside the image, for `constant`.")


BLACK = Border()


def plain(value: Any) -> Any:
    """Return a setting as YAML and JSON write it; reading it again gives the same setting."""
    if isinstance(value, Settings):
        return {name: plain(getattr(value, name)) for name in type(value).fields}
    if isinstance(value, PerAxis):
        return {"x": plain(value.x), "y": plain(value.y)}
    if isinstance(value, CopiesPerClass):
        return {"default": value.default, **dict(value.classes)}
    if isinstance(value, CsvColumn):
        return value._asdict()
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
