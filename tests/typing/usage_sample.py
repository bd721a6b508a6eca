"""
The public API as users write it: type-checked, never executed.

Each ``assert_type`` is a promise to callers who check their types; each ignored error is a mistake that a
type checker has to find. An ignore that is not needed is an error itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, assert_type

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Model, Policy, Range, Usage, Usd, Workload


def money() -> None:
    usd = Usd("0.40")
    assert_type(usd + usd, Usd)
    assert_type(usd - usd, Usd)
    assert_type(-usd, Usd)
    assert_type(abs(usd), Usd)
    assert_type(usd * 3, Usd)
    assert_type(3 * usd, Usd)
    assert_type(usd * Decimal("1.5"), Usd)
    assert_type(usd * Fraction(1, 3), Usd)
    assert_type(usd / usd, Fraction)
    assert_type(usd / 3, Usd)
    assert_type(usd / Decimal(3), Usd)
    assert_type(usd / Fraction(1, 3), Usd)
    assert_type(usd < Usd(1), bool)
    assert_type(usd.as_fraction(), Fraction)
    assert_type(usd.as_decimal(), Decimal)
    assert_type(usd.rounded(2), Decimal)
    assert_type(f"{usd:,.2f}", str)
    assert_type(sum([usd, usd], Usd(0)), Usd)
    for made in (Usd(1), Usd("1/24"), Usd(0.1), Usd(Decimal("0.1")), Usd(Fraction(1, 3))):
        assert_type(made, Usd)


def ranges() -> None:
    span = Range.parse("150-250 ms")
    assert_type(span.low, int | Fraction)
    assert_type(span.unit, str | None)
    assert_type(span + Range(4_000, unit="ms"), Range)
    assert_type(span - span, Range)
    assert_type(span * 2, Range)
    assert_type(2 * span, Range)
    assert_type(span / 2, Range)
    assert_type(span.certainly_less(300), bool)
    assert_type(span.possibly_less(span), bool)
    assert_type(span.is_point, bool)
    assert_type(str(span), str)


def calls() -> None:
    cost = lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150)
    assert_type(cost, lt.Cost)
    assert_type(cost.total, Usd)
    assert_type(cost.low, Usd)
    assert_type(cost.high, Usd)
    assert_type(cost.is_exact, bool)
    assert_type(cost.assumptions, tuple[str, ...])
    assert_type(cost.region, str | None)
    assert_type(cost.usage, Usage)
    assert_type(cost.model, Model)
    assert_type(cost.lines, tuple[lt.LineItem, ...])
    assert_type(cost.lines[0].amount, Usd)
    assert_type(cost.lines[0].price, lt.Price)
    assert_type(cost.lines[0].quantity, int | Fraction)
    assert_type(cost.to_dict(), dict[str, Any])
    usage = Usage(input_tokens=200, output_tokens=150, cache_read_tokens=100)
    assert_type(usage.fresh_input_tokens, int)
    assert_type(usage.input_audio_seconds, int | Fraction)
    assert_type(usage.counted, Mapping[str, int | Fraction])
    assert_type(lt.UsageTotal.of([usage]).calls, int)
    assert_type(lt.cost("gpt-4.1-mini", usage, region=None, strict=True, as_of="2026-03-01T12:00Z").total, Usd)
    Usage(input_tokens=1, output_tokens=1, cached_tokens=1)  # type: ignore[call-arg]
    Usage(input_tokens=1, output_tokens=1.5)  # type: ignore[arg-type]
    _ = usage + usage  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    assert_type(lt.cost("gpt-4.1-mini", usage, service_tier="batch", as_of=date(2026, 3, 1)).total, Usd)
    assert_type(lt.cost(Model("acme/one", usd_per_mtok=(0.25, "1.25")), usage).total, Usd)


def models() -> None:
    model = Model("acme/one", usd_per_mtok=(0.25, "1.25"), context_window=128_000, ttft="150-250 ms")
    assert_type(model.id, str)
    assert_type(model.label, str)
    assert_type(model.context_window, int | None)
    assert_type(model.ttft, Range | None)
    assert_type(model.supports_vision, bool | None)
    assert_type(model.languages, tuple[str, ...] | None)
    assert_type(model.released_on, date | None)
    assert_type(model.rates, lt.RateCard)
    assert_type(model.score("mmlu"), lt.Score | None)
    assert_type(model.price("input_tokens"), lt.Price | None)
    assert_type(model.blended_usd_per_mtok(3, 1), Usd | None)
    assert_type(model.sources, dict[str, lt.Fact])
    assert_type(model.sources["context_window"].source, lt.Source)
    Model("acme/two", usd_per_mtok={"input_tokens": Decimal("0.25"), "output_tokens": None}, scores={"mmlu": "72-75 %"})
    Model("acme/three", languages=["english"], output_tokens_per_second=50, released_on=date(2026, 1, 1))
    Model("acme/four", usd_per_mtok=(None, Fraction(1, 24)), aliases=("four",), ttft=Range(1, 2, "ms"))


def workloads() -> None:
    work = Workload(input_tokens=200, output_tokens=Decimal("187.5"), requests_per_day=10_000, needs={"vision"})
    assert_type(work.input_tokens, int | Fraction)
    assert_type(work.requests_in("month"), int | Fraction | None)
    assert_type(work.volume_basis, Literal["day", "month", "year"] | None)
    assert_type(work.error_cost, Usd | None)
    assert_type(work.needs, frozenset[str])
    assert_type(work.with_(turns=3), Workload)
    assert_type(Workload.preset("support-chatbot"), Workload)
    assert_type(Workload.presets(), tuple[Workload, ...])
    assert_type(Workload.from_toml("workload.toml"), Workload)
    Workload(
        input_tokens=1, output_tokens=1, error_cost="0.10", cached_share=0.5, languages=["french"], priority="cost"
    )


def catalogs() -> None:
    catalog = Catalog.bundled()
    assert_type(catalog, Catalog)
    assert_type(Catalog.bundled(trust=("article",), as_of="2026-03-01"), Catalog)
    assert_type(Catalog.from_path("catalog"), Catalog)
    assert_type(catalog["gpt-4.1-mini"], Model)
    assert_type(catalog.model("gpt-4.1-mini", as_of=date(2026, 3, 1)), Model)
    assert_type(catalog.models(), tuple[Model, ...])
    assert_type(catalog.with_model(Model("acme/one")), Catalog)
    assert_type(catalog.trusting("article"), Catalog)
    assert_type(catalog.at("2026-03-01"), Catalog)
    assert_type(catalog.conflicts(), tuple[lt.Conflict, ...])
    assert_type(catalog.conflicts()[0].chosen, lt.Fact)
    assert_type(catalog.benchmark("mmlu"), lt.Benchmark)
    assert_type(catalog.task("math"), lt.Task)
    assert_type(catalog.records, Mapping[str, lt.ModelRecord])
    assert_type(catalog.content_hash, str)
    assert_type(iter(catalog), Iterator[str])
    assert_type("gpt-4.1-mini" in catalog, bool)
    assert_type(len(catalog), int)


def assessments() -> None:
    assessment = lt.assess("gpt-4.1-mini", "support-chatbot")
    assert_type(assessment, lt.Assessment)
    assert_type(assessment.cost, lt.WorkloadCost | None)
    if assessment.cost is not None:
        assert_type(assessment.cost.per_request, Usd)
        assert_type(assessment.cost.per_month, Usd | None)
    assert_type(assessment.expected_cost, Range | None)
    assert_type(assessment.cost_per_right_answer, Range | None)
    assert_type(assessment.latency.total, Range | None)
    assert_type(assessment.context.fits, bool | None)
    assert_type(assessment.quality.percent, Range | None)
    assert_type(assessment.feasible, bool | None)
    assert_type(assessment.unknowns, tuple[lt.Unknown, ...])
    assert_type(assessment.response_time(200, tokens_per_second=50).total, Range | None)


def comparisons() -> None:
    comparison = lt.compare("gpt-4.1-mini", Model("acme/one"), workload="support-chatbot")
    assert_type(comparison, lt.Comparison)
    assert_type(comparison["gpt-4.1-mini"], lt.Assessment)
    assert_type(comparison.models, tuple[str, ...])
    assert_type(comparison.row("cost_per_day").ratio(1), Fraction | None)
    assert_type(comparison.row("ttft").difference(1), Range | None)
    assert_type(comparison.row("ttft").better, tuple[str, ...])
    assert_type(comparison.to_dict(), dict[str, Any])
    for assessment in comparison:
        assert_type(assessment, lt.Assessment)


def recommendations() -> None:
    work = Workload(input_tokens=200, output_tokens=150)
    answer = lt.recommend(work)
    assert_type(answer, lt.Recommendation)
    assert_type(lt.recommend("support-chatbot"), lt.Recommendation)
    assert_type(lt.recommend(work, ["gpt-4.1-mini", Model("acme/one")], policy="article"), lt.Recommendation)
    assert_type(lt.recommend(work, policy=Policy.named("guide"), as_of="2026-03-01"), lt.Recommendation)
    assert_type(answer.status, Literal["selected", "tie", "infeasible", "needs_information"])
    assert_type(answer.chosen, str | None)
    assert_type(answer.tied, tuple[str, ...])
    assert_type(answer.candidates[0].figures.cost_per_month, Usd | None)
    assert_type(answer.workload, Workload)
    assert_type(answer.as_of, date)
    assert_type(answer.explain(), str)
    assert_type(answer.to_json(), str)
    assert_type(lt.Recommendation.from_json(answer.to_json()), lt.Recommendation)
    assert_type(lt.Recommendation.from_dict(answer.to_dict()), lt.Recommendation)
    mix = lt.recommend([work, work])
    assert_type(mix, lt.Mix)
    assert_type(mix.cost_per_month, Usd | None)
    assert_type(mix.single, Mapping[str, Usd | None])
    assert_type(mix.parts[0].recommendation, lt.Recommendation)


def policies() -> None:
    assert_type(Policy.named("guide"), Policy)
    assert_type(Policy.from_toml("policy.toml"), Policy)
    assert_type(Policy.named("guide").requirements, tuple[str, ...])


def refused(usd: Usd, span: Range, work: Workload, counts: dict[str, Any]) -> None:
    """What a type checker has to find: each line is an error in both checkers."""
    usd + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    usd + 0.1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    usd * 0.1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    usd * usd  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    print(usd < 1)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    span + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    lt.cost("gpt-4.1-mini", input_tokens=1.5, output_tokens=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lt.cost("gpt-4.1-mini", input_tokens="1", output_tokens=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lt.cost("gpt-4.1-mini", counts)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lt.compare("gpt-4.1-mini")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    lt.recommend(counts)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    Usage(200, 150)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Workload(input_tokens="200", output_tokens=150)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Workload(input_tokens=200, output_tokens=150, priority="speed")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    work.requests_in("week")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Model("acme/one", context_window="128000")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
