"""The real DSPy: its own dummy model, and models that answer without a network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("dspy", reason="DSPy is not installed")

import dspy
from dspy.utils import DummyLM
from pydantic import BaseModel

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.dspy import LMCall, RoutedLM, read_entry
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Budget, Router, Settled

# Since 3.4 DSPy says that models written as the one below, by forward(), will end with 3.5.
pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore:Implementing custom LMs through BaseLM.forward:DeprecationWarning"),
]

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
LENGTH: Any = {"output_tokens": 150, "max_output_tokens": 1_000}
USAGE: Any = {
    "prompt_tokens": 1_000,
    "completion_tokens": 150,
    "total_tokens": 1_150,
    "prompt_tokens_details": {"cached_tokens": 800},
}
EXACT = lt.Usd(Decimal("0.40") * 200 / 10**6 + Decimal("0.10") * 800 / 10**6 + Decimal("1.60") * 150 / 10**6)


class RateLimitError(Exception):
    """As the SDKs have it."""

    def __init__(self, status: int = 429) -> None:
        super().__init__("slow down")
        self.status_code = status


class Choice:
    """A choice in OpenAI's shape."""

    def __init__(self, text: str) -> None:
        self.message = type("Message", (), {"content": text, "tool_calls": None})()
        self.finish_reason = "stop"


class Completion:
    """A completion in OpenAI's shape, as a custom language model of DSPy returns it."""

    def __init__(self, text: str, usage: Any) -> None:
        self.choices, self.usage, self.model = [Choice(text)], usage, "gpt-4.1-mini"


class Scripted(dspy.BaseLM):  # type: ignore[misc]  # DSPy ships no types
    """A language model that gives one answer, says what it used, remembers how it was called, and fails when told."""

    def __init__(self, answer: str = "Bern", usage: Any = USAGE, fails: Exception | None = None) -> None:
        super().__init__("scripted", temperature=None, max_tokens=None)
        self.answer, self.usage, self.fails = answer, usage, fails
        self.seen: list[dict[str, Any]] = []

    def forward(self, prompt: Any = None, messages: Any = None, **settings: Any) -> Completion:
        self.seen.append({"prompt": prompt, "messages": messages, **settings})
        if self.fails is not None:
            raise self.fails
        return Completion(f"[[ ## answer ## ]]\n{self.answer}\n\n[[ ## completed ## ]]", self.usage)

    async def aforward(self, prompt: Any = None, messages: Any = None, **settings: Any) -> Completion:
        await asyncio.sleep(0)
        return self.forward(prompt, messages, **settings)


def routed(router: Router, lms: dict[str, Any], **more: Any) -> tuple[RoutedLM, list[Settled]]:
    settled: list[Settled] = []
    return RoutedLM(router, lms, **{"describe": LENGTH, "on_settled": settled.append, **more}), settled


def ask(lm: RoutedLM, how: str = "sync", **settings: Any) -> str:
    """The answer of a program that asks one question."""
    program = dspy.Predict("question -> answer", **settings)
    with dspy.context(lm=lm):
        if how == "sync":
            return str(program(question="Where is my parcel?").answer)
        return str(asyncio.run(program.acall(question="Where is my parcel?")).answer)


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


# ---------------------------------------------------------------------------- the choice, and what it cost


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_router_chooses_within_dspy_context_and_the_real_cost_is_exact(router: Router, how: str) -> None:
    lm, settled = routed(router, {CHEAP: Scripted("Bern"), DEAR: Scripted("Basel")})
    assert ask(lm, how) == "Bern"
    (one,) = settled
    assert one.model == CHEAP
    assert one.usage == lt.Usage(input_tokens=1_000, cache_read_tokens=800, output_tokens=150)
    assert one.cost.total == EXACT
    assert (router.balance().spent, router.balance().reserved) == (EXACT, lt.Usd(0))
    assert router.observed[CHEAP].response_time is not None


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_decision_stands_in_the_history(router: Router, how: str) -> None:
    lm, settled = routed(router, {CHEAP: Scripted(), DEAR: Scripted()})
    program = dspy.Predict("question -> answer")
    with dspy.context(lm=lm):
        if how == "sync":
            program(question="Where is it?")
        else:
            asyncio.run(program.acall(question="Where is it?"))
    note = lm.history[-1]["llm_tradeoffs"]
    assert note["settled"] == settled[0].to_dict()
    assert note["decision"]["id"] == settled[0].decision.id
    assert program.history[-1]["llm_tradeoffs"] is note, "and in that of the program"
    assert len(lm.history) == len(program.history) == 1, "each call once"
    json.dumps(note)


def test_the_dummy_of_dspy_is_routed_as_it_is(router: Router) -> None:
    """It says that it used no tokens, or in older releases nothing at all."""
    lm, settled = routed(router, {CHEAP: DummyLM([{"answer": "one"}, {"answer": "two"}]), DEAR: DummyLM([])})
    assert [ask(lm), ask(lm)] == ["one", "two"]
    assert [one.usage for one in settled] in ([], [lt.Usage(input_tokens=0, output_tokens=0)] * 2)
    assert [entry["llm_tradeoffs"]["model"] for entry in lm.history] == [CHEAP, CHEAP]


@pytest.mark.filterwarnings("ignore:Item .* on TypedDict class:UserWarning")  # Pydantic, about LiteLLM's own types
def test_the_lm_of_dspy_is_read_as_litellm_counts(router: Router) -> None:
    """The real dspy.LM over the real LiteLLM, whose mock always counts 10 and 20 tokens."""
    answer = "[[ ## answer ## ]]\nBern\n\n[[ ## completed ## ]]"
    lms = {name: dspy.LM(f"openai/{name}", mock_response=answer, cache=False, api_key="none") for name in (CHEAP, DEAR)}
    lm, settled = routed(router, lms)
    assert ask(lm) == "Bern"
    assert settled[0].usage == lt.Usage(input_tokens=10, output_tokens=20)


def test_a_text_is_routed_as_messages_are(router: Router) -> None:
    lm, settled = routed(router, {CHEAP: Scripted(), DEAR: Scripted()})
    assert "Bern" in str(lm("Where is my parcel?"))
    assert settled[0].model == CHEAP


def test_lms_must_be_exactly_the_candidates(router: Router) -> None:
    with pytest.raises(UnknownNameError, match="gpt-9"):
        RoutedLM(router, {CHEAP: Scripted(), DEAR: Scripted(), "gpt-9": Scripted()})
    with pytest.raises(InvalidValueError, match=r"claude-haiku-4\.5"):
        RoutedLM(router, {CHEAP: Scripted()})


def test_threads_do_not_mix_up_their_costs() -> None:
    """Each call's usage is taken from its own entry, though all write into one history."""

    class Echo(Scripted):
        def forward(self, prompt: Any = None, messages: Any = None, **settings: Any) -> Completion:
            number = int(str(prompt))
            return Completion(
                str(number), {"prompt_tokens": number, "completion_tokens": 1, "total_tokens": number + 1}
            )

    router = Router([CHEAP])
    seen: list[Settled] = []
    lm = RoutedLM(
        router,
        {CHEAP: Echo()},
        describe=lambda call: {"output_tokens": 1, "session": f"s{call.prompt}"},
        on_settled=seen.append,
    )
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: lm(str(number)), range(1, 201)))
    assert sorted((one.decision.request.session, one.usage.input_tokens) for one in seen) == sorted(
        (f"s{number}", number) for number in range(1, 201)
    )


# ---------------------------------------------------------------------------- failures


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_429_cools_the_model_down_and_the_fallback_answers(router: Router, how: str) -> None:
    limited = Scripted(fails=RateLimitError())
    lm, settled = routed(router, {CHEAP: limited, DEAR: Scripted("Basel")})
    assert ask(lm, how) == "Basel"
    assert [one.model for one in settled] == [DEAR]
    assert router.health()[CHEAP].last_status == 429
    assert ask(lm, how) == "Basel"
    assert len(limited.seen) == 1, "a model that is cooling down is not asked"


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_last_error_is_raised_and_the_money_is_given_back(router: Router, how: str) -> None:
    lm, settled = routed(router, {CHEAP: Scripted(fails=RateLimitError()), DEAR: Scripted(fails=RateLimitError(503))})
    with pytest.raises(RateLimitError) as raised:
        lm("Where?") if how == "sync" else asyncio.run(lm.acall("Where?"))
    assert raised.value.status_code == 503
    assert not settled
    assert (router.balance().spent, router.balance().reserved) == (lt.Usd(0), lt.Usd(0))


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_request_that_nobody_can_do_raises_our_error(router: Router, how: str) -> None:
    asked = Scripted()
    lm, _ = routed(router, {CHEAP: asked, DEAR: asked}, describe={"input_tokens": 5_000_000, "output_tokens": 10})
    with pytest.raises(NoModelError):
        ask(lm, how)
    assert not asked.seen


def test_the_errors_of_dspy_itself_are_understood(router: Router) -> None:
    if not hasattr(dspy, "LMRateLimitError"):
        pytest.skip("this release of DSPy raises the errors of LiteLLM")
    limited = Scripted(fails=dspy.LMRateLimitError("slow down", status=429, retry_after=30.0))
    lm, settled = routed(router, {CHEAP: limited, DEAR: Scripted("Basel")})
    assert ask(lm) == "Basel"
    assert router.health()[CHEAP].last_status == 429
    assert [one.model for one in settled] == [DEAR]


def test_an_answer_without_usage_is_given_on_and_stays_reserved(
    router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    lm, settled = routed(router, {CHEAP: Scripted(usage={}), DEAR: Scripted()})
    with caplog.at_level("WARNING"):
        assert ask(lm) == "Bern"
    assert not settled
    assert router.balance().reserved > lt.Usd(0)
    assert "is unknown" in caplog.text


@pytest.mark.filterwarnings("ignore:Item .* on TypedDict class:UserWarning")  # as above
def test_an_answer_out_of_the_cache_costs_nothing(router: Router, tmp_path: Any) -> None:
    """The real dspy.LM over the real LiteLLM, twice the same question."""
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True)
    answer = "[[ ## answer ## ]]\nBern\n\n[[ ## completed ## ]]"
    lms = {name: dspy.LM(f"openai/{name}", mock_response=answer, api_key="none") for name in (CHEAP, DEAR)}
    lm, settled = routed(router, lms)
    assert [ask(lm), ask(lm)] == ["Bern", "Bern"]
    assert len(settled) == 1, "only what was called is paid"
    assert (router.balance().spent, router.balance().reserved) == (settled[0].cost.total, lt.Usd(0))
    assert lm.history[-1]["llm_tradeoffs"]["settled"] is None


def test_costs_are_known_where_the_history_is_off(router: Router) -> None:
    lm, settled = routed(router, {CHEAP: Scripted(), DEAR: Scripted()})
    with dspy.context(disable_history=True):
        ask(lm)
    assert len(settled) == 1
    assert lm.history == []


# ---------------------------------------------------------------------------- what is asked


class Parcel(BaseModel):
    """A parcel."""

    number: str


@pytest.fixture
def last_request(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    seen: list[Any] = []
    route = Router.route
    monkeypatch.setattr(Router, "route", lambda self, asked: seen.append(asked) or route(self, asked))
    return lambda: seen[-1]


@pytest.mark.filterwarnings("ignore:Passing OpenAI-style message dictionaries:DeprecationWarning")
def test_tools_images_and_schemas_become_needs(router: Router, last_request: Callable[[], Any]) -> None:
    lm, _ = routed(router, {CHEAP: Scripted(), DEAR: Scripted()}, describe={**LENGTH, "tokens_per_image": 800})
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    schema = {"type": "json_schema", "json_schema": {"name": "parcel", "schema": Parcel.model_json_schema()}}
    picture: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}]
    for asked, needs in [
        ({"prompt": "Hello"}, set()),
        ({"prompt": "Hello", "tools": [tool]}, {"tools"}),
        ({"messages": picture}, {"vision"}),
        ({"prompt": "Hello", "response_format": Parcel}, {"structured_output"}),
        ({"prompt": "Hello", "response_format": schema}, {"structured_output"}),
        ({"prompt": "Hello", "response_format": {"type": "json_object"}}, set()),
    ]:
        lm(**asked)
        assert last_request().needs == needs


def test_the_limit_of_the_call_is_reserved_and_else_that_of_the_lms(
    router: Router, last_request: Callable[[], Any]
) -> None:
    cheap, dear = Scripted(), Scripted()
    cheap.kwargs, dear.kwargs = {"max_tokens": 500}, {"max_completion_tokens": 700}
    lm, _ = routed(router, {CHEAP: cheap, DEAR: dear}, describe=None)
    lm("Hello")
    assert last_request().max_output_tokens == 700
    lm("Hello", max_tokens=99)
    assert last_request().max_output_tokens == 99
    lm("Hello", max_tokens=99, n=3)
    assert last_request().max_output_tokens == 297, "three answers may be three times as long"
    lm.copy(max_tokens=50)("Hello")
    assert last_request().max_output_tokens == 50
    dear.kwargs = {}
    with pytest.raises(InvalidTypeError, match="describe="):
        lm("Hello")


def test_settings_reach_the_lm_that_is_chosen(router: Router) -> None:
    """So `dspy.BestOfN` and its kin, which ask again with another rollout_id, ask again."""
    cheap = Scripted()
    lm, _ = routed(router, {CHEAP: cheap, DEAR: Scripted()})
    lm.copy(rollout_id=3, temperature=1.0)("Hello", max_tokens=9)
    assert {"rollout_id": 3, "temperature": 1.0, "max_tokens": 9}.items() <= cheap.seen[-1].items()
    lm("Hello")
    assert "rollout_id" not in cheap.seen[-1]
    assert cheap.history == [], "the language model itself is not changed"


def test_a_program_is_saved_without_its_router(router: Router, tmp_path: Any) -> None:
    lm, _ = routed(router, {CHEAP: Scripted(), DEAR: Scripted()})
    program = dspy.Predict("question -> answer")
    with dspy.context(lm=lm):
        program.save(str(tmp_path / "program.json"))
    program.lm = lm
    with pytest.raises(InvalidTypeError, match="after loading"):
        program.save(str(tmp_path / "routed.json"))


def test_describe_may_ask_the_call(router: Router, last_request: Callable[[], Any]) -> None:
    def described(call: LMCall) -> Any:
        assert call.messages is not None
        return {**LENGTH, "tenant": f"t{len(call.messages)}"}

    lm, _ = routed(router, {CHEAP: Scripted(), DEAR: Scripted()}, describe=described)
    ask(lm)
    assert last_request().tenant == "t2", "DSPy sends a system message and a user's"


def test_the_typed_requests_of_dspy_are_routed(router: Router) -> None:
    lm15 = pytest.importorskip("dspy.lm15", reason="this release of DSPy has no typed requests")

    answer = "[[ ## answer ## ]]\nBern\n\n[[ ## completed ## ]]"

    class Engine:
        """The way of DSPy 3.4 to write a language model."""

        def complete(self, request: Any) -> Any:
            return lm15.Response(
                id=None,
                model=request.model,
                message=lm15.Message.assistant(answer),
                finish_reason="stop",
                usage=lm15.Usage(input_tokens=1_000, output_tokens=150, total_tokens=1_150, cache_read_tokens=800),
            )

    lms = {name: dspy.LM(name, engine=Engine(), cache=False) for name in (CHEAP, DEAR)}
    lm, settled = routed(router, lms)
    request = lm15.Request(model="any", messages=(lm15.Message.user("Where is it?"),))
    assert lm(request).message.text == answer
    assert ask(lm) == "Bern"
    assert [one.cost.total for one in settled] == [EXACT, EXACT]


def test_a_stream_settles_when_it_ends(router: Router) -> None:
    lm15 = pytest.importorskip("dspy.lm15", reason="this release of DSPy has no engines")
    answer = "[[ ## answer ## ]]\nBern\n\n[[ ## completed ## ]]"
    during: list[int] = []

    class Engine:
        def complete(self, request: Any) -> Any:
            return lm15.Response(
                id=None,
                model=request.model,
                message=lm15.Message.assistant(answer),
                finish_reason="stop",
                usage=lm15.Usage(input_tokens=1_000, output_tokens=150, total_tokens=1_150, cache_read_tokens=800),
            )

        def stream(self, request: Any) -> Any:
            for event in lm15.response_to_events(self.complete(request)):
                during.append(len(settled))
                yield event

    lms = {name: dspy.LM(name, engine=Engine(), cache=False) for name in (CHEAP, DEAR)}
    lm, settled = routed(router, lms)
    program = dspy.streamify(dspy.Predict("question -> answer"))

    async def read() -> list[Any]:
        with dspy.context(lm=lm):
            return [part async for part in program(question="Where is it?")]

    parts = asyncio.run(read())
    assert parts[-1].answer == "Bern"
    assert len(parts) > 1
    assert set(during) == {0}
    assert [one.cost.total for one in settled] == [EXACT]


# ---------------------------------------------------------------------------- reading


def test_several_calls_in_one_entry_are_not_one_call() -> None:
    lm15 = pytest.importorskip("dspy.lm15", reason="this release of DSPy has no typed requests")
    one = lm15.Response(
        id=None, model="m", message=lm15.Message.assistant("x"), finish_reason="stop", usage=lm15.Usage(input_tokens=1)
    )
    with pytest.raises(InvalidValueError, match="rollout_id"):
        read_entry({"response": (one, one), "usage": USAGE, "response_model": "m"})


def test_an_entry_out_of_the_cache_is_no_call() -> None:
    cached = Completion("Bern", {})
    cached.cache_hit = True  # type: ignore[attr-defined]  # as DSPy marks it
    with pytest.raises(InvalidValueError, match="cache"):
        read_entry({"response": cached, "usage": {}, "response_model": "m"})


def test_without_the_package_the_extra_is_named() -> None:
    """In a process of its own, in which the package cannot be imported."""
    code = "import sys; sys.modules['dspy'] = None; import llm_tradeoffs.adapters.dspy"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in failed.stderr
    assert "pip install 'llm-tradeoffs[dspy]'" in failed.stderr
