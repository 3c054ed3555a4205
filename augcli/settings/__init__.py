"""How a setting is declared: its type says what one number means, `setting()` adds unit, limits and help.

    degrees: Limit = setting(15, "Angle, counter-clockwise.", unit="deg", within=(-180, 180))

A *limit* v means -v to v, a *factor* v means 1-v to 1+v, a *value* v means exactly v; a pair is always
a range. Loader, messages, `show`, JSON Schema and contract tests all read this one declaration.

May import `problems`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from augcli.problems import Suggestion
from augcli.settings.class_types import CLASSES, COPIES, GROUPS, TARGET, Target
from augcli.settings.fixed_values import COLOUR, COUNT, FILL, NUMBER, NUMBERS, PADDING, QUALITY, REGION, SIZE, TEXT
from augcli.settings.label_types import ORIGIN, PLACE, SLOT_PAIRS, VALUE_PAIRS, Slot
from augcli.settings.ranges import AXES, FACTOR, FACTORS, LIMIT, ODD, VALUE, WHOLE
from augcli.settings.text_types import COLUMN, COLUMNS, FILE, WORDS
from augcli.settings.value_types import ValueType, Within, wrong
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
    return Field(default, description=help, json_schema_extra={"unit": unit, "within": list(within)})


def value_type(field: FieldInfo) -> ValueType | None:
    """Return the type among a field's annotations; None for flags, choices and groups of settings."""
    return next((mark for mark in field.metadata if isinstance(mark, ValueType)), None)


def may_be_null(field: FieldInfo) -> bool:
    """Tell whether a setting takes null, as its type says."""
    return type(None) in get_args(field.annotation) and not field.is_required()


def declared(field: FieldInfo) -> tuple[str, Within]:
    """Return the unit and the limits that `setting()` recorded."""
    extra = field.json_schema_extra
    assert isinstance(extra, dict), "fields are declared with setting()"
    within: Any = extra["within"]
    return str(extra["unit"]), (within[0], within[1])


class Settings(BaseModel):
    """A frozen group of settings. Unknown keys are problems; defaults are read like values of a spec."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        assert info.field_name is not None
        field = cls.model_fields[info.field_name]
        found = value_type(field)
        if found is None or (value is None and may_be_null(field)):
            return value
        within = declared(field)[1]

        def accepts(other: Any) -> bool:
            try:
                found.read(other, within)
            except PydanticCustomError:
                return False
            return True

        try:
            return found.read(value, within)
        except PydanticCustomError as error:
            help = (error.context or {}).get("help")
            if not isinstance(help, Suggestion):
                raise
            raise wrong(error.message(), help.accepted(accepts)) from None


class Border(Settings):
    """What is read outside the image: the mode's pattern, or the fill colour for `constant`."""

    mode: Literal["constant", "edge", "symmetric", "reflect", "wrap"] = setting(
        "constant", "Pattern outside the image, in NumPy's words."
    )
    fill: Level3 = setting((0, 0, 0), "Colour outside the image, for `constant`.")


BLACK = Border()


def plain(value: Any) -> Any:
    """Return a setting as YAML and JSON write it; reading it again gives the same setting."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
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
