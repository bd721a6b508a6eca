"""What somebody intends to run: how much, how often, of which kind, within which limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import attrs

from llm_tradeoffs._edges import init_with, several_names
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.money import MAX_COUNT, Exact, Number, Usd, divide, exact, exact_text, magnitude, plain, token_count

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.costing import WorkloadCost
    from llm_tradeoffs.frames import MeasuredWorkload
    from llm_tradeoffs.model import Model
    from llm_tradeoffs.pricing import PricingRegistry
    from llm_tradeoffs.ranges import Range

__all__ = ["DAYS_PER_MONTH", "DAYS_PER_YEAR", "MONTHS_PER_YEAR", "NEEDS", "PRIORITIES", "Level", "Priority", "Workload"]

Priority = Literal["cost", "accuracy", "balanced"]
Count: TypeAlias = int | Decimal | Fraction | float
"""What an edge accepts as a count or share: a number, but no text."""
Level = Literal["low", "high"]

PRIORITIES: Final = ("cost", "accuracy", "balanced")
LEVELS: Final = ("low", "high")
NEEDS: Final = ("vision", "tools", "batch", "structured_output")

DAYS_PER_MONTH: Final = 30
"""A month of 30 days, as the article counts ("Monthly (30 days)")."""
MONTHS_PER_YEAR: Final = 12
DAYS_PER_YEAR: Final = 365


def _mean(value: object, field: attrs.Attribute[Any]) -> Exact:
    if isinstance(value, str):
        raise InvalidTypeError(f"{field.name} is the text {value!r}; give a number such as 200 or Decimal('187.5').")
    number = exact(value, field.name)  # type: ignore[arg-type]  # exact() refuses what is no number
    if number < 0:
        raise InvalidValueError(f"{field.name} is {exact_text(number)}; it cannot be negative.")
    if number > MAX_COUNT:
        raise InvalidValueError(f"{field.name} is {magnitude(number)}; more than 10^30 is surely a mistake.")
    return number


def _optional_mean(value: object, field: attrs.Attribute[Any]) -> Exact | None:
    return None if value is None else _mean(value, field)


def _count(value: object, field: attrs.Attribute[Any]) -> int:
    return token_count(value, field.name)


def _optional_count(value: object, field: attrs.Attribute[Any]) -> int | None:
    return None if value is None else token_count(value, field.name)


def _turns(value: object, field: attrs.Attribute[Any]) -> int:
    turns = token_count(value, field.name)
    if not 1 <= turns <= 1_000_000:
        raise InvalidValueError(f"turns is {turns}; a conversation has from 1 to 1,000,000 turns.")
    return turns


def _share(value: object, field: attrs.Attribute[Any]) -> Exact:
    share = _mean(value, field)
    if share > 1:
        raise InvalidValueError(
            f"{field.name} is {exact_text(share)}; a share is from 0 to 1. For {exact_text(share)} % say "
            f"Decimal('{exact_text(divide(share, 100))}')."
        )
    return share


def _limit(value: object, field: attrs.Attribute[Any]) -> Exact | None:
    limit = _optional_mean(value, field)
    if limit == 0:
        raise InvalidValueError(f"{field.name} is 0; nothing answers in no time. Leave it out if there is no limit.")
    return limit


def _percent(value: object, field: attrs.Attribute[Any]) -> Exact | None:
    percent = _optional_mean(value, field)
    if percent is not None and percent > 100:
        raise InvalidValueError(f"{field.name} is {exact_text(percent)}; per cent go from 0 to 100.")
    return percent


def _dollars(value: object) -> Usd | None:
    amount = value if value is None or isinstance(value, Usd) else Usd(value)  # type: ignore[arg-type]  # Usd refuses
    if amount is not None and amount < Usd(0):
        raise InvalidValueError(f"error_cost is {amount}; a wrong answer cannot earn money.")
    return amount


def _chosen(choices: tuple[str, ...]) -> Callable[[object, attrs.Attribute[Any]], object]:
    def convert(value: object, field: attrs.Attribute[Any]) -> object:
        if value not in choices and not (value is None and field.default is None):
            raise UnknownNameError(field.name, value, choices)
        return value

    return convert


def _needs(value: object) -> frozenset[str]:
    needs = several_names(value, "needs", "{'vision'}")
    for need in needs:
        if need not in NEEDS:
            raise UnknownNameError("need", need, NEEDS)
    return frozenset(needs)


def _languages(value: object) -> frozenset[str]:
    return frozenset(name.casefold() for name in several_names(value, "languages", "{'japanese'}"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidTypeError(f"the name of a workload is {value!r}; expected a str.")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return several_names(value, "assumptions", "('One sentence each.',)")


def _field(default: object, convert: Callable[[object, attrs.Attribute[Any]], object]) -> Any:
    with_field: Any = attrs.Converter(convert, takes_field=True)  # mypy knows only functions as converters
    return attrs.field(default=default, kw_only=True, converter=with_field)


@attrs.frozen(init=False)
class Workload:
    """
    What is to be run.

    The unit of work is one request, or one conversation where ``turns`` is above 1: volumes count
    units, and costs "per request" are per unit. A month has 30 days. A year is 12 such months where
    the volume is stated per month, and 365 days where it is stated per day; see :attr:`year_basis`.

    >>> chat = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
    >>> chat.requests_in("month")
    300000

    Attributes:
        input_tokens: Sent per request, or newly sent per turn of a conversation; a mean may be a decimal. [tokens]
        output_tokens: Produced per request or turn. [tokens]
        name: Short name; the id of a preset.
        title: What people call it.
        requests_per_day, requests_per_month, requests_per_year: The volume, stated once at most.
        turns: Turns of a conversation.
        history_resent: Whether each turn sends the turns before it again, as chat APIs without memory do.
        longest_tokens: The longest document or conversation that must be handled. [tokens]
        cached_share: Share of the input that is read from a prompt cache. [0..1]
        batch_share: Share of the requests that may wait for a batch. [0..1]
        task: What kind of work it is; names the benchmark that speaks for it. See ``Catalog.tasks``.
        priority: ``cost``, ``accuracy`` or ``balanced``.
        volume: ``high`` or ``low``, where it was said in words; None to leave it to the numbers.
        complexity: ``high`` or ``low``; None if nobody said.
        needs: Of ``vision``, ``tools``, ``batch``, ``structured_output``.
        languages: Languages that must be handled, in English.
        max_ttft_ms: Limit on the time to the first token. [ms]
        max_response_ms: Limit on the time to the last token. [ms]
        error_cost: What one wrong answer costs. [USD]
        min_quality_percent: Least score that will do, on the task's benchmark. [%]
        chunk_overlap_tokens: Repeated between neighbouring chunks where a document must be cut. [tokens]
        instruction_tokens: Sent again with every chunk; a part of ``input_tokens``, and sent on top of
            a document of ``longest_tokens``. [tokens]
        counted_for: The model whose tokens were counted. Another model makes more or fewer tokens of the same
            text: where the catalog knows how many, counts are converted; None to take them as they are.
        assumptions: What was filled in because nobody stated it, one sentence each; a sentence about
            certain fields names them first, as in ``"task, volume: as in the article's example."``
        source: Who described it, for a preset.
        place: Where in the source.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: A value cannot be meant; the message says why.
    """

    input_tokens: Exact = _field(attrs.NOTHING, _mean)
    output_tokens: Exact = _field(attrs.NOTHING, _mean)
    name: str = attrs.field(default="", kw_only=True, converter=_text)
    title: str = attrs.field(default="", kw_only=True, converter=_text)
    requests_per_day: Exact | None = _field(None, _optional_mean)
    requests_per_month: Exact | None = _field(None, _optional_mean)
    requests_per_year: Exact | None = _field(None, _optional_mean)
    turns: int = _field(1, _turns)
    history_resent: bool = attrs.field(default=True, kw_only=True)
    longest_tokens: int | None = _field(None, _optional_count)
    cached_share: Exact = _field(0, _share)
    batch_share: Exact = _field(0, _share)
    task: str | None = attrs.field(default=None, kw_only=True)
    priority: Priority = _field("balanced", _chosen(PRIORITIES))
    volume: Level | None = _field(None, _chosen(LEVELS))
    complexity: Level | None = _field(None, _chosen(LEVELS))
    needs: frozenset[str] = attrs.field(default=frozenset(), kw_only=True, converter=_needs)
    languages: frozenset[str] = attrs.field(default=frozenset(), kw_only=True, converter=_languages)
    max_ttft_ms: Exact | None = _field(None, _limit)
    max_response_ms: Exact | None = _field(None, _limit)
    error_cost: Usd | None = attrs.field(default=None, kw_only=True, converter=_dollars)
    min_quality_percent: Exact | None = _field(None, _percent)
    chunk_overlap_tokens: int = _field(0, _count)
    instruction_tokens: int = _field(0, _count)
    counted_for: str | None = attrs.field(default=None, kw_only=True)
    assumptions: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_texts)
    source: str | None = attrs.field(default=None, kw_only=True, eq=False)
    place: str = attrs.field(default="", kw_only=True, eq=False)

    def __init__(
        self,
        *,
        input_tokens: Count,
        output_tokens: Count,
        name: str = "",
        title: str = "",
        requests_per_day: Count | None = None,
        requests_per_month: Count | None = None,
        requests_per_year: Count | None = None,
        turns: int = 1,
        history_resent: bool = True,
        longest_tokens: int | None = None,
        cached_share: Count = 0,
        batch_share: Count = 0,
        task: str | None = None,
        priority: Priority = "balanced",
        volume: Level | None = None,
        complexity: Level | None = None,
        needs: Iterable[str] = (),
        languages: Iterable[str] = (),
        max_ttft_ms: Count | None = None,
        max_response_ms: Count | None = None,
        error_cost: Usd | Number | None = None,
        min_quality_percent: Count | None = None,
        chunk_overlap_tokens: int = 0,
        instruction_tokens: int = 0,
        counted_for: str | None = None,
        assumptions: Iterable[str] = (),
        source: str | None = None,
        place: str = "",
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        stated = [
            name
            for name in ("requests_per_day", "requests_per_month", "requests_per_year")
            if getattr(self, name) is not None
        ]
        if len(stated) > 1:
            raise InvalidValueError(
                f"the volume is stated {len(stated)} times ({', '.join(stated)}). Keep one of them."
            )
        if type(self.history_resent) is not bool:
            raise InvalidTypeError(f"history_resent is {self.history_resent!r}; expected True or False.")
        if self.counted_for is not None and not isinstance(self.counted_for, str):
            raise InvalidTypeError(f"counted_for is {self.counted_for!r}; expected the name of a model, or None.")
        if self.task is not None and not isinstance(self.task, str):
            raise InvalidTypeError(f"task is {self.task!r}; expected the id of a task such as 'math', or None.")

    @classmethod
    def preset(cls, name: str, catalog: Catalog | None = None) -> Workload:
        """
        A workload of the catalog by its id, such as ``"support-chatbot"``.

        Raises:
            UnknownNameError: There is none of that name; near misses are listed.
        """
        from llm_tradeoffs.catalog import held_catalog  # a later layer, read on first use

        return held_catalog(catalog).preset(name)

    @classmethod
    def presets(cls, catalog: Catalog | None = None) -> tuple[Workload, ...]:
        """Every workload of the catalog, in the order of their ids."""
        from llm_tradeoffs.catalog import held_catalog  # a later layer, read on first use

        return held_catalog(catalog).presets

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Workload:
        """
        A workload from a TOML file in the form of ``catalog/workloads/``.

        Raises:
            CatalogError: The file is wrong; every fault with its line.
        """
        from llm_tradeoffs._load import load_workload

        return load_workload(path)

    @classmethod
    def from_frame(
        cls,
        table: object,
        catalog: Catalog | PricingRegistry | None = None,
        *,
        columns: Mapping[str, str | Sequence[str] | None] | None = None,
        under: Any = (),
        **fields: Any,
    ) -> MeasuredWorkload:
        """
        The calls of a log as a workload: not their mean, but all of them, in cells.

        Its cost on a model is what bulk pricing says of the same calls, divided by their number, so that each call
        pays the price of its own length. Where the log has times, its calls per day are the volume.

        Args:
            table: One row per call, in any engine, as for :func:`llm_tradeoffs.frames.price`; or cells.
            catalog: Whose thresholds calls are sorted by; None for the bundled catalog.
            columns: Which columns state what, where their names are not known.
            under: Models whose prices need more than lengths: those written by hand, those with prices by the hour or
                by the quantity of a call, and those whose tokens are counted by a ratio.
            fields: Fields of a workload that the log does not state, such as ``task`` or ``error_cost``.

        Raises:
            InvalidValueError: A field is what the log says, or the log has no call.
            MissingExtraError, MissingColumnError, WrongColumnError: As :func:`llm_tradeoffs.frames.price`.
        """
        from llm_tradeoffs.frames._workload import workload_from  # needs the extra; read on first use

        return workload_from(table, catalog, columns=columns, under=under, **fields)

    # Where the calls themselves are known, they are asked; see MeasuredWorkload.

    def measured_for(self, model: Model, prices: Catalog, day: date | None) -> Workload:  # noqa: ARG002  # of a measured one
        """The same in the tokens of *model*, where its calls are known; itself where only their mean is."""
        return self

    def measured_cost(self, model: Model) -> WorkloadCost | None:  # noqa: ARG002  # of a measured one
        """What its calls cost on *model*, where they are known; None where only their mean is."""
        return None

    # Volume.

    @property
    def volume_basis(self) -> Literal["day", "month", "year"] | None:
        """The period for which the volume was stated, or None if it was not."""
        for period in ("day", "month", "year"):
            if getattr(self, f"requests_per_{period}") is not None:
                return period
        return None

    @property
    def year_basis(self) -> str:
        """How a year was counted: ``"365 days"`` or ``"12 months of 30 days"``."""
        return (
            f"{DAYS_PER_YEAR} days"
            if self.volume_basis == "day"
            else f"{MONTHS_PER_YEAR} months of {DAYS_PER_MONTH} days"
        )

    def requests_in(self, period: Literal["day", "month", "year"]) -> Exact | None:
        """
        Units of work in a day, month or year, or None if no volume is stated.

        A volume stated per day is multiplied by 30 and by 365; one stated per month is divided by 30
        and multiplied by 12; one stated per year is divided by 12, and that by 30.

        Raises:
            UnknownNameError: *period* is something else.
        """
        if period not in PERIODS:
            raise UnknownNameError("period", period, PERIODS)
        basis = self.volume_basis
        if basis is None:
            return None
        stated: Exact = getattr(self, f"requests_per_{basis}")
        times, over = PERIODS[basis][period]
        return divide(stated * times, over)

    # Length.

    @property
    def longest_request_tokens(self) -> Exact:
        """The longest input of one request: as stated, or else the last turn of a mean conversation. [tokens]"""
        computed = self.turn_input_tokens(self.turns)
        return computed if self.longest_tokens is None else max(computed, self.longest_tokens + self.instruction_tokens)

    def turn_input_tokens(self, turn: int) -> Exact:
        """What turn number *turn* sends, the first being 1; with the turns before it if history is re-sent. [tokens]"""
        if not self.history_resent:
            return self.input_tokens
        return plain(turn * self.input_tokens + (turn - 1) * self.output_tokens)

    @property
    def total_input_tokens(self) -> Exact:
        """
        Input of one unit of work over all its turns. [tokens]

        Source:
            n·i + (i+o)·n(n-1)/2 with the history re-sent: turn k sends k inputs and k-1 outputs.
        """
        n, i, o = self.turns, self.input_tokens, self.output_tokens
        if not self.history_resent:
            return plain(n * i)
        return plain(n * i + (i + o) * (n * (n - 1) // 2))

    @property
    def total_output_tokens(self) -> Exact:
        """Output of one unit of work over all its turns. [tokens]"""
        return plain(self.turns * self.output_tokens)

    def recounted(self, ratio: Range, counted_for: str, because: str) -> Workload:
        """
        The same texts in another model's tokens.

        Args:
            ratio: Tokens of the other model per token counted; where it is a range, its high end is taken,
                so that costs and lengths are upper bounds.
            counted_for: The other model.
            because: Why, for the assumption that is noted.
        """
        factor = ratio.high
        whole = {
            name: -int(-(getattr(self, name) * factor) // 1)  # half a token is a token
            for name in ("longest_tokens", "chunk_overlap_tokens", "instruction_tokens")
            if getattr(self, name)
        }
        return self.with_(
            input_tokens=self.input_tokens * factor,
            output_tokens=self.output_tokens * factor,
            **whole,
            counted_for=counted_for,
            assumptions=(*self.assumptions, because),
        )

    def with_(self, **changes: Any) -> Workload:
        """
        The same workload with some fields changed.

        A new volume replaces the old one, and an assumption about a changed field goes with it.

        >>> Workload(input_tokens=200, output_tokens=150, requests_per_day=5).with_(requests_per_month=9).volume_basis
        'month'

        Raises:
            InvalidTypeError, InvalidValueError, UnknownNameError: As for a new workload.
        """
        volumes = {"requests_per_day", "requests_per_month", "requests_per_year"}
        if volumes & changes.keys():
            changes = {**dict.fromkeys(volumes), **changes}
        unknown = changes.keys() - {field.name for field in attrs.fields(Workload)}
        if unknown:
            raise UnknownNameError("field", min(unknown), [field.name for field in attrs.fields(Workload)])
        kept = tuple(sentence for sentence in self.assumptions if not _fields_of(sentence) & changes.keys())
        return attrs.evolve(self, **{"assumptions": kept, **changes})

    def __repr__(self) -> str:
        stated: list[str] = []
        for field in attrs.fields(Workload):
            value: object = getattr(self, field.name)
            if field.default is attrs.NOTHING or value != field.default:
                if isinstance(value, frozenset):  # in one order, whatever the order of hashes in this process
                    stated.append(f"{field.name}={{{', '.join(map(repr, sorted(cast('frozenset[str]', value))))}}}")
                else:
                    stated.append(f"{field.name}={value!r}")
        return f"Workload({', '.join(stated)})"


def _fields_of(assumption: str) -> frozenset[str]:
    """The fields that an assumption is about: those it names before its colon."""
    named, colon, _ = assumption.partition(":")
    fields = frozenset(name.strip() for name in named.split(",")) if colon else frozenset[str]()
    return fields & {field.name for field in attrs.fields(Workload)}


# How many of one period another one holds, as numerator and denominator. Per-year and per-month volumes
# use months of 30 days and years of 12 such months; a per-day volume runs on all 365 days of a year.
PERIODS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "day": {"day": (1, 1), "month": (DAYS_PER_MONTH, 1), "year": (DAYS_PER_YEAR, 1)},
    "month": {"day": (1, DAYS_PER_MONTH), "month": (1, 1), "year": (MONTHS_PER_YEAR, 1)},
    "year": {"day": (1, MONTHS_PER_YEAR * DAYS_PER_MONTH), "month": (1, MONTHS_PER_YEAR), "year": (1, 1)},
}
