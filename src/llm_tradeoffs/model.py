"""A model on one day: a plain immutable value, from the catalog or written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final, cast

import attrs

from llm_tradeoffs._edges import init_with, several_names
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import CALLER, Citation, Fact, Source
from llm_tradeoffs.money import Number, Usd, exact_text, plain, token_count
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Multiplier, Price, RateCard, RatesLike
from llm_tradeoffs.usage import TOKEN_METERS

__all__ = ["FACT_FIELDS", "Model", "Score", "TokenRatio"]


@attrs.frozen
class Score:
    """
    What a model scored on a benchmark.

    Attributes:
        benchmark: The benchmark's id.
        value: The result as the source states it, in the benchmark's unit; None for a judgement in words.
        judgement: The words, for a benchmark that has no number.
    """

    benchmark: str
    value: Range | None = None
    judgement: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.benchmark, str):
            raise InvalidTypeError(f"a benchmark is {self.benchmark!r}; expected its id as a str, such as 'mmlu'.")
        if self.value is None:
            return
        if not isinstance(self.value, Range):
            raise InvalidTypeError(f"the score on {self.benchmark} is {self.value!r}; expected Range(72, 75, '%').")
        if self.value.unit == "%" and (self.value.low < 0 or self.value.high > 100):
            raise InvalidValueError(f"the score on {self.benchmark} is {self.value}; per cent go from 0 to 100.")

    def __str__(self) -> str:
        return str(self.value) if self.value is not None else self.judgement or "unknown"


_TOKEN_RATIO: Final = re.compile(r"(?P<ratio>[^a-z]+) tokens per token of (?P<base>\S.*)")


@attrs.frozen
class TokenRatio:
    """
    How many tokens a model makes of a text that is one token of another model.

    >>> TokenRatio.parse("1.3 tokens per token of claude-haiku-4.5").ratio
    Range('1.3')

    Attributes:
        ratio: Tokens per token; a range where the source states one.
        base: Name of the other model.
    """

    ratio: Range
    base: str

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.ratio, Range) or self.ratio.unit is not None or self.ratio.low <= 0:
            raise InvalidValueError(f"a token ratio is {self.ratio!r}; expected a Range above 0 without a unit.")
        if not isinstance(self.base, str) or not self.base:
            raise InvalidTypeError(f"the model that a token ratio refers to is {self.base!r}; expected its name.")

    @classmethod
    def parse(cls, text: str) -> TokenRatio:
        """The ratio that *text* states, as in the example. Raises ``InvalidValueError`` for another form."""
        match = _TOKEN_RATIO.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise InvalidValueError(
                f"{text!r} is no token ratio. Write it as '1.3 tokens per token of claude-haiku-4.5'."
            )
        return cls(Range.parse(match["ratio"]), match["base"])

    def __str__(self) -> str:
        return f"{self.ratio} tokens per token of {self.base}"


def _token_ratio(value: object, field: attrs.Attribute[Any]) -> TokenRatio | None:
    if value is None or isinstance(value, TokenRatio):
        return value
    if isinstance(value, str):
        return TokenRatio.parse(value)
    raise InvalidTypeError(f"{field.name} is {value!r}; expected TokenRatio(Range('1.3'), 'acme/one'), or None.")


def _tokens(value: object, field: attrs.Attribute[Any]) -> int | None:
    if value is None:
        return None
    count = token_count(value, field.name)
    if count == 0:
        raise InvalidValueError(f"{field.name} is 0; a limit of nothing cannot be meant. If it is unknown, say None.")
    return count


def _quantity(value: object, field: attrs.Attribute[Any]) -> Range | None:
    if value is None:
        return None
    quantity = Range.of(value, field.metadata["unit"])  # type: ignore[arg-type]  # Range.of refuses the rest
    if quantity.low < 0:
        raise InvalidValueError(f"{field.name} is {quantity}; it cannot be negative.")
    return quantity


def _flag(value: object, field: attrs.Attribute[Any]) -> bool | None:
    if value is None or type(value) is bool:
        return value
    raise InvalidTypeError(f"{field.name} is {value!r}; expected True, False, or None for unknown.")


def _words(value: object, field: attrs.Attribute[Any]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise InvalidTypeError(f"{field.name} is {value!r} of type {type(value).__name__}; expected a str or None.")


def _names(value: object, field: attrs.Attribute[Any]) -> tuple[str, ...] | None:
    if value is None:
        return None
    return several_names(value, field.name, "('text', 'image')")


def _date(value: object, field: attrs.Attribute[Any]) -> date | None:
    if value is None or type(value) is date:
        return value
    raise InvalidTypeError(f"{field.name} is {value!r}; expected a date such as date(2025, 4, 14), or None.")


def _scores(value: object) -> tuple[Score, ...]:
    if isinstance(value, Mapping):
        results = cast("Mapping[object, object]", value)
        return tuple(_score(benchmark, result) for benchmark, result in results.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        entries = tuple(cast("Iterable[object]", value))
        scores = tuple(entry for entry in entries if isinstance(entry, Score))
        if len(scores) == len(entries):
            return scores
    raise InvalidTypeError(f"scores are {value!r}; expected a mapping such as {{'mmlu': '72-75 %'}}.")


def _score(benchmark: object, result: object) -> Score:
    if isinstance(result, Score):
        if result.benchmark != benchmark:
            raise InvalidValueError(f"the score on {benchmark} is stated as one on {result.benchmark}; keep one name.")
        return result
    value = Range.of(result, "%")  # type: ignore[arg-type]  # Range.of refuses the rest
    return Score(benchmark, value)  # type: ignore[arg-type]  # Score refuses what is no name


def _alias_names(value: object) -> tuple[str, ...]:
    return several_names(value, "aliases", "('acme/one', 'acme-one')")


def _rates(value: RatesLike | None) -> RateCard:
    return RateCard.of(value)


def _identifier(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidTypeError(f"a model's id is {value!r}; expected a text such as 'acme/one'.")
    return value


def _fact_field(convert: Callable[[object, attrs.Attribute[Any]], object], unit: str = "") -> Any:
    with_field: Any = attrs.Converter(convert, takes_field=True)  # mypy knows only functions as converters
    return attrs.field(default=None, kw_only=True, converter=with_field, metadata={"fact": convert, "unit": unit})


@attrs.frozen(repr=False, init=False)
class Model(Tabular):
    """
    What is known about a model on one day; whatever nobody stated is None.

    >>> Model("acme/one", usd_per_mtok=(0.25, "1.25"), context_window=128_000).context_window
    128000

    Attributes:
        id: The name that the library uses for it.
        rates: What it charges. Written by hand as ``usd_per_mtok``: ``(input, output)``, or a mapping
            from meter to price. [USD/MTok]
        name: The name for people; the id if none was given.
        vendor: Who offers it.
        aliases: Other exact names of it.
        context_window: Input and output together, at most. [tokens]
        max_output_tokens: Output of one call, at most. [tokens]
        conversation_memory_tokens: History that can be kept in use, at least. [tokens]
        image_context_tokens: Text and images together, at most. [tokens]
        ttft: Time to first token. [ms]
        output_tokens_per_second: Generation speed of one request. [tokens/s]
        typical_output_tokens_per_second: The speed that the source itself computes with. [tokens/s]
        batch_tokens_per_second: Sustained speed over many requests. [tokens/s]
        requests_per_minute: Rate limit. [1/min]
        languages_at_least: How many languages it is said to handle, at least.
        languages: Languages that are named.
        preferred_languages: Languages it is said to be preferred for.
        supports_vision, supports_tools, supports_batch, supports_structured_output,
            supports_prompt_caching, supports_reasoning: None where nobody said so.
        volume_discounts: Whether large customers pay less by the published list.
        endpoint, authentication, batch_availability, rate_limit_basis, tool_reliability,
            language_quality, ecosystem, knowledge_cutoff: As the source words it.
        tokenizer: Name of the encoding, such as ``"o200k_base"``.
        token_ratio: Its tokens for the same text, compared with another model's.
        released_on, retires_on: Days.
        scores: Benchmark results; see :meth:`score`.
        sources: For each field the fact it came from.
    """

    id: str = attrs.field(converter=_identifier)
    rates: RateCard = attrs.field(default=None, kw_only=True, alias="usd_per_mtok", converter=_rates)
    name: str | None = _fact_field(_words)
    vendor: str | None = _fact_field(_words)
    aliases: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_alias_names)
    context_window: int | None = _fact_field(_tokens)
    max_output_tokens: int | None = _fact_field(_tokens)
    conversation_memory_tokens: int | None = _fact_field(_tokens)
    image_context_tokens: int | None = _fact_field(_tokens)
    ttft: Range | None = _fact_field(_quantity, unit="ms")
    output_tokens_per_second: Range | None = _fact_field(_quantity, unit="tokens/s")
    typical_output_tokens_per_second: Range | None = _fact_field(_quantity, unit="tokens/s")
    batch_tokens_per_second: Range | None = _fact_field(_quantity, unit="tokens/s")
    requests_per_minute: int | None = _fact_field(_tokens)
    languages_at_least: int | None = _fact_field(_tokens)
    languages: tuple[str, ...] | None = _fact_field(_names)
    preferred_languages: tuple[str, ...] | None = _fact_field(_names)
    input_modalities: tuple[str, ...] | None = _fact_field(_names)
    output_modalities: tuple[str, ...] | None = _fact_field(_names)
    supports_vision: bool | None = _fact_field(_flag)
    supports_tools: bool | None = _fact_field(_flag)
    supports_batch: bool | None = _fact_field(_flag)
    supports_structured_output: bool | None = _fact_field(_flag)
    supports_prompt_caching: bool | None = _fact_field(_flag)
    supports_reasoning: bool | None = _fact_field(_flag)
    volume_discounts: bool | None = _fact_field(_flag)
    endpoint: str | None = _fact_field(_words)
    authentication: str | None = _fact_field(_words)
    batch_availability: str | None = _fact_field(_words)
    rate_limit_basis: str | None = _fact_field(_words)
    tool_reliability: str | None = _fact_field(_words)
    language_quality: str | None = _fact_field(_words)
    ecosystem: str | None = _fact_field(_words)
    knowledge_cutoff: str | None = _fact_field(_words)
    tokenizer: str | None = _fact_field(_words)
    token_ratio: TokenRatio | None = _fact_field(_token_ratio)
    released_on: date | None = _fact_field(_date)
    retires_on: date | None = _fact_field(_date)
    scores: tuple[Score, ...] = attrs.field(default=(), kw_only=True, converter=_scores)
    # Who said it does not change what is said: two models with equal facts are equal.
    _sources: Mapping[str, Fact] | None = attrs.field(default=None, kw_only=True, eq=False, alias="sources")

    def __init__(
        self,
        id: str,
        *,
        usd_per_mtok: RatesLike | None = None,
        name: str | None = None,
        vendor: str | None = None,
        aliases: Iterable[str] = (),
        context_window: int | None = None,
        max_output_tokens: int | None = None,
        conversation_memory_tokens: int | None = None,
        image_context_tokens: int | None = None,
        ttft: Range | Number | None = None,
        output_tokens_per_second: Range | Number | None = None,
        typical_output_tokens_per_second: Range | Number | None = None,
        batch_tokens_per_second: Range | Number | None = None,
        requests_per_minute: int | None = None,
        languages_at_least: int | None = None,
        languages: Iterable[str] | None = None,
        preferred_languages: Iterable[str] | None = None,
        input_modalities: Iterable[str] | None = None,
        output_modalities: Iterable[str] | None = None,
        supports_vision: bool | None = None,
        supports_tools: bool | None = None,
        supports_batch: bool | None = None,
        supports_structured_output: bool | None = None,
        supports_prompt_caching: bool | None = None,
        supports_reasoning: bool | None = None,
        volume_discounts: bool | None = None,
        endpoint: str | None = None,
        authentication: str | None = None,
        batch_availability: str | None = None,
        rate_limit_basis: str | None = None,
        tool_reliability: str | None = None,
        language_quality: str | None = None,
        ecosystem: str | None = None,
        knowledge_cutoff: str | None = None,
        tokenizer: str | None = None,
        token_ratio: TokenRatio | str | None = None,
        released_on: date | None = None,
        retires_on: date | None = None,
        scores: Mapping[str, Score | Range | Number] | Iterable[Score] = (),
        sources: Mapping[str, Fact] | None = None,
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        seen: dict[str, Score] = {}
        for score in self.scores:
            if score.benchmark in seen:
                both = f"{seen[score.benchmark]} and {score}"
                raise InvalidValueError(f"{self.id} has two scores on {score.benchmark}: {both}. Keep one.")
            seen[score.benchmark] = score
        for speed in (self.output_tokens_per_second, self.typical_output_tokens_per_second):
            if speed is not None and speed.low == 0:
                raise InvalidValueError(f"{self.id} generates {speed}; a speed must be above 0. If unknown, say None.")

    @property
    def label(self) -> str:
        """The name for people: :attr:`name`, or the id where there is none."""
        return self.name or self.id

    @property
    def sources(self) -> dict[str, Fact]:
        """
        For each known field the fact it came from.

        Prices are ``rates.<tier>.<meter>``, scores are ``scores.<benchmark>``; what was written by hand
        comes from the source ``caller``.
        """
        found = dict(self._sources or {})
        for name in FACT_FIELDS:
            value = getattr(self, name)
            if value is not None and name not in found:
                found[name] = Fact(subject=self.id, field=name, value=value, source=CALLER)
        for price in self.rates.prices:
            found[rate_field(price)] = price_fact(self.id, price)
        for row in self.rates.multipliers:
            found[multiplier_field(row)] = multiplier_fact(self.id, row)
        for score in self.scores:
            field = f"scores.{score.benchmark}"
            if field not in found:
                found[field] = Fact(subject=self.id, field=field, value=score.value or score.judgement, source=CALLER)
        return found

    @cached_property
    def citations(self) -> dict[str, Citation]:
        """:attr:`sources` as an answer cites them; made once, since every answer cites some."""
        return {field: attrs.evolve(fact.citation, field=field) for field, fact in self.sources.items()}

    @cached_property
    def cited_sources(self) -> dict[str, Source]:
        """Every source of :attr:`sources`, by its id."""
        return {fact.source.id: fact.source for fact in self.sources.values()}

    def score(self, benchmark: str) -> Score | None:
        """The result on *benchmark*, or None if none is known."""
        for score in self.scores:
            if score.benchmark == benchmark:
                return score
        return None

    def price(self, meter: str, service_tier: str = "standard", input_tokens: int = 0) -> Price | None:
        """The published price of *meter*, or None if it is unknown. See :meth:`RateCard.price`."""
        return self.rates.price(meter, service_tier, input_tokens)

    def blended_usd_per_mtok(self, input_parts: Number, output_parts: Number) -> Usd | None:
        """USD per million tokens at an in:out ratio. See :meth:`RateCard.blended_usd_per_mtok`."""
        return self.rates.blended_usd_per_mtok(input_parts, output_parts)

    def with_(self, **changes: Any) -> Model:
        """
        The same model with some fields changed; what is changed comes from the caller, no longer from its old source.

        >>> Model("acme/one", context_window=128_000).with_(context_window=64_000).context_window
        64000

        Args:
            changes: Fields, as for a new model; prices as ``usd_per_mtok``, which replaces the whole card.
        """
        fields = {field.alias or field.name for field in attrs.fields(Model)}
        if changes.keys() - fields:
            raise UnknownNameError("field", min(changes.keys() - fields), fields)
        kept = {field: fact for field, fact in (self._sources or {}).items() if field.split(".")[0] not in changes}
        return attrs.evolve(self, **{"sources": kept, **changes})

    def __repr__(self) -> str:
        stated = [repr(self.id)]
        if self.rates:
            stated.append(f"usd_per_mtok={_rates_repr(self.rates)}")
        for field in attrs.fields(Model):
            value = getattr(self, field.name)
            if field.name not in {"id", "rates", "_sources"} and value is not None and value != ():
                stated.append(f"{field.name}={value!r}")
        return f"Model({', '.join(stated)})"


FACT_FIELDS: Final = {
    field.name: field
    for field in attrs.fields(Model)
    if "fact" in field.metadata and field.name not in {"name", "vendor"}
}
"""The fields of a model that sources state facts about, by name."""


def rate_field(price: Price) -> str:
    """The name of a price among the fields of a model: ``rates.<tier>.<meter>``, with its threshold if it has one."""
    parts = [
        price.region,
        None if price.above_input_tokens is None else f"above_{price.above_input_tokens}",
        None if price.from_input_tokens is None else f"from_{price.from_input_tokens}",
        None if price.above_quantity is None else f"beyond_{price.above_quantity}",
        None if price.window is None else f"in_{price.window}",
    ]
    return ".".join([f"rates.{price.service_tier}.{price.meter}", *(part for part in parts if part is not None)])


def multiplier_field(row: Multiplier) -> str:
    """The name of a factor among the fields of a model: ``multipliers.<tier or region>``, and its meters if not all."""
    meters = "" if row.meters == TOKEN_METERS else f".{'+'.join(row.meters)}"
    return f"multipliers.{row.service_tier or row.region}{meters}"


def price_fact(subject: str, price: Price) -> Fact:
    """A price row as a fact, so that prices and other facts are cited in one way."""
    return Fact(
        subject=subject,
        field=rate_field(price),
        value=str(price),
        source=price.source,
        effective_from=price.effective_from,
        effective_until=price.effective_until,
        place=price.place,
        note=price.note,
    )


def multiplier_fact(subject: str, row: Multiplier) -> Fact:
    """A factor as a fact."""
    return Fact(
        subject=subject,
        field=multiplier_field(row),
        value=str(row),
        source=row.source,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        place=row.place,
        note=row.note,
    )


def _rates_repr(card: RateCard) -> str:
    short = {price.meter: exact_text(plain(price.usd.as_fraction())) for price in card.prices}
    return repr(short) if RateCard.of(short) == card else repr(card)
