"""
What every answer can do to be seen: a notebook, a terminal, a page, a data frame.

Mixins without state. What an answer looks like and which columns it has is said once, in ``show``, and loaded
when somebody looks.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import polars as pl
    from rich.console import RenderableType

__all__ = ["Shown", "Tabular"]


class Shown:
    """An answer that notebooks, terminals and pages can show."""

    __slots__ = ()

    def to_html(self) -> str:
        """
        The answer as a piece of HTML for a notebook or a page of your own.

        Complete in itself: its style is scoped to it, it has no script and loads nothing, and it follows the
        colours of the reader, light or dark.
        """
        from llm_tradeoffs.show.faces import document_of
        from llm_tradeoffs.show.html import document_html

        return document_html(document_of(self))

    def to_markdown(self) -> str:
        """The answer as Markdown, with tables in the form of GitHub."""
        from llm_tradeoffs.show.faces import document_of
        from llm_tradeoffs.show.markdown import document_markdown

        return document_markdown(document_of(self))

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types; exact numbers as strings."""
        from llm_tradeoffs.show.faces import plain_of

        return plain_of(self)

    def save(self, path: str | PathLike[str]) -> Path:
        """
        Writes the answer to a file, and returns its path: a page that opens offline and prints well, with tables,
        charts, reasons, what would change the answer and sources (``.html``); the same without charts (``.md``);
        the answer for programs (``.json``).

        Raises:
            InvalidTypeError, InvalidValueError: *path* is none, or ends otherwise.
            OSError: The file cannot be written.
        """
        from llm_tradeoffs.show.report import save

        return save(self, path)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from llm_tradeoffs.show.faces import mimebundle

        return mimebundle(self, include, exclude)

    def __rich__(self) -> RenderableType:
        from llm_tradeoffs.show.faces import document_of
        from llm_tradeoffs.show.terminal import rendered

        return rendered(document_of(self))


class Tabular(Shown):
    """An answer whose numbers are rows: each can be taken out exactly, into any frame."""

    __slots__ = ()

    def to_records(self, *, floats: bool = False) -> list[dict[str, Any]]:
        """
        The numbers as one dict a row, in the order shown; unknown is None.

        Args:
            floats: Whether numbers become floats. Else they are ``Decimal``, exactly, and a ``Fraction`` where
                the decimals never end.
        """
        from llm_tradeoffs.show.faces import dataset_of

        return dataset_of(self).records(floats=floats)

    def to_csv(self, *, floats: bool = False) -> str:
        """
        The numbers as CSV with a line of names; unknown is an empty field.

        Args:
            floats: Whether numbers are written as floats. Else every digit, and a ratio where the decimals never end.
        """
        from llm_tradeoffs.show.faces import dataset_of

        return dataset_of(self).csv(floats=floats)

    def to_pandas(self, *, floats: bool = False) -> Any:
        """
        The numbers as a pandas ``DataFrame``.

        Args:
            floats: Whether numbers become floats. Else they are ``Decimal`` objects, exactly; a column is text
                if one of its numbers has no finite decimals.

        Raises:
            MissingExtraError: ``narwhals`` or ``pandas`` is not installed.
        """
        from llm_tradeoffs.show.faces import dataset_of

        return dataset_of(self).frame("pandas", floats=floats)

    def to_polars(self, *, floats: bool = False) -> pl.DataFrame:
        """
        The numbers as a polars ``DataFrame``; see :meth:`to_pandas`.

        Raises:
            MissingExtraError: ``narwhals`` or ``polars`` is not installed.
        """
        from llm_tradeoffs.show.faces import dataset_of

        made: pl.DataFrame = dataset_of(self).frame("polars", floats=floats)
        return made

    def to_arrow(self, *, floats: bool = False) -> Any:
        """
        The numbers as a pyarrow ``Table``; see :meth:`to_pandas`.

        Raises:
            MissingExtraError: ``narwhals`` or ``pyarrow`` is not installed.
        """
        from llm_tradeoffs.show.faces import dataset_of

        return dataset_of(self).frame("pyarrow", floats=floats)

    def to_great_tables(self) -> Any:
        """
        The table as people read it, as a ``GT`` of great-tables to style and export.

        Raises:
            MissingExtraError: ``great-tables`` is not installed.
        """
        from llm_tradeoffs.show.faces import document_of
        from llm_tradeoffs.show.great import great_table

        return great_table(document_of(self))
