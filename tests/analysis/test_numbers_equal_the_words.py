"""A candidate in numbers is the assessment in numbers: the same cost, the same keys, the same answers."""

from __future__ import annotations

from fractions import Fraction

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, RateCard, Workload
from llm_tradeoffs.analysis._numbers import Load, Runner, unit_cost
from llm_tradeoffs.assessment import REQUIREMENTS, Assessment, assess_model
from llm_tradeoffs.money import PICO
from llm_tradeoffs.recommendation import Caps
from strategies import card_of, loads, models, price_lists, rate_cards, workloads

EVERY = tuple(requirement.id for requirement in REQUIREMENTS)
CATALOG = Catalog.bundled()


def runner_of(model: Model, workload: Workload) -> tuple[Assessment, Runner]:
    assessment = assess_model(model, workload, CATALOG, CATALOG.as_of)
    return assessment, Runner(assessment, Load(workload, Caps(), EVERY))


@given(models(), rate_cards() | price_lists().map(card_of), workloads() | loads().map(lambda load: Workload(**load)))
def test_the_cost(model: Model, card: RateCard, workload: Workload) -> None:
    """Whether a card is simple or not, its cost is that of the bill; unknown where the bill is."""
    assessment, runner = runner_of(attrs.evolve(model, usd_per_mtok=card), workload)
    cost = assessment.cost
    assert unit_cost(assessment, runner.load) == (None if cost is None else cost.per_request.pico)


@given(models(), workloads())
def test_the_answers(model: Model, workload: Workload) -> None:
    """Every requirement that the workload has gets the answer of the verdict."""
    assessment, runner = runner_of(model, workload)
    assert runner.answers() == {verdict.requirement: verdict.answer for verdict in assessment.verdicts}
    feasible = {"possible": True, "ruled out": False, "unknown": None}
    assert feasible[runner.standing()] is assessment.feasible


@given(models(), workloads(), st.sampled_from(["expected_cost", "quality", "ttft", "response_time"]))
def test_the_keys(model: Model, workload: Workload, criterion: str) -> None:
    """What it is ranked by is the middle of the figure, and its ends are the ends of the figure."""
    assessment, runner = runner_of(model, workload)
    figure = {
        "expected_cost": assessment.expected_cost,
        "quality": None if assessment.quality.percent is None else -assessment.quality.percent,
        "ttft": assessment.latency.ttft,
        "response_time": assessment.latency.total,
    }[criterion]
    ends = runner.ends(criterion)
    if figure is None:
        assert runner.key(criterion) is None
        assert ends is None
        return
    scale = 200 * PICO if criterion == "expected_cost" else 1
    assert ends == (figure.low * scale, figure.high * scale)
    assert runner.key(criterion) == Fraction(figure.low + figure.high) / 2 * scale
