"""Token counts that nobody can mean: each is refused by every door that takes a count."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from operator import index
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import ImpossibleUsageError, InvalidTypeError, InvalidValueError, Usage, Usd, Workload
from llm_tradeoffs.money import MAX_COUNT, token_count
from llm_tradeoffs.rates import Price
from llm_tradeoffs.usage import COUNTED, METERS, parent_meters
from refusals import Refusal, check, table

ROOM = 1_000
DURATIONS = {name for name in COUNTED if name.endswith(("_seconds", "_hours"))}
PARTS = [name for name in COUNTED if name not in {"input_tokens", "output_tokens", *DURATIONS}]
MODEL_COUNTS = [
    "context_window",
    "max_output_tokens",
    "conversation_memory_tokens",
    "image_context_tokens",
    "requests_per_minute",
    "languages_at_least",
]
WORKLOAD_COUNTS = ["turns", "longest_tokens", "chunk_overlap_tokens", "instruction_tokens"]


EVERYTHING = lt.Model("acme/everything", usd_per_mtok=dict.fromkeys(METERS, 1))


def around(name: str) -> dict[str, Any]:
    """Counts that leave room for one more."""
    return {"input_tokens": ROOM, "output_tokens": ROOM, **dict.fromkeys(parent_meters(name), ROOM // 2)} | {
        total: ROOM for total in parent_meters(name) if not parent_meters(total)
    }


def through_cost(name: str) -> Callable[[Any], object]:
    return lambda count: lt.cost(EVERYTHING, **{**around(name), name: count})


def through_usage(name: str) -> Callable[[Any], object]:
    return lambda count: Usage(**{**around(name), name: count})


def through_model(name: str) -> Callable[[Any], object]:
    return lambda count: lt.Model("acme/one", **{name: count})


def through_workload(name: str) -> Callable[[Any], object]:
    return lambda count: Workload(input_tokens=1, output_tokens=1, **{name: count})


DOORS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "token_count()": ("a count", lambda count: token_count(count, "a count")),
    **{f"cost({name})": (name, through_cost(name)) for name in ("input_tokens", "output_tokens", *PARTS)},
    **{f"Usage({name})": (name, through_usage(name)) for name in ("input_tokens", "output_tokens", *PARTS)},
    **{f"Model({name})": (name, through_model(name)) for name in MODEL_COUNTS},
    **{f"Workload({name})": (name, through_workload(name)) for name in WORKLOAD_COUNTS},
    **{
        f"Price({name})": (name, lambda count, name=name: Price(meter="input_tokens", usd=Usd(1), **{name: count}))
        for name in ("above_input_tokens", "from_input_tokens", "above_quantity", "minimum_quantity")
    },
}

WRONG_TYPE = "a token count is a whole int, such as 200"

NO_COUNTS: dict[str, tuple[object, type[lt.TradeoffsError], str, str]] = {
    "negative": (-1, InvalidValueError, "is -1", "cannot be negative. Check how it was computed"),
    "very negative": (-(10**40), InvalidValueError, "-1", "cannot be negative"),
    "above 10^30": (10**30 + 1, InvalidValueError, "1.000e+30", "more than 10^30 tokens is surely a mistake"),
    "absurd": (10**60, InvalidValueError, "1.000e+60", "more than 10^30 tokens is surely a mistake"),
    "fractional": (200.5, InvalidTypeError, "is 200.5 of type float", WRONG_TYPE),
    "whole float": (200.0, InvalidTypeError, "is 200.0 of type float", WRONG_TYPE),
    "nan": (float("nan"), InvalidTypeError, "is nan of type float", WRONG_TYPE),
    "infinite": (float("inf"), InvalidTypeError, "is inf of type float", WRONG_TYPE),
    "Decimal": (Decimal(200), InvalidTypeError, "is Decimal('200') of type Decimal", WRONG_TYPE),
    "Decimal NaN": (Decimal("NaN"), InvalidTypeError, "is Decimal('NaN') of type Decimal", WRONG_TYPE),
    "Fraction": (Fraction(200), InvalidTypeError, "is Fraction(200, 1) of type Fraction", WRONG_TYPE),
    "bool": (True, InvalidTypeError, "is True of type bool", WRONG_TYPE),
    "string": ("200", InvalidTypeError, "is '200' of type str", WRONG_TYPE),
    "list": ([200], InvalidTypeError, "is [200] of type list", "expected a number"),
}


def refusals_of_counts() -> list[Any]:
    return table(
        {
            f"{door}, {label}": Refusal(lambda call=call, count=count: call(count), error, name, value, known=expected)
            for door, (name, call) in DOORS.items()
            for label, (count, error, value, expected) in NO_COUNTS.items()
        }
    )


@pytest.mark.parametrize("refusal", refusals_of_counts())
def test_no_door_takes_what_is_no_count(refusal: Refusal) -> None:
    """A count that is negative, fractional, a bool, NaN, infinite, above 10^30 or a text is refused everywhere."""
    check(refusal)


def test_counts_beyond_floats() -> None:
    """A count that no float can hold is refused like any other absurd one."""
    for door in ("token_count()", "cost(input_tokens)", "Model(context_window)"):
        name, call = DOORS[door]
        check(Refusal(lambda call=call: call(10**400), InvalidValueError, name, "10^", "surely a mistake"))


@pytest.mark.parametrize("name", ["input_tokens", "output_tokens", *PARTS])
def test_a_usage_has_no_unknown_count(name: str) -> None:
    """None is no count inside a Usage: nobody bills an unknown number of tokens as 0."""
    check(Refusal(lambda: through_usage(name)(None), InvalidTypeError, name, "is None of type NoneType", WRONG_TYPE))


@pytest.mark.parametrize("count", [0, 1, MAX_COUNT], ids=["0", "1", "10^30"])
def test_the_smallest_and_the_largest_count_are_believed(count: int) -> None:
    """Counts from 0 to 10^30 are priced, exactly."""
    priced = lt.cost("gpt-4.1-mini", input_tokens=count, output_tokens=count)
    assert priced.total == Usd(Fraction(2 * count, 1_000_000))


class Int64:
    """
    Like ``numpy.int64``: an index, no subclass of int, and its own arithmetic wraps around silently.

    Narrow on purpose: only what numpy does that would go unnoticed.
    """

    def __init__(self, value: int) -> None:
        self.value = (value + 2**63) % 2**64 - 2**63

    def __index__(self) -> int:
        return self.value

    def __int__(self) -> int:
        return self.value

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        return self.value == other

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: Any) -> bool:
        return self.value < index(other)

    def __gt__(self, other: Any) -> bool:
        return self.value > index(other)

    def __add__(self, other: Any) -> Int64:
        return Int64(self.value + index(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Int64:
        return Int64(self.value - index(other))

    def __rsub__(self, other: Any) -> Int64:
        return Int64(index(other) - self.value)

    def __mul__(self, other: Any) -> Int64:
        return Int64(self.value * index(other))

    __rmul__ = __mul__

    @property
    def numerator(self) -> Int64:
        return self

    @property
    def denominator(self) -> int:
        return 1


Integral.register(Int64)


@pytest.mark.parametrize(("name", "call"), [pytest.param(*door, id=name) for name, door in DOORS.items()])
def test_whole_numbers_of_other_libraries_are_taken(name: str, call: Callable[[Any], object]) -> None:
    """An integer of another library, such as numpy.int64, is as good as an int."""
    call(Int64(5))


def test_whole_numbers_of_other_libraries_become_ints() -> None:
    """A Usage holds plain ints whatever it was given, so that its sums cannot overflow."""
    usage = Usage(input_tokens=Int64(10**14), output_tokens=Int64(1))  # type: ignore[arg-type]
    assert (type(usage.input_tokens), type(usage.output_tokens)) == (int, int)


def test_whole_numbers_of_other_libraries_are_priced_exactly() -> None:
    """10^14 tokens at 400,000 pico-dollars are beyond 64 bits; the cost is exact all the same."""
    priced = lt.cost("gpt-4.1-mini", input_tokens=Int64(10**14), output_tokens=0)  # type: ignore[arg-type]
    assert priced.total == Usd(40_000_000)


# Parts and totals.


@pytest.mark.parametrize(
    "part",
    [name for name in COUNTED if parent_meters(name) == ("input_tokens",)],
)
def test_a_part_of_the_input_above_the_input(part: str) -> None:
    """A part above its total is refused with both numbers, and the way out."""
    for call in (lt.Usage, lambda **counts: lt.cost("gpt-4.1-mini", **counts)):
        check(
            Refusal(
                lambda call=call: call(**{"input_tokens": 100, "output_tokens": 1_000, part: 101}),
                ImpossibleUsageError,
                asked=f"{part} is 101",
                value="input_tokens is 100",
                known="a part cannot exceed the total that contains it",
                do=f"add {part} to input_tokens first",
            )
        )


@pytest.mark.parametrize("part", [name for name in COUNTED if parent_meters(name) == ("output_tokens",)])
def test_a_part_of_the_output_above_the_output(part: str) -> None:
    """The output has parts, too; a long input does not make room for them."""
    check(
        Refusal(
            lambda: Usage(**{"input_tokens": 1_000, "output_tokens": 100, part: 101}),
            ImpossibleUsageError,
            asked=f"{part} is 101",
            value="output_tokens is 100",
            known="a part cannot exceed the total that contains it",
            do=f"add {part} to output_tokens first",
        )
    )


def test_parts_that_together_exceed_their_total() -> None:
    """Parts that fit one by one and not together overlap: each token is in one part at most."""
    check(
        Refusal(
            lambda: Usage(input_tokens=100, output_tokens=0, cache_read_tokens=60, input_image_tokens=41),
            ImpossibleUsageError,
            asked="cache_read_tokens 60 + input_image_tokens 41 make 101",
            value="more than input_tokens, which is 100",
            known="each token is in one part at most",
            do="Check which of them overlap",
        )
    )


def test_parts_may_fill_their_total() -> None:
    """Parts that make up the whole total are possible: nothing is fresh then."""
    usage = Usage(input_tokens=100, output_tokens=0, cache_read_tokens=60, input_image_tokens=40)
    assert usage.fresh_input_tokens == 0


# What a call is described by.

REFUSED_CALLS: dict[str, Refusal] = {
    "no counts": Refusal(
        lambda: lt.cost("gpt-4.1-mini"),
        InvalidTypeError,
        asked="the call",
        value="has no input_tokens and no output_tokens",
        do="Say both input_tokens= and output_tokens= (0 if there was none), or pass a Usage",
    ),
    "no output": Refusal(
        lambda: lt.cost("gpt-4.1-mini", input_tokens=5),
        InvalidTypeError,
        asked="the call",
        value="has no output_tokens",
        do="0 if there was none",
    ),
    "no input": Refusal(
        lambda: lt.cost("gpt-4.1-mini", output_tokens=5),
        InvalidTypeError,
        asked="the call",
        value="has no input_tokens",
        do="0 if there was none",
    ),
    "a part without totals": Refusal(
        lambda: lt.cost("gpt-4.1-mini", cache_read_tokens=5),
        InvalidTypeError,
        asked="the call",
        value="has no input_tokens and no output_tokens",
    ),
    "a Usage and a count": Refusal(
        lambda: lt.cost("gpt-4.1-mini", Usage(input_tokens=5, output_tokens=5), input_tokens=5),
        InvalidValueError,
        asked="both a Usage and input_tokens were given",
        value="input_tokens",
        do="Put every count into the Usage, or give counts only",
    ),
    "a Usage and two counts": Refusal(
        lambda: lt.cost("gpt-4.1-mini", Usage(input_tokens=5, output_tokens=5), output_tokens=5, web_searches=0),
        InvalidValueError,
        asked="both a Usage and",
        value="output_tokens, web_searches",
    ),
    "a number for a Usage": Refusal(
        lambda: lt.cost("gpt-4.1-mini", 200),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Usage",
        value="got 200 of type int",
        do="input_tokens=200, output_tokens=150",
    ),
    "a dict for a Usage": Refusal(
        lambda: lt.cost("gpt-4.1-mini", {"input_tokens": 5}),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Usage",
        value="got {'input_tokens': 5} of type dict",
    ),
    "a sum of two calls": Refusal(
        lambda: Usage(input_tokens=5, output_tokens=5) + Usage(input_tokens=5, output_tokens=5),
        InvalidTypeError,
        asked="a Usage is one call",
        value="cannot be added before they are priced",
        known="thresholds and fees hold per call",
        do="Price each call and add the costs",
    ),
    "sum() of calls": Refusal(
        lambda: sum([Usage(input_tokens=5, output_tokens=5)]),  # type: ignore[type-var]
        InvalidTypeError,
        asked="a Usage is one call",
        value="cannot be added",
        do="Price each call and add the costs",
    ),
}


@pytest.mark.parametrize("refusal", table(REFUSED_CALLS))
def test_calls_that_are_not_described(refusal: Refusal) -> None:
    """A call is described by a Usage or by both totals, once."""
    check(refusal)


@pytest.mark.parametrize("name", MODEL_COUNTS)
def test_a_limit_of_nothing(name: str) -> None:
    """A limit of 0 tokens is refused: who does not know a limit says None."""
    check(
        Refusal(
            lambda: through_model(name)(0),
            InvalidValueError,
            asked=name,
            value="is 0",
            known="a limit of nothing cannot be meant",
            do="If it is unknown, say None",
        )
    )


@pytest.mark.parametrize("turns", [0, 1_000_001])
def test_conversations_without_turns_or_without_end(turns: int) -> None:
    """A conversation has from 1 to 1,000,000 turns."""
    check(
        Refusal(
            lambda: Workload(input_tokens=1, output_tokens=1, turns=turns),
            InvalidValueError,
            asked="turns",
            value=f"is {turns}",
            known="from 1 to 1,000,000",
        )
    )
