"""What is written as JSON is read back exactly, and holds no number that a reader could round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import (
    Catalog,
    InvalidValueError,
    Mix,
    Model,
    Recommendation,
    SchemaVersionError,
    Usage,
    Usd,
    Workload,
    compare,
    cost,
    recommend,
)
from oracle import Tariff
from strategies import candidates, loads, model_of, tariffs, usages, volumes, workloads

POLICIES = st.sampled_from(["guide", "article"])


def leaves(data: object) -> Iterator[object]:
    """Everything in *data* that is no dict and no list."""
    if isinstance(data, dict):
        assert all(type(key) is str for key in data)
        for value in data.values():
            yield from leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value)
    else:
        yield data


def assert_plain(data: dict[str, Any]) -> None:
    """Dicts, lists, texts, bools, None, and whole numbers that JavaScript holds exactly; JSON keeps all of it."""
    for leaf in leaves(data):
        assert leaf is None or type(leaf) in {str, bool, int}, leaf
        assert type(leaf) is not int or abs(leaf) < 2**53, leaf
    assert json.loads(json.dumps(data)) == data


@given(candidates(), workloads(), POLICIES, st.sampled_from([None, 2]))
def test_recommendation_json_round_trips(
    models: list[Model], workload: Workload, policy: str, indent: int | None
) -> None:
    """A saved answer is the answer, question, figures, reasons and all."""
    answer = recommend(workload, models, policy)
    text = answer.to_json(indent=indent)
    again = Recommendation.from_json(text)
    assert again == answer
    assert again.to_json(indent=indent) == text
    assert Recommendation.from_json(text.encode()) == answer
    assert again.explain() == answer.explain()
    assert (again.workload.source, again.workload.place) == (workload.source, workload.place)


@given(candidates(), loads(), volumes(), POLICIES)
def test_recommendation_dict_round_trips(
    models: list[Model], load: dict[str, Any], volume: dict[str, Any], policy: str
) -> None:
    """The dict of an answer holds plain types only, also where tokens are means and costs are thirds."""
    answer = recommend(Workload(**load, **volume), models, policy)
    data = answer.to_dict()
    assert_plain(data)
    assert Recommendation.from_dict(data) == answer
    assert data["schema_version"] == 2


@given(tariffs(), usages(most=10**15))
def test_a_bill_as_a_dict_is_plain_and_exact(tariff: Tariff, usage: Usage) -> None:
    """Amounts and quantities in the dict of a bill are exact texts, from which the total can be added up again."""
    bill = cost(model_of(tariff), usage)
    data = bill.to_dict()
    assert_plain(data)
    assert Usd(data["total_usd"]) == bill.total
    total = Usd(0)
    for line in data["lines"]:
        total += Usd(line["usd"]) * Fraction(line["quantity"]) / line["per"]
        assert Usd(line["amount_usd"]) == Usd(line["usd"]) * Fraction(line["quantity"]) / line["per"]
    assert total == bill.total


@given(candidates(), workloads())
def test_a_comparison_as_a_dict_is_plain(models: list[Model], workload: Workload) -> None:
    """The table in plain types, its numbers as exact texts."""
    found = compare(*models, workload=workload)
    data = found.to_dict()
    assert_plain(data)
    for row, plain in zip(found.rows, data["rows"], strict=True):
        for value, said in zip(row.values, plain["values"], strict=True):
            assert (said["low"] is None) == (value is None)
            assert value is None or (Fraction(said["low"]), Fraction(said["high"])) == (value.low, value.high)


@given(candidates(), st.lists(workloads(), max_size=3))
def test_a_mix_as_a_dict_is_plain(models: list[Model], several: list[Workload]) -> None:
    """So is the dict of a mix."""
    mix = recommend(several, models)
    assert isinstance(mix, Mix)
    assert_plain(mix.to_dict())


def test_every_preset_round_trips(bundled: Catalog, article: Catalog) -> None:
    """Answers about every preset come back, in both worlds and under both policies."""
    for catalog in (bundled, article):
        for preset in bundled.presets:
            for policy in ("guide", "article"):
                answer = recommend(preset, policy=policy, catalog=catalog)
                assert Recommendation.from_json(answer.to_json()) == answer


@pytest.fixture
def saved() -> dict[str, Any]:
    """An answer as it was saved."""
    return recommend("support-chatbot").to_dict()


def test_another_schema_version_is_refused(saved: dict[str, Any]) -> None:
    """A form that this release does not know is not guessed at."""
    for version in (0, 1, "2", None):
        with pytest.raises(SchemaVersionError, match="schema version"):
            Recommendation.from_dict({**saved, "schema_version": version})


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (["workload", "input_tokens"], 200),
        (["workload", "input_tokens"], 200.5),
        (["workload", "input_tokens"], "many"),
        (["candidates", 0, "figures", "cost_per_request"], 0.00032),
        (["candidates", 0, "rank"], "1"),
        (["candidates", 0, "rank"], True),
        (["as_of"], "yesterday"),
        (["because"], None),
        (["colour"], "blue"),
    ],
)
def test_a_changed_answer_is_refused(saved: dict[str, Any], where: list[str | int], value: object) -> None:
    """A number that may have been rounded, a wrong type or an unknown key is an error with its place."""
    place: Any = saved
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    with pytest.raises(InvalidValueError, match=str(where[-1])):
        Recommendation.from_dict(saved)


def test_a_decimal_mean_comes_back_as_it_was() -> None:
    """Half a token is half a token."""
    asked = Workload(input_tokens=Decimal("187.5"), output_tokens=Fraction(1, 3), error_cost="1/7")
    answer = recommend(asked)
    again = Recommendation.from_json(answer.to_json()).workload
    assert again == asked
    assert (again.input_tokens, again.output_tokens, again.error_cost) == (
        Fraction(375, 2),
        Fraction(1, 3),
        Usd(Fraction(1, 7)),
    )
