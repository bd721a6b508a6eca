"""
What an answer says to a program: rows of exact numbers, for records, CSV and the frames of every library.

A number is exact until somebody asks for floats. Decimals hold nearly all of them; a few, such as a third of a
dollar, have no finite decimals: a record then holds the ``Fraction``, and a column that has such a number is text
(``"1/3"``), since no frame has a type for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import attrs

from llm_tradeoffs.errors import MissingExtraError
from llm_tradeoffs.money import Usd, decimal_of, exact_text
from llm_tradeoffs.ranges import Range

if TYPE_CHECKING:
    from narwhals.typing import IntoDType

__all__ = ["Dataset", "Field", "Series", "Value", "ends"]

Kind: TypeAlias = Literal["text", "flag", "count", "number", "day"]
Value: TypeAlias = str | bool | int | Fraction | date | Usd | None

_DIGITS: Final = 38
"""The most digits of a decimal column that polars and Arrow's decimal128 have."""
_PANDAS: Final = {"flag": "boolean", "count": "Int64", "day": "object"}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@attrs.frozen
class Field:
    """
    One column.

    Attributes:
        name: Its name, with the unit of its numbers in it.
        kind: ``text``, ``flag`` (yes or no), ``count`` (whole numbers), ``number`` (exact) or ``day``.
    """

    name: str
    kind: Kind


class Series(NamedTuple):
    """A column with its values."""

    name: str
    kind: Kind
    values: Sequence[Value]


def _fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    return tuple(fields)


def _unwrapped(rows: Iterable[Iterable[Value]]) -> tuple[tuple[Value, ...], ...]:
    return tuple(
        tuple(Fraction(value.as_fraction()) if isinstance(value, Usd) else value for value in row) for row in rows
    )


@attrs.frozen
class Dataset:
    """
    Rows of exact values.

    Attributes:
        fields: The columns.
        rows: One value for each column; None for what is unknown or does not apply.
    """

    fields: tuple[Field, ...] = attrs.field(converter=_fields)
    rows: tuple[tuple[Value, ...], ...] = attrs.field(converter=_unwrapped)

    @classmethod
    def of(cls, columns: Sequence[Series]) -> Dataset:
        """The dataset of columns, all of one length."""
        fields = [Field(column.name, column.kind) for column in columns]
        return cls(fields, zip(*(column.values for column in columns), strict=True))

    def records(self, *, floats: bool = False) -> list[dict[str, Any]]:
        """One dict a row; numbers as ``Decimal``, as ``Fraction`` where the decimals never end, or as floats."""
        return [
            {field.name: _out(value, field.kind, floats) for field, value in zip(self.fields, row, strict=True)}
            for row in self.rows
        ]

    def csv(self, *, floats: bool = False) -> str:
        """CSV as in RFC 4180 but with plain line ends; a text that a spreadsheet would run as a formula is quoted."""
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(field.name for field in self.fields)
        for row in self.rows:
            writer.writerow(_written(value, field.kind, floats) for value, field in zip(row, self.fields, strict=True))
        return written.getvalue()

    def frame(self, library: Literal["pandas", "polars", "pyarrow"], *, floats: bool = False) -> Any:
        """
        A frame of *library*.

        Raises:
            MissingExtraError: It, or narwhals, is not installed.
        """
        try:
            import narwhals as nw
        except ImportError:
            raise MissingExtraError("narwhals", "frames", "making a data frame") from None
        data: dict[str, Any] = {}
        schema: dict[str, IntoDType | None] = {}
        try:
            for index, field in enumerate(self.fields):
                values = [row[index] for row in self.rows]
                data[field.name], schema[field.name] = _column(values, field.kind, floats, library)
            return nw.from_dict(data, schema=schema, backend=library).to_native()
        except ImportError:
            raise MissingExtraError(library, "frames", f"a frame of {library}") from None


def _out(value: Value, kind: Kind, floats: bool) -> Any:
    if value is None or kind != "number":
        return value
    number: Any = value
    if floats:
        return float(number)
    found = decimal_of(number)
    return Fraction(number) if found is None else found


def _written(value: Value, kind: Kind, floats: bool) -> str:
    if value is None:
        return ""
    if kind == "flag":
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        # A name that begins like a formula would be run by a spreadsheet that opens the file.
        return f"'{value}" if value.startswith(_FORMULA) else value
    number: Any = value
    return repr(float(number)) if floats and kind == "number" else exact_text(number)


def _column(values: list[Value], kind: Kind, floats: bool, library: str) -> tuple[Any, IntoDType | None]:
    """The values of a column as *library* takes them, with their type; None where they say it themselves."""
    import narwhals as nw

    if kind == "number" and not floats:
        return _decimals(values, library)
    found = [_out(value, kind, floats) for value in values]
    if library == "pandas" and kind in _PANDAS:
        # An ordinary column of pandas has no place for an unknown count, flag or day: it would become a float.
        return import_module("pandas").array(found, dtype=_PANDAS[kind]), None
    types: dict[Kind, IntoDType] = {
        "text": nw.String,
        "flag": nw.Boolean,
        "count": nw.Int64,
        "number": nw.Float64,
        "day": nw.Date,
    }
    return found, types[kind]


def _decimals(values: list[Any], library: str) -> tuple[list[Any], IntoDType | None]:
    import narwhals as nw

    found = [None if value is None else decimal_of(value) for value in values]
    known = [each.as_tuple() for each in found if each is not None]
    scale = max((max(0, -int(each.exponent)) for each in known), default=0)
    whole = max((len(each.digits) + int(each.exponent) for each in known), default=0)
    endless = any(value is not None and each is None for value, each in zip(values, found, strict=True))
    if endless or scale + max(whole, 0) > _DIGITS:
        return [None if value is None else exact_text(value) for value in values], nw.String
    # pandas keeps the Decimal objects as they are: exact, and without asking for pyarrow.
    return found, None if library == "pandas" else nw.Decimal(_DIGITS, scale)


def ends(name: str, values: Sequence[Range | None]) -> list[Series]:
    """Two columns for numbers that are known as intervals."""
    low = [None if value is None else value.low for value in values]
    high = [None if value is None else value.high for value in values]
    return [Series(f"{name}_low", "number", low), Series(f"{name}_high", "number", high)]
