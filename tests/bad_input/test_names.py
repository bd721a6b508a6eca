"""Names that nobody bears: each is refused with near misses, and none is ever matched by its beginning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import (
    Catalog,
    InvalidTypeError,
    InvalidValueError,
    Model,
    Policy,
    UnknownNameError,
    UnknownPriceError,
    Usd,
    Workload,
)
from llm_tradeoffs.facts import Alias
from llm_tradeoffs.rates import Price, RateCard
from refusals import Refusal, check, table

CHAT = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
EXACTLY = "Names are matched exactly or by a listed alias, never by their beginning"


def catalog() -> Catalog:
    return Catalog.bundled()


ASKING_FOR_A_MODEL: dict[str, Callable[[str], object]] = {
    "cost": lambda name: lt.cost(name, input_tokens=1, output_tokens=1),
    "assess": lambda name: lt.assess(name, CHAT),
    "compare": lambda name: lt.compare("gpt-4.1-mini", name, workload=CHAT),
    "recommend": lambda name: lt.recommend(CHAT, ["gpt-4.1-mini", name]),
    "Catalog.model": lambda name: catalog().model(name),
    "Catalog[]": lambda name: catalog()[name],
    "Catalog.resolve": lambda name: catalog().resolve(name),
    "Catalog.conflicts": lambda name: catalog().conflicts(name),
}


@pytest.mark.parametrize("ask", [pytest.param(ask, id=door) for door, ask in ASKING_FOR_A_MODEL.items()])
@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gpt-4.1-mini-turbo", "gpt-4.1-mini"),
        ("gpt-4.1-min", "gpt-4.1-mini"),
        ("gpt-4.1-mini ", "gpt-4.1-mini"),
        ("gpt-4,1-mini", "gpt-4.1-mini"),
        ("Claude-Haiku-4-5", "claude-haiku-4-5"),
        ("claude-haiku", "claude-haiku-4-5"),
        ("anthropic/claude-haiku-4.6", "anthropic/claude-haiku-4.5"),
    ],
)
def test_a_model_of_a_made_up_name(ask: Callable[[str], object], name: str, near: str) -> None:
    """Whoever asks for a model by a name that is nearly right is told the right one, and gets none."""
    check(
        Refusal(
            lambda: ask(name),
            UnknownNameError,
            f"no model is named {name!r}",
            repr(name),
            known="Did you mean '",
            do=EXACTLY,
        )
    )
    with pytest.raises(UnknownNameError) as caught:
        ask(name)
    assert near in caught.value.near
    assert (caught.value.kind, caught.value.name) == ("model", name)


def test_no_name_is_matched_by_its_beginning_or_end() -> None:
    """No alias answers with something added, cut off, in another case or between spaces."""
    held = catalog()
    names = {name for model in held.models() for name in (model.id, *model.aliases)}
    resolved = []
    for name in sorted(names):
        changed = {
            f"{name}-turbo",
            f"{name}-latest",
            f"x{name}",
            name[:-1],
            name[1:],
            name.upper(),
            name.lower(),
            f" {name}",
            f"{name}\n",
        }
        resolved += [other for other in changed - names if other in held]
    assert resolved == []


def _spelled(alias: Alias) -> str:
    return alias.name


def test_a_name_like_nothing_known_lists_what_is_known() -> None:
    """Where nothing is alike, what is known is listed, shortened, with the number of the rest."""
    known = sorted({name for model, aliases in catalog().names.items() for name in (model, *map(_spelled, aliases))})
    check(
        Refusal(
            lambda: catalog()["zzz"],
            UnknownNameError,
            asked="no model is named 'zzz'",
            value="'zzz'",
            known=f"Known: {known[0]!r}, {known[1]!r}",
            do=f"and {len(known) - 8} more",
        )
    )


def test_an_empty_catalog_says_that_it_is_empty() -> None:
    """Where nothing is known at all, the message says so instead of listing nothing."""
    empty = Catalog(edition="none", as_of=catalog().as_of, trust=(), sources={}, records={})
    check(
        Refusal(
            lambda: empty["gpt-4.1-mini"],
            UnknownNameError,
            asked="no model is named 'gpt-4.1-mini'",
            value="gpt-4.1-mini",
            known="No model is known here at all",
        )
    )


def one_model() -> lt.Comparison:
    return lt.compare("gpt-4.1-mini", workload=CHAT)


REFUSED_NAMES: dict[str, Refusal] = {
    "benchmark": Refusal(
        lambda: catalog().benchmark("mmluu"),
        UnknownNameError,
        "no benchmark is named",
        "'mmluu'",
        "Did you mean 'mmlu'",
    ),
    "fact of a benchmark": Refusal(
        lambda: catalog().benchmark_fact("mmlu-pro", "questions"),
        UnknownNameError,
        "no benchmark is named",
        "'mmlu-pro'",
        "'mmlu'",
    ),
    "task": Refusal(
        lambda: catalog().task("maths"), UnknownNameError, "no task is named", "'maths'", "Did you mean 'math'"
    ),
    "task of a workload": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT.with_(task="maths")),
        UnknownNameError,
        "no task is named",
        "'maths'",
        "Did you mean 'math'",
    ),
    "preset": Refusal(
        lambda: Workload.preset("support-bot"),
        UnknownNameError,
        "no preset is named",
        "'support-bot'",
        "'support-chatbot'",
    ),
    "preset to assess": Refusal(
        lambda: lt.assess("gpt-4.1-mini", "chat"),
        UnknownNameError,
        "no preset is named",
        "'chat'",
        "Did you mean 'real-time-chat'",
    ),
    "preset to compare on": Refusal(
        lambda: lt.compare("gpt-4.1-mini", workload="chats"), UnknownNameError, "no preset is named", "'chats'"
    ),
    "preset to recommend for": Refusal(
        lambda: lt.recommend("paper-9000"), UnknownNameError, "no preset is named", "'paper-9000'", "'paper-8000'"
    ),
    "policy": Refusal(
        lambda: Policy.named("guides"), UnknownNameError, "no policy is named", "'guides'", "Did you mean 'guide'"
    ),
    "policy to recommend by": Refusal(
        lambda: lt.recommend(CHAT, policy="articles"), UnknownNameError, "no policy is named", "'articles'", "'article'"
    ),
    "question": Refusal(
        lambda: Policy.named("guide").question("costs"), UnknownNameError, "no question is named", "'costs'", "'cost'"
    ),
    "candidate": Refusal(
        lambda: lt.recommend(CHAT, ["gpt-4.1-mini"]).candidate("claude-haiku-4.5"),
        UnknownNameError,
        "no candidate is named",
        "'claude-haiku-4.5'",
        "'gpt-4.1-mini'",
    ),
    "compared model": Refusal(
        lambda: one_model()["claude-haiku-4.5"],
        UnknownNameError,
        "no compared model is named",
        "'claude-haiku-4.5'",
        "'gpt-4.1-mini'",
    ),
    "row": Refusal(
        lambda: one_model().row("cost_per_week"),
        UnknownNameError,
        "no row is named",
        "'cost_per_week'",
        "'cost_per_year'",
    ),
    "meter of a price": Refusal(
        lambda: Price(meter="tokens", usd=Usd(1)), UnknownNameError, "no meter is named", "'tokens'", "'input_tokens'"
    ),
    "meter of a mapping": Refusal(
        lambda: Model("acme/one", usd_per_mtok={"prompt_tokens": 1}),
        UnknownNameError,
        "no meter is named",
        "'prompt_tokens'",
    ),
    "meter to be looked up": Refusal(
        lambda: RateCard.of((1, 2)).price("cached_tokens"), UnknownNameError, "no meter is named", "'cached_tokens'"
    ),
    "meter of a model": Refusal(
        lambda: catalog()["gpt-4.1-mini"].price("output"),
        UnknownNameError,
        "no meter is named",
        "'output'",
        "'output_tokens'",
    ),
    "tier of a price": Refusal(
        lambda: Price(meter="input_tokens", usd=Usd(1), service_tier="turbo"),
        UnknownNameError,
        "no service tier is named",
        "'turbo'",
        "Known: 'balanced', 'batch', 'decisions', 'fast', 'flex', 'priority', 'standard', 'ultrafast'",
    ),
    "tier of a call": Refusal(
        lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier="Batch"),
        UnknownNameError,
        "no service tier is named",
        "'Batch'",
        "'batch'",
    ),
    "tier of a rate card": Refusal(
        lambda: RateCard.of((1, 2)).rates("priorty"),
        UnknownNameError,
        "no service tier is named",
        "'priorty'",
        "'priority'",
    ),
    "need": Refusal(
        lambda: CHAT.with_(needs={"visions"}),
        UnknownNameError,
        "no need is named",
        "'visions'",
        "Did you mean 'vision'",
    ),
    "priority": Refusal(
        lambda: CHAT.with_(priority="speed"),
        UnknownNameError,
        "no priority is named",
        "'speed'",
        "'accuracy', 'balanced', 'cost'",
    ),
    "volume": Refusal(
        lambda: CHAT.with_(volume="medium"), UnknownNameError, "no volume is named", "'medium'", "'high', 'low'"
    ),
    "complexity": Refusal(
        lambda: CHAT.with_(complexity="hihg"), UnknownNameError, "no complexity is named", "'hihg'", "'high'"
    ),
    "source": Refusal(
        lambda: Catalog.bundled(trust=("artikel",)),
        UnknownNameError,
        "no source is named",
        "'artikel'",
        "Did you mean 'article'",
    ),
    "source of a changed order": Refusal(
        lambda: catalog().trusting("article", "rumour"), UnknownNameError, "no source is named", "'rumour'"
    ),
}


@pytest.mark.parametrize("refusal", table(REFUSED_NAMES))
def test_names_that_nobody_bears(refusal: Refusal) -> None:
    """An unknown name of any kind is refused, and what is known is named."""
    check(refusal)


NOT_EVEN_NAMES: dict[str, Refusal] = {
    "model for cost": Refusal(
        lambda: lt.cost(None, input_tokens=1, output_tokens=1),  # type: ignore[arg-type]
        InvalidTypeError,
        "expected the name of a model or a Model",
        "None of type NoneType",
        do="'gpt-4.1-mini'",
    ),
    "model for compare": Refusal(
        lambda: lt.compare(["gpt-4.1-mini"], workload=CHAT),  # type: ignore[arg-type]
        InvalidTypeError,
        "expected the name of a model or a Model",
        "['gpt-4.1-mini'] of type list",
    ),
    "model of a catalog": Refusal(
        lambda: catalog()[5],  # type: ignore[index]
        UnknownNameError,
        "expected the name of a model as a str",
        "5 of type int",
    ),
    "model that cannot be hashed": Refusal(
        lambda: catalog()[[]],  # type: ignore[index]
        UnknownNameError,
        "expected the name of a model as a str",
        "[] of type list",
    ),
    "benchmark": Refusal(
        lambda: catalog().benchmark(None),  # type: ignore[arg-type]
        UnknownNameError,
        "expected the name of a benchmark as a str",
        "None of type NoneType",
    ),
    "policy": Refusal(
        lambda: Policy.named(None),  # type: ignore[arg-type]
        UnknownNameError,
        "expected the name of a policy as a str",
        "None of type NoneType",
    ),
    "policy to recommend by": Refusal(
        lambda: lt.recommend(CHAT, policy=None),  # type: ignore[call-overload]
        InvalidTypeError,
        "expected a Policy or the id of one",
        "None",
        do="'guide'",
    ),
    "tier": Refusal(
        lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier=5),  # type: ignore[arg-type]
        UnknownNameError,
        "expected the name of a service tier as a str",
        "5 of type int",
    ),
    "tier that cannot be hashed": Refusal(
        lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier=[]),  # type: ignore[arg-type]
        UnknownNameError,
        "expected the name of a service tier as a str",
        "[] of type list",
    ),
    "meter": Refusal(
        lambda: Model("acme/one", usd_per_mtok={1: 1}),  # type: ignore[dict-item]
        UnknownNameError,
        "expected the name of a meter as a str",
        "1 of type int",
    ),
    "priority": Refusal(
        lambda: CHAT.with_(priority=None),
        UnknownNameError,
        "expected the name of a priority as a str",
        "None of type NoneType",
    ),
    "source": Refusal(
        lambda: Catalog.bundled(trust=(1,)),  # type: ignore[arg-type]
        InvalidTypeError,
        "trust",
        "(1,)",
        do="('article',)",
    ),
    "compared model": Refusal(
        lambda: one_model()[0],  # type: ignore[index]
        UnknownNameError,
        "expected the name of a compared model as a str",
        "0 of type int",
    ),
    "task": Refusal(lambda: CHAT.with_(task=5), InvalidTypeError, "task", "5", do="the id of a task such as 'math'"),
    "trust as one text": Refusal(
        lambda: Catalog.bundled(trust="article"), InvalidTypeError, "trust is", "'article'", do="('article',)"
    ),
    "trust of nobody": Refusal(
        lambda: Catalog.bundled(trust=()),
        InvalidValueError,
        "trust",
        "()",
        do="name at least one source, and each source once",
    ),
    "trust of one source twice": Refusal(
        lambda: catalog().trusting("article", "article"),
        InvalidValueError,
        "trust",
        "('article', 'article')",
        do="name at least one source, and each source once",
    ),
    "trust in a number": Refusal(lambda: Catalog.bundled(trust=5), InvalidTypeError, "trust", "5"),
    "task of no name": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT.with_(task="")), UnknownNameError, "no task is named", "''"
    ),
}


@pytest.mark.parametrize("refusal", table(NOT_EVEN_NAMES))
def test_things_that_are_no_names(refusal: Refusal) -> None:
    """What is no name at all is refused by its type, where it is used."""
    check(refusal)


def test_a_tier_without_prices_is_unknown_and_not_free() -> None:
    """A tier that exists and has no price raises an error about the price, not about the name."""
    check(
        Refusal(
            lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier="flex"),
            UnknownPriceError,
            asked="the flex price of input_tokens",
            value="is unknown for 'gpt-4.1-mini'",
            known="That tier has no known price at all",
            do="Add the price with its source",
        )
    )


def test_a_part_without_a_price_in_its_tier_is_unknown() -> None:
    """A cached token in a batch is not billed by analogy: its price lies between the published ones, each with why."""
    bill = lt.cost("gpt-4.1-mini", input_tokens=5, output_tokens=1, cache_read_tokens=3, service_tier="batch")
    for ask in (
        lambda: bill.total,
        lambda: lt.cost("gpt-4.1-mini", bill.usage, service_tier="batch", strict=True),
    ):
        check(
            Refusal(
                ask,
                UnknownPriceError,
                asked="no single batch price of cache_read_tokens",
                value="is published for 'gpt-4.1-mini'",
                known="it may be $0.05/MTok if it changes like input_tokens, 0.5 times, or $0.10/MTok as in",
            )
        )
