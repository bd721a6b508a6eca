"""The real LlamaIndex: its router query engine, its events, its mock model with a usage; no network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("llama_index.core", reason="LlamaIndex is not installed")

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse
from llama_index.core.llms import MockLLM
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.query_engine import CustomQueryEngine, RetrieverQueryEngine, RouterQueryEngine
from llama_index.core.response_synthesizers import ResponseMode, get_response_synthesizer
from llama_index.core.retrievers import BaseRetriever, RouterRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.core.tools import QueryEngineTool, RetrieverTool, ToolMetadata

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.llama_index import (
    RoutedQueryEngine,
    RoutedSelection,
    RouterSelector,
    Selection,
    read_answer,
)
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Balance, Budget, Router, Settled

pytestmark = pytest.mark.frameworks

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
LENGTH: Any = {"input_tokens": 2_000, "output_tokens": 150, "max_output_tokens": 1_000}
RAW: Any = {
    "model": "gpt-4.1-mini",
    "object": "chat.completion",
    "usage": {"prompt_tokens": 1_000, "completion_tokens": 150, "total_tokens": 1_150},
}
EXACT = lt.Usd(Decimal("0.40") * 1_000 / 10**6 + Decimal("1.60") * 150 / 10**6)


class RateLimitError(Exception):
    """As the SDKs have it."""

    def __init__(self, status: int = 429) -> None:
        super().__init__("slow down")
        self.status_code = status


class Counting(MockLLM):
    """The mock of LlamaIndex, which also hands over what a provider would say, and fails when it is to."""

    said: str = "Bern"
    raw: Any = RAW
    fails: Any = None
    fails_after_parts: bool = False
    seen: list[str] = []  # noqa: RUF012 - a field of a Pydantic model, which copies it

    def __init__(self, **how: Any) -> None:
        super().__init__()
        for name, value in how.items():
            setattr(self, name, value)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        self.seen.append(prompt)
        if self.fails is not None:
            raise self.fails
        return CompletionResponse(text=self.said, raw=self.raw)

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        def parts() -> Iterator[CompletionResponse]:
            text = ""
            words = self.said.split()
            for place, word in enumerate(words):
                text = f"{text} {word}".strip()
                if self.fails_after_parts and place:
                    raise RateLimitError(500)
                last = place == len(words) - 1
                yield CompletionResponse(text=text, delta=word, raw=self.raw if last else None)

        self.seen.append(prompt)
        if self.fails is not None:
            raise self.fails
        return parts()


class OneNode(BaseRetriever):
    """Retrieves one text."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [NodeWithScore(node=TextNode(text="Parcels are in Bern."), score=1.0)]


def engine(llm: MockLLM, *, streaming: bool = False, mode: ResponseMode = ResponseMode.COMPACT) -> RetrieverQueryEngine:
    made = get_response_synthesizer(llm=llm, streaming=streaming, response_mode=mode)
    return RetrieverQueryEngine(retriever=OneNode(), response_synthesizer=made)


def selecting(
    router: Router, llms: dict[str, MockLLM], *, streaming: bool = False, **more: Any
) -> tuple[RouterQueryEngine, list[Settled]]:
    """A router query engine of LlamaIndex, with an engine for each language model."""
    settled: list[Settled] = []
    selector = RouterSelector(router, **{"describe": LENGTH, "on_settled": settled.append, **more})
    tools = [
        QueryEngineTool(
            query_engine=engine(llm, streaming=streaming), metadata=ToolMetadata(name=name, description=name)
        )
        for name, llm in llms.items()
    ]
    return RouterQueryEngine(selector=selector, query_engine_tools=tools, llm=MockLLM()), settled


def routed(
    router: Router, llms: dict[str, MockLLM], *, streaming: bool = False, **more: Any
) -> tuple[RoutedQueryEngine, list[Settled]]:
    settled: list[Settled] = []
    engines = {name: engine(llm, streaming=streaming) for name, llm in llms.items()}
    return RoutedQueryEngine(router, engines, **{"describe": LENGTH, "on_settled": settled.append, **more}), settled


def ask(made: Any, how: str) -> Any:
    question = "Where is my parcel?"
    return made.query(question) if how == "sync" else asyncio.run(made.aquery(question))


WAYS = pytest.mark.parametrize("how", ["sync", "async"])
BOTH = pytest.mark.parametrize("make", [selecting, routed], ids=["selector", "engine"])


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


# ---------------------------------------------------------------------------- the choice, and what it cost


@WAYS
@BOTH
def test_the_router_chooses_and_the_real_cost_is_exact(router: Router, make: Any, how: str) -> None:
    made, settled = make(router, {DEAR: Counting(said="Basel"), CHEAP: Counting(said="Bern")})
    assert str(ask(made, how)) == "Bern"
    (one,) = settled
    assert one.model == CHEAP
    assert one.cost.total == EXACT
    assert (router.balance().spent, router.balance().reserved) == (EXACT, lt.Usd(0))


@WAYS
def test_the_selection_says_why_and_what_it_cost(router: Router, how: str) -> None:
    made, settled = selecting(router, {DEAR: Counting(), CHEAP: Counting()})
    selection = ask(made, how).metadata["selector_result"]
    assert isinstance(selection, RoutedSelection)
    assert selection.ind == 1
    assert selection.reason.startswith(CHEAP)
    assert selection.note["settled"] == settled[0].to_dict()
    assert selection.note["decision"]["id"] == settled[0].decision.id
    json.dumps(selection.note)


@WAYS
def test_the_response_of_the_engine_says_why_and_what_it_cost(router: Router, how: str) -> None:
    made, settled = routed(router, {DEAR: Counting(), CHEAP: Counting()})
    note = ask(made, how).metadata["llm_tradeoffs"]
    assert note["settled"] == settled[0].to_dict()


@WAYS
@BOTH
def test_a_stream_settles_when_it_ends(router: Router, make: Any, how: str) -> None:
    made, settled = make(router, {CHEAP: Counting(said="one two three"), DEAR: Counting()}, streaming=True)
    during: list[int] = []

    async def aread() -> list[str]:
        response = await made.aquery("Count.")
        words: list[str] = []
        async for word in response.async_response_gen():
            during.append(len(settled))
            words.append(word)
        return words

    if how == "async":
        words = asyncio.run(aread())
    else:
        words = []
        for word in made.query("Count.").response_gen:
            during.append(len(settled))
            words.append(word)
    assert words == ["one", "two", "three"]
    assert during == [0, 0, 0]
    assert [one.cost.total for one in settled] == [EXACT]
    assert router.balance().reserved == lt.Usd(0)
    seen = router.observed[CHEAP]
    assert seen.ttft is not None
    assert seen.response_time is not None


def test_queries_at_the_same_time_do_not_mix_up_their_costs() -> None:
    """Each answer is told by the span in which it was selected."""

    class Echo(MockLLM):
        @llm_completion_callback()
        async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
            number = int(prompt.rsplit("Query: ", maxsplit=1)[-1].split(maxsplit=1)[0])
            await asyncio.sleep(0.001 * (number % 7))
            raw = {**RAW, "usage": {"prompt_tokens": number, "completion_tokens": 1, "total_tokens": number + 1}}
            return CompletionResponse(text=str(number), raw=raw)

    settled: list[Settled] = []
    made = RoutedQueryEngine(
        Router([CHEAP]),
        {CHEAP: engine(Echo())},
        describe=lambda asked: {**LENGTH, "session": f"s{asked.query.query_str}"},
        on_settled=settled.append,
    )

    async def all_at_once() -> None:
        await asyncio.gather(*(made.aquery(str(number)) for number in range(1, 51)))

    asyncio.run(all_at_once())
    assert sorted((one.decision.request.session, one.usage.input_tokens) for one in settled) == sorted(
        (f"s{number}", number) for number in range(1, 51)
    )


def test_a_selection_that_asks_no_model_costs_nothing(router: Router) -> None:
    """A router retriever selects, and only retrieves."""
    settled: list[Settled] = []
    selector = RouterSelector(router, describe=LENGTH, on_settled=settled.append)
    tools = [
        RetrieverTool(retriever=OneNode(), metadata=ToolMetadata(name=name, description=name)) for name in (CHEAP, DEAR)
    ]
    RouterRetriever(selector=selector, retriever_tools=tools, llm=MockLLM()).retrieve("Where is my parcel?")
    Counting().complete("another call, of somebody else")
    assert not settled
    assert (router.balance().spent, router.balance().reserved) == (lt.Usd(0), lt.Usd(0))


def test_each_further_call_of_an_engine_is_counted_by_a_decision_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """A decision is for one call; an engine that makes two makes a second one necessary, for the same model."""

    class Twice(CustomQueryEngine):
        llm: MockLLM

        def custom_query(self, query_str: str) -> str:
            self.llm.complete("first")
            return str(self.llm.complete(query_str))

    # Two calls are reserved at $0.0024 each, and cost less; for a third there is no room.
    router = Router([CHEAP, DEAR], budget=Budget(per_day="0.0031"))
    settled: list[Settled] = []
    made = RoutedQueryEngine(
        router,
        {CHEAP: Twice(llm=Counting()), DEAR: Twice(llm=Counting())},
        describe=LENGTH,
        on_settled=settled.append,
    )
    response = made.query("Where?")
    assert [one.cost.total for one in settled] == [EXACT, EXACT]
    assert settled[0].decision.id != settled[1].decision.id
    assert {one.decision.model for one in settled} == {CHEAP}
    assert router.balance() == Balance(spent=EXACT * 2, reserved=lt.Usd(0))
    assert response.metadata is not None
    note = response.metadata["llm_tradeoffs"]
    assert (note["settled"], note["further"]) == (settled[0].to_dict(), [settled[1].to_dict()])
    assert not caplog.records

    # It was called, so it costs: what the budget has no room for is counted all the same.
    scarce = Router([CHEAP, DEAR], budget=Budget(per_day="0.0030"))
    again = RoutedQueryEngine(
        scarce, {CHEAP: Twice(llm=Counting()), DEAR: Twice(llm=Counting())}, describe=LENGTH, on_settled=settled.append
    )
    again.query("Where?")
    assert settled[-1].decision.reason == "over-budget"
    assert scarce.balance() == Balance(spent=EXACT * 2, reserved=lt.Usd(0))


# ---------------------------------------------------------------------------- failures


@WAYS
def test_a_429_cools_the_model_down_and_the_fallback_answers(router: Router, how: str) -> None:
    limited = Counting(fails=RateLimitError())
    made, settled = routed(router, {CHEAP: limited, DEAR: Counting(said="Basel")})
    assert str(ask(made, how)) == "Basel"
    assert [one.model for one in settled] == [DEAR]
    assert router.health()[CHEAP].last_status == 429
    ask(made, how)
    assert len(limited.seen) == 1, "a model that is cooling down is not asked"


@WAYS
def test_a_selector_tells_the_router_of_a_failure(router: Router, how: str) -> None:
    """LlamaIndex's router query engine tries nothing else, but the next query goes elsewhere."""
    made, settled = selecting(router, {CHEAP: Counting(fails=RateLimitError()), DEAR: Counting(said="Basel")})
    with pytest.raises(RateLimitError):
        ask(made, how)
    assert router.health()[CHEAP].last_status == 429
    assert router.balance().reserved == lt.Usd(0)
    assert str(ask(made, how)) == "Basel"
    assert [one.model for one in settled] == [DEAR]


@WAYS
def test_the_last_error_is_raised_and_the_money_is_given_back(router: Router, how: str) -> None:
    made, settled = routed(router, {CHEAP: Counting(fails=RateLimitError()), DEAR: Counting(fails=RateLimitError(503))})
    with pytest.raises(RateLimitError) as raised:
        ask(made, how)
    assert raised.value.status_code == 503
    assert not settled
    assert (router.balance().spent, router.balance().reserved) == (lt.Usd(0), lt.Usd(0))


@WAYS
@BOTH
def test_a_request_that_nobody_can_do_raises_our_error(router: Router, make: Any, how: str) -> None:
    asked = Counting()
    made, _ = make(router, {CHEAP: asked, DEAR: asked}, describe={"input_tokens": 5_000_000, "output_tokens": 10})
    with pytest.raises(NoModelError):
        ask(made, how)
    assert not asked.seen


@BOTH
def test_a_stream_that_breaks_off_is_told_to_the_router(router: Router, make: Any) -> None:
    broken = Counting(said="one two", fails_after_parts=True)
    made, settled = make(router, {CHEAP: broken, DEAR: Counting()}, streaming=True)
    words: list[str] = []
    with pytest.raises(RateLimitError):
        words.extend(made.query("Count.").response_gen)
    assert not settled
    assert router.health()[CHEAP].last_status == 500


def test_an_error_after_the_answer_is_not_the_models_fault(router: Router) -> None:
    class Careless(CustomQueryEngine):
        llm: MockLLM

        def custom_query(self, query_str: str) -> str:
            self.llm.complete(query_str)
            raise ZeroDivisionError

    dear = Counting()
    made = RoutedQueryEngine(router, {CHEAP: Careless(llm=Counting()), DEAR: engine(dear)}, describe=LENGTH)
    with pytest.raises(ZeroDivisionError):
        made.query("Where?")
    assert not dear.seen
    assert router.balance().spent == EXACT
    assert CHEAP not in router.health()


def test_an_answer_without_usage_is_given_on_and_stays_reserved(
    router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    made, settled = routed(router, {CHEAP: Counting(raw=None), DEAR: Counting()})
    assert str(ask(made, "sync")) == "Bern"
    assert not settled
    assert router.balance().reserved > lt.Usd(0)
    assert "does not say what it used" in caplog.text


# ---------------------------------------------------------------------------- what is asked


def test_the_length_of_a_request_has_to_be_stated(router: Router) -> None:
    """The query is the least of what an engine sends."""
    made, _ = routed(router, {CHEAP: Counting(), DEAR: Counting()}, describe={"output_tokens": 10})
    with pytest.raises(InvalidTypeError, match="input_tokens"):
        made.query("Where?")


def test_describe_may_ask_the_query(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    route = Router.route
    monkeypatch.setattr(Router, "route", lambda self, asked: seen.append(asked) or route(self, asked))

    def describe(asked: Selection) -> Any:
        return {**LENGTH, "tenant": asked.query.query_str.split(":")[0], "needs": {"tools"}}

    made, _ = selecting(router, {CHEAP: Counting(), DEAR: Counting()}, describe=describe)
    made.query("acme: where?")
    made.query(QueryBundle("acme: what is this?", image_path="picture.png"))
    assert [request.tenant for request in seen] == ["acme", "acme"]
    assert [request.needs for request in seen] == [{"tools"}, {"tools", "vision"}]


def test_choices_have_the_names_of_the_candidates_or_those_that_are_said(router: Router) -> None:
    named = [ToolMetadata(name="big", description="slow"), ToolMetadata(name="small", description="quick")]
    selector = RouterSelector(router, {CHEAP: "small", DEAR: "big"}, describe=LENGTH)
    assert selector.select(named, "Where?").ind == 1
    assert asyncio.run(selector.aselect(named, "Where?")).ind == 1
    with pytest.raises(InvalidValueError, match="'big', 'small'"):
        RouterSelector(router, describe=LENGTH).select(named, "Where?")
    with pytest.raises(UnknownNameError, match="gpt-9"):
        RouterSelector(router, {CHEAP: "small", DEAR: "big", "gpt-9": "huge"}, describe=LENGTH)
    with pytest.raises(InvalidValueError, match=r"claude-haiku-4\.5"):
        RoutedQueryEngine(router, {CHEAP: engine(Counting())}, describe=LENGTH)


def test_a_selection_outside_of_any_engine_is_settled_by_hand(router: Router) -> None:
    """Nobody reports what follows, so the one who asks settles; the decision is at hand."""
    settled: list[Settled] = []
    selector = RouterSelector(router, describe=LENGTH, on_settled=settled.append)
    names = [ToolMetadata(name=name, description=name) for name in (CHEAP, DEAR)]
    selection = selector.select(names, "Where?")
    assert isinstance(selection, RoutedSelection)
    done = router.settle(selection.decision, RAW)
    assert done.cost.total == EXACT
    assert router.balance().reserved == lt.Usd(0)


# ---------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    "make",
    [
        lambda **said: CompletionResponse(text="x", **said),
        lambda **said: ChatResponse(message=ChatMessage(), **said),
    ],
)
def test_what_a_provider_said_is_read_and_else_the_counts_of_the_integration(make: Callable[..., Any]) -> None:
    anthropic = {
        "type": "message", "model": "claude-haiku-4-5",
        "usage": {"input_tokens": 176, "cache_read_input_tokens": 1_024, "output_tokens": 150},
    }  # fmt: skip
    assert read_answer(make(raw=anthropic)).usage == lt.Usage(
        input_tokens=1_200, cache_read_tokens=1_024, output_tokens=150
    )
    counts = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    assert read_answer(make(additional_kwargs=counts)).usage == lt.Usage(input_tokens=10, output_tokens=5)
    with pytest.raises(InvalidValueError, match="raw"):
        read_answer(make())


def test_without_the_package_the_extra_is_named() -> None:
    """In a process of its own, in which the package cannot be imported."""
    code = "import sys; sys.modules['llama_index'] = None; import llm_tradeoffs.adapters.llama_index"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in failed.stderr
    assert "pip install 'llm-tradeoffs[llama-index]'" in failed.stderr
