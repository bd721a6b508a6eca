"""
LlamaIndex: a selector, and a query engine with fallbacks, that choose the engine whose model does a query best.

LlamaIndex asks its selectors before it knows what it will send, so the caller says how long a request of these
engines is. What it really used is read from LlamaIndex's own events: the first answer of a model below the selection
settles the decision, a streamed one when its stream has ended. Where an engine calls its model several times, each
further call is counted by a decision of its own when its answer is there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from llm_tradeoffs.adapters._chat import NOTE, note_of, settle_read
from llm_tradeoffs.adapters._shared import Call, Describe, Prompt, checked_models, described, request_of
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError, TradeoffsError
from llm_tradeoffs.responses import Reading, read_response

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.base_selector import BaseSelector, SelectorResult, SingleSelection
    from llama_index.core.base.llms.types import ChatResponse, CompletionResponse
    from llama_index.core.base.response.schema import RESPONSE_TYPE, AsyncStreamingResponse, StreamingResponse
    from llama_index.core.bridge.pydantic import PrivateAttr
    from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # not told as exported
    from llama_index.core.instrumentation.event_handlers import BaseEventHandler
    from llama_index.core.instrumentation.events import BaseEvent
    from llama_index.core.instrumentation.events.exception import ExceptionEvent
    from llama_index.core.instrumentation.events.llm import (
        LLMChatEndEvent,
        LLMChatInProgressEvent,
        LLMChatStartEvent,
        LLMCompletionEndEvent,
        LLMCompletionInProgressEvent,
        LLMCompletionStartEvent,
    )
    from llama_index.core.instrumentation.events.query import QueryEndEvent
    from llama_index.core.instrumentation.span import BaseSpan, active_span_id
    from llama_index.core.instrumentation.span_handlers import BaseSpanHandler
    from llama_index.core.prompts.mixin import PromptDictType, PromptMixinType
    from llama_index.core.schema import QueryBundle
    from llama_index.core.tools.types import ToolMetadata
    from llama_index.core.types import TokenAsyncGen, TokenGen
except ImportError as missing:
    raise MissingExtraError("llama-index-core", "llama-index", "routing the queries of LlamaIndex") from missing

if TYPE_CHECKING:
    from llm_tradeoffs.router import Decision, Request, Router, Settled

__all__ = ["RoutedQueryEngine", "RoutedSelection", "RouterSelector", "Selection", "read_answer"]

_LOG: Final = logging.getLogger("llm_tradeoffs.adapters")
_MOST_STREAMS: Final = 10_000  # streams that nobody ever reads to their end are forgotten in the end


class Selection(NamedTuple):
    """
    What a selector is asked; what ``describe`` is a function of.

    Attributes:
        query: The query.
        choices: The names of what can be chosen.
    """

    query: QueryBundle
    choices: tuple[str, ...]


class RoutedSelection(SelectorResult):
    """
    What was selected, with the decision that says why; a router query engine keeps it in its response's metadata.

    Attributes:
        note: The candidate, the decision, and its real cost as soon as that is known; JSON throughout.
    """

    note: dict[str, Any] = {}  # noqa: RUF012  # a field of a Pydantic model, which copies it
    _decision: Decision = PrivateAttr()

    def about(self, decision: Decision, note: dict[str, Any]) -> RoutedSelection:
        """The same, which keeps *note* itself and no copy, since the cost is filled in later."""
        self._decision, self.note = decision, note
        return self

    @property
    def decision(self) -> Decision:
        """The decision, for those who settle it themselves since they selected outside of any engine."""
        return self._decision


class RouterSelector(BaseSelector):
    """
    Selects what belongs to the model that the router chooses.

    For a ``RouterQueryEngine`` or a ``RouterRetriever``, which have no way to try another choice when one fails: use
    a :class:`RoutedQueryEngine` for that. A failure is told to the router all the same.

    Args:
        router: Whose decisions are followed.
        choices: The name of the choice (of its ``ToolMetadata``) for each of the router's candidates, by the name of
            the candidate; None if the choices are called as the candidates are.
        describe: What a request of the chosen engine is like: ``input_tokens`` with the text that it retrieves, and
            ``output_tokens`` or ``max_output_tokens``; also tenant, session, task. Fields of a
            :class:`~llm_tradeoffs.router.Request`, or a function of a :class:`Selection` that gives them.
        on_settled: Called with the real cost and the decision that caused it.

    Raises:
        UnknownNameError, InvalidValueError: *choices* names what is no candidate, or lacks one that is.
        NoModelError: At a query: no candidate can do the request.
    """

    def __init__(
        self,
        router: Router,
        choices: Mapping[str, str] | None = None,
        *,
        describe: Describe[Selection],
        on_settled: Callable[[Settled], None] | None = None,
    ) -> None:
        self._router = router
        self._names = (
            {model.id: frozenset({model.id, *model.aliases}) for model in router.candidates}
            if choices is None
            else {model: frozenset({choice}) for model, choice in checked_models(router, choices).items()}
        )
        self._describe = describe
        self._on_settled = on_settled
        _listen()

    def _get_prompts(self) -> PromptDictType:
        return {}

    def _update_prompts(self, prompts_dict: PromptDictType) -> None:
        """There are no prompts: no model is asked which model to ask."""

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _select(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> RoutedSelection:
        asked = Selection(query, tuple(choice.name or "" for choice in choices))
        places = self._places(asked.choices)
        call = Call.start(self._router, _request(asked, self._describe), on_settled=self._on_settled)
        return _selected(call, places)

    async def _aselect(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> RoutedSelection:
        asked = Selection(query, tuple(choice.name or "" for choice in choices))
        places = self._places(asked.choices)
        call = await Call.astart(self._router, _request(asked, self._describe), on_settled=self._on_settled)
        return _selected(call, places)

    def _places(self, choices: tuple[str, ...]) -> dict[str, int]:
        """Where the choice of each candidate stands; every one has to be there, since any may be chosen."""
        places = {
            model: place for model, names in self._names.items() for place, name in enumerate(choices) if name in names
        }
        missing = [model for model in self._names if model not in places]
        if missing:
            raise InvalidValueError(
                f"none of the choices {', '.join(map(repr, choices))} is that of {', '.join(map(repr, missing))}. "
                "Name the choices, by their ToolMetadata, as the candidates are named; or say choices={...}, from the "
                "candidate to the name of its choice."
            )
        return places


def _selected(call: Call, places: Mapping[str, int]) -> RoutedSelection:
    model = next(call.ranked)
    note = note_of(call, model, None)
    # The span in which the selection was asked for: whatever the selection causes happens inside of it.
    _LEDGER.watch(_LEDGER.parent(active_span_id.get()), _Watch(call, model, note))
    made = RoutedSelection(
        selections=[SingleSelection(index=places[model], reason=f"{model}: {call.decision.because}")]
    )
    return made.about(call.decision, note)


class RoutedQueryEngine(BaseQueryEngine):
    """
    A query engine that decides for every query which of *engines* does it, and tries the next one when one fails.

    Decision and cost are noted in the metadata of the response, under ``"llm_tradeoffs"``; of a streamed response
    the cost is filled in when the stream has ended.

    Args:
        router: Whose decisions are followed.
        engines: The query engine of each of the router's candidates, by the name of the candidate.
        describe: As for a :class:`RouterSelector`.
        on_settled: Called with each real cost and the decision that caused it.

    Raises:
        UnknownNameError, InvalidValueError: *engines* names what is no candidate, or lacks one that is.
        NoModelError: At a query: no candidate can do the request.
    """

    def __init__(
        self,
        router: Router,
        engines: Mapping[str, BaseQueryEngine],
        *,
        describe: Describe[Selection],
        on_settled: Callable[[Settled], None] | None = None,
    ) -> None:
        super().__init__(callback_manager=None)
        self._router = router
        self._engines = checked_models(router, engines)
        self._describe = describe
        self._on_settled = on_settled
        _listen()

    def _get_prompt_modules(self) -> PromptMixinType:
        return dict(self._engines)

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        request = _request(Selection(query_bundle, tuple(self._engines)), self._describe)
        call = Call.start(self._router, request, on_settled=self._on_settled)
        failure: Exception | None = None
        for model in call.ranked:
            watch = _Watch(call, model, note_of(call, model, None))
            _LEDGER.watch(active_span_id.get(), watch)
            try:
                response = self._engines[model].query(query_bundle)
            except Exception as error:  # whatever an SDK raises
                if call.closed:  # the model did answer, and something else failed
                    raise
                call.failed(model, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the query was interrupted")
                raise
            return _noted(response, watch)
        assert failure is not None  # a call has a model to try
        raise failure

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        request = _request(Selection(query_bundle, tuple(self._engines)), self._describe)
        call = await Call.astart(self._router, request, on_settled=self._on_settled)
        failure: Exception | None = None
        for model in call.ranked:
            watch = _Watch(call, model, note_of(call, model, None))
            _LEDGER.watch(active_span_id.get(), watch)
            try:
                response = await self._engines[model].aquery(query_bundle)
            except Exception as error:
                if call.closed:  # the model did answer, and something else failed
                    raise
                await call.afailed(model, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the query was cancelled")
                raise
            return _noted(response, watch)
        assert failure is not None
        raise failure


def read_answer(answer: ChatResponse | CompletionResponse) -> Reading:
    """
    What an answer of a model says that its call used, each token in one place.

    ``raw`` is the provider's response; where the integration keeps none, the counts in ``additional_kwargs`` are read.

    >>> read_answer(CompletionResponse(text="Hello", raw={
    ...     "model": "gpt-4.1-mini", "object": "chat.completion",
    ...     "usage": {"prompt_tokens": 1_000, "completion_tokens": 150, "total_tokens": 1_150},
    ... })).usage
    Usage(input_tokens=1000, output_tokens=150)

    Args:
        answer: What a language model of LlamaIndex returned; of a stream the last part.

    Raises:
        InvalidTypeError: One of its counts is missing or no whole number.
        InvalidValueError: It states no usage, or has counts that this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    if answer.raw is not None:
        return read_response(answer.raw)
    # A bare dict there, of which type checkers know nothing.
    counts = cast("dict[str, Any]", answer.additional_kwargs)  # pyright: ignore[reportUnknownMemberType]  # a bare dict there
    if counts.keys() >= {"prompt_tokens", "completion_tokens"}:
        return read_response(counts)
    raise InvalidValueError(
        f"the {type(answer).__name__} holds neither the provider's response, in raw, nor its counts, in "
        "additional_kwargs, so it does not say what it used. State the counts with Usage(...)."
    )


def _request(asked: Selection, describe: Describe[Selection]) -> Request:
    fields = described(describe, asked)
    if "input_tokens" not in fields:
        raise InvalidTypeError(
            "nobody says how long the request is: a query engine sends far more than the query, such as the text that "
            "it retrieves. Say describe={'input_tokens': ..., 'output_tokens': ...}, or give a function that says it."
        )
    return request_of(Prompt(texts=(asked.query.query_str,), images=1 if asked.query.image_path else 0), fields)


def _noted(response: RESPONSE_TYPE, watch: _Watch) -> RESPONSE_TYPE:
    response.metadata = {**(response.metadata or {}), NOTE: watch.note}
    return response


# ---------------------------------------------------------------------------- what LlamaIndex reports


class _Watch:
    """A call of the router whose answer is awaited among the events of LlamaIndex."""

    __slots__ = ("call", "model", "note", "waiting")

    def __init__(self, call: Call, model: str, note: dict[str, Any]) -> None:
        self.call = call
        self.model = model
        self.note = note
        self.waiting = 0  # language models at work, and streams that somebody may read

    def streamed(self, response: StreamingResponse | AsyncStreamingResponse) -> None:
        """The model is called when somebody reads the stream, which is after the query has ended."""
        self.waiting += 1
        if isinstance(response, AsyncStreamingResponse):
            response.response_gen = self._aread(response.response_gen)
        else:
            response.response_gen = self._read(response.response_gen)

    def _read(self, stream: TokenGen) -> TokenGen:
        while True:
            token = _READ_FOR.set(self)
            try:
                part = next(stream)
            except StopIteration:
                return
            except Exception as error:
                self.broken(error)
                raise
            finally:
                _READ_FOR.reset(token)
            yield part

    async def _aread(self, stream: TokenAsyncGen) -> TokenAsyncGen:
        while True:
            token = _READ_FOR.set(self)
            try:
                part = await anext(stream)
            except StopAsyncIteration:
                return
            except Exception as error:
                self.broken(error)
                raise
            finally:
                _READ_FOR.reset(token)
            yield part

    def broken(self, error: BaseException) -> None:
        """No whole answer comes any more."""
        if not self.call.closed:
            if isinstance(error, Exception):
                self.call.broke(error)
            self.call.give_up("the stream broke off")

    def begun(self) -> None:
        """A language model begins: only now, since an engine retrieves first."""
        if not self.call.closed:
            self.call.sent()

    def answered(self, answer: ChatResponse | CompletionResponse | None) -> None:
        if self.call.closed:
            self._answered_again(answer)
        elif answer is None:
            self.call.give_up("the stream ended without an answer")
        else:
            settled = settle_read(self.call, self.model, partial(read_answer, answer))
            self.note["settled"] = None if settled is None else settled.to_dict()

    def _answered_again(self, answer: ChatResponse | CompletionResponse | None) -> None:
        """An engine that refines, say, calls its model several times; each call has a decision of its own."""
        try:
            if answer is None:
                raise InvalidValueError("the stream ended without an answer.")
            reading = read_answer(answer)
        except TradeoffsError as problem:
            _LOG.warning("the cost of a further call of %s is unknown: %s", self.model, problem)
            return
        settled = self.call.settle_further(self.model, reading)
        if settled is not None:
            self.note.setdefault("further", []).append(settled.to_dict())


class _Ledger:
    """Which spans are open inside of which, whose selection they belong to, and which language models are at work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parents: dict[str, str | None] = {}
        self._watches: dict[str, _Watch] = {}
        self._at_work: dict[str, _Watch] = {}

    def parent(self, span: str | None) -> str | None:
        with self._lock:
            return None if span is None else self._parents.get(span)

    def watch(self, span: str | None, watch: _Watch) -> None:
        """Outside of any span nobody reports, and the caller settles the decision."""
        if span is not None:
            with self._lock:
                self._watches[span] = watch

    def opened(self, span: str, parent: str | None) -> None:
        with self._lock:
            self._parents[span] = parent

    def begun(self, span: str | None) -> None:
        """A language model begins; one that works for another, as `complete` does for `chat`, is not told twice."""
        with self._lock:
            path = list(self._path(span))
            if span is None or any(above in self._at_work for above in path):
                return
            watch = self._of(path)
            read = all(above not in self._watches for above in path)
            if read and watch in self._at_work.values():
                return  # while a stream is read its own span is over, and so is above nothing
            if watch is not None:
                watch.waiting += 1
                watch.begun()
                self._at_work[span] = watch
                if len(self._at_work) > _MOST_STREAMS:
                    del self._at_work[next(iter(self._at_work))]

    def ended(self, span: str | None) -> _Watch | None:
        with self._lock:
            watch = None if span is None else self._at_work.pop(span, None)
            if watch is not None:
                watch.waiting -= 1
            return watch

    def at_work(self, span: str | None) -> _Watch | None:
        with self._lock:
            return None if span is None else self._at_work.get(span)

    def closed(self, span: str) -> _Watch | None:
        """The selection that ends with this span, if it does."""
        with self._lock:
            self._parents.pop(span, None)
            return self._watches.pop(span, None)

    def of(self, span: str | None) -> _Watch | None:
        """Whose selection what happens in this span belongs to."""
        with self._lock:
            return self._of(list(self._path(span)))

    def _of(self, path: list[str]) -> _Watch | None:
        return next((self._watches[span] for span in path if span in self._watches), _READ_FOR.get())

    def _path(self, span: str | None) -> Iterator[str]:
        while span is not None:
            yield span
            span = self._parents.get(span)


_LEDGER: Final = _Ledger()
_READ_FOR: Final[ContextVar[_Watch | None]] = ContextVar("llm_tradeoffs_read_for", default=None)


class _Events(BaseEventHandler):
    """Hears when a language model begins, ends and breaks off."""

    @classmethod
    def class_name(cls) -> str:
        return "LlmTradeoffsEvents"

    def handle(self, event: BaseEvent, **_: Any) -> None:
        if isinstance(event, LLMChatStartEvent | LLMCompletionStartEvent):
            _LEDGER.begun(event.span_id)
        elif isinstance(event, LLMChatInProgressEvent | LLMCompletionInProgressEvent):
            watch = _LEDGER.at_work(event.span_id)
            if watch is not None:
                watch.call.arrived()
        elif isinstance(event, LLMChatEndEvent | LLMCompletionEndEvent):
            watch = _LEDGER.ended(event.span_id)
            if watch is not None:
                watch.answered(event.response)
        elif isinstance(event, ExceptionEvent):  # a stream breaks off
            watch = _LEDGER.ended(event.span_id)
            if watch is not None:
                watch.broken(event.exception)
        elif isinstance(event, QueryEndEvent) and isinstance(
            event.response, StreamingResponse | AsyncStreamingResponse
        ):
            watch = _LEDGER.of(event.span_id)
            if watch is not None and not watch.call.closed and not watch.waiting:
                watch.streamed(event.response)


class _Spans(BaseSpanHandler[BaseSpan]):
    """Hears when a span opens, ends and fails; keeps none."""

    @classmethod
    def class_name(cls) -> str:
        return "LlmTradeoffsSpans"

    def new_span(self, id_: str, *_: Any, parent_span_id: str | None = None, **__: Any) -> None:
        _LEDGER.opened(id_, parent_span_id)

    def prepare_to_exit_span(self, id_: str, *_: Any, **__: Any) -> None:
        watch = _LEDGER.closed(id_)
        if watch is not None and not watch.waiting:
            watch.call.release()  # unless it is settled: no model was called for it

    def prepare_to_drop_span(self, id_: str, *_: Any, err: BaseException | None = None, **__: Any) -> None:
        _LEDGER.ended(id_)
        watch = _LEDGER.closed(id_)
        if watch is not None and not watch.call.closed:
            if isinstance(err, Exception):
                watch.call.broke(err)
                watch.call.release()
            else:
                watch.call.give_up("the query was interrupted")


@cache
def _listen() -> None:
    """Listen to LlamaIndex, once in a process, and not before somebody routes."""
    root = get_dispatcher()
    root.add_event_handler(_Events())
    root.add_span_handler(_Spans())  # pyright: ignore[reportUnknownMemberType]  # of spans of any kind
