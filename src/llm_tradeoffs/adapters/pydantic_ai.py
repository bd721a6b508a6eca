"""
Pydantic AI: a model that is chosen anew for each request, and a capability that gives it to an agent.

:class:`RoutedModel` goes wherever a model goes, in any version. :func:`select_model` wraps it into the
``SelectModel`` capability, through which ``describe`` sees the dependencies of the run, and so the tenant.
A capability alone could not decide well: it is asked before the current request is written, and knows
neither its text nor its tools.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llm_tradeoffs.adapters._chat import NOTE, asettle_read, note_of
from llm_tradeoffs.adapters._shared import (
    Call,
    Describe,
    Prompt,
    as_text,
    checked_models,
    described,
    request_of,
)
from llm_tradeoffs.errors import InvalidValueError, MissingExtraError
from llm_tradeoffs.responses import Reading
from llm_tradeoffs.usage import Usage

try:
    from pydantic_ai.exceptions import FallbackExceptionGroup
    from pydantic_ai.messages import (
        AudioUrl,
        BinaryContent,
        DocumentUrl,
        ImageUrl,
        ModelMessage,
        ModelRequest,
        ModelResponse,
        VideoUrl,
    )
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse, infer_model
    from pydantic_ai.models.fallback import FallbackModel
    from pydantic_ai.models.wrapper import WrapperModel
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.usage import RequestUsage
except ImportError as problem:
    raise MissingExtraError("pydantic-ai-slim", "pydantic-ai", "routing in Pydantic AI") from problem

if TYPE_CHECKING:
    from typing import TypeVar

    from pydantic_ai.capabilities import SelectModel
    from pydantic_ai.models import ModelSelectionContext
    from pydantic_ai.tools import RunContext, ToolDefinition

    from llm_tradeoffs.router import Router, Settled

    _Deps = TypeVar("_Deps")

__all__ = ["ModelCall", "RoutedModel", "select_model", "usage_of"]


@attrs.frozen
class ModelCall:
    """
    One request that Pydantic AI is about to make, for ``describe``.

    Attributes:
        messages: The history and the request itself.
        settings: The settings of agent and run; a model's own come on top.
        parameters: The tools and the form of the output.
        selection: What the ``SelectModel`` capability was told: the run's dependencies, the agent, the usage so
            far. None where the model was given to the agent directly.
    """

    messages: Sequence[ModelMessage]
    settings: ModelSettings | None
    parameters: ModelRequestParameters
    selection: ModelSelectionContext[Any] | None = None

    @property
    def deps(self) -> Any:
        """The dependencies of the run; None where the model was given to the agent directly."""
        return None if self.selection is None else self.selection.deps


class RoutedModel(FallbackModel):
    """
    A model that asks a router for each request, and tries the candidates in the order of the decision.

    An error for which Pydantic AI falls back is reported to the router, and the next candidate is tried; the
    answer's real cost is settled, and stands with the decision in ``ModelResponse.metadata["llm_tradeoffs"]``.

    Args:
        router: What decides.
        models: Pydantic AI's model, or its name, for each candidate of the router.
        describe: Fields of the :class:`~llm_tradeoffs.router.Request` that the messages cannot tell, or a function of
            a :class:`ModelCall`.
        on_settled: Called with what each call cost.
        fallback_on: As in Pydantic AI's ``FallbackModel``; None for its default.

    Raises:
        NoModelError: In a request that no candidate can do; nothing is called.
    """

    def __init__(
        self,
        router: Router,
        models: Mapping[str, Model | str],
        *,
        describe: Describe[ModelCall] = None,
        on_settled: Callable[[Settled], object] | None = None,
        fallback_on: Any = None,
    ) -> None:
        self._by_id = {name: infer_model(model) for name, model in checked_models(router, models).items()}
        given = {} if fallback_on is None else {"fallback_on": fallback_on}
        super().__init__(*self._by_id.values(), **given)
        self._router = router
        self._describe = describe
        self._on_settled = on_settled
        self._fallback_on_given = fallback_on
        self._selection: ModelSelectionContext[Any] | None = None

    @property
    def model_name(self) -> str:
        """What traces call it, until it is known which model answers."""
        return f"routed:{','.join(self._by_id)}"

    def selected_for(self, selection: ModelSelectionContext[Any]) -> RoutedModel:
        """The same model, whose ``describe`` is told about a step of a run."""
        bound = RoutedModel(
            self._router,
            self._by_id,
            describe=self._describe,
            on_settled=self._on_settled,
            fallback_on=self._fallback_on_given,
        )
        bound._selection = selection
        return bound

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Decide, call, settle."""
        call = await self._start(messages, model_settings, model_request_parameters)
        errors: list[Exception] = []
        try:
            for candidate in call.ranked:
                watched = self._watched(candidate, call, model_settings)
                try:
                    return await watched.request(messages, model_settings, model_request_parameters)
                except FallbackExceptionGroup as tried:
                    errors += tried.exceptions
                    await call.afailed(candidate, tried)  # an answer that was rejected
            raise FallbackExceptionGroup("All models of the router failed", errors)
        finally:
            await call.arelease()

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Decide and stream; settled when the stream has been left."""
        call = await self._start(messages, model_settings, model_request_parameters)
        errors: list[Exception] = []
        try:
            for candidate in call.ranked:
                watched = self._watched(candidate, call, model_settings)
                async with AsyncExitStack() as stack:
                    try:
                        stream = await stack.enter_async_context(
                            watched.request_stream(messages, model_settings, model_request_parameters, run_context)
                        )
                    except FallbackExceptionGroup as tried:
                        errors += tried.exceptions
                        await call.afailed(candidate, tried)  # an answer that was rejected
                        continue
                    yield stream
                    return
            raise FallbackExceptionGroup("All models of the router failed", errors)
        finally:
            await call.arelease()

    async def _start(
        self, messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters
    ) -> Call:
        asked = ModelCall(messages, settings, parameters, self._selection)
        request = request_of(_prompt(asked), described(self._describe, asked))
        return await Call.astart(self._router, request, on_settled=self._on_settled)

    def _watched(self, candidate: str, call: Call, settings: ModelSettings | None) -> FallbackModel:
        """
        A candidate alone, which raises a ``FallbackExceptionGroup`` where Pydantic AI would fall back.

        So the conditions for that, and how a request is prepared for a model, stay those of the installed version.
        """
        given = {} if self._fallback_on_given is None else {"fallback_on": self._fallback_on_given}
        return _Alone(self.model_name, _Watched(self._by_id[candidate], candidate, call, _tier(settings)), given)


class _Alone(FallbackModel):
    """One candidate, under the name of the routed model."""

    def __init__(self, name: str, model: _Watched, given: Mapping[str, Any]) -> None:
        super().__init__(model, **given)
        self._name = name

    @property
    def model_name(self) -> str:
        return self._name


class _Watched(WrapperModel):
    """A candidate whose errors and answers the router hears of."""

    def __init__(self, wrapped: Model, candidate: str, call: Call, tier: str | None) -> None:
        super().__init__(wrapped)
        self._candidate, self._call, self._tier = candidate, call, tier

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        call = self._call
        try:
            response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        except Exception as error:
            await call.afailed(self._candidate, error)
            raise
        except BaseException:  # cancelled, perhaps after the provider has begun to answer
            call.give_up("the call was cancelled")
            raise
        settled = await self._settle(response)
        response.metadata = {**(response.metadata or {}), NOTE: note_of(call, self._candidate, settled)}
        return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        call = self._call
        note = note_of(call, self._candidate, None)
        stream: StreamedResponse | None = None
        try:
            async with self.wrapped.request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                # Written now and filled in below: the stream is turned into a response after it has been left.
                stream.metadata = {**(getattr(stream, "metadata", None) or {}), NOTE: note}
                yield stream
        except Exception as error:
            if stream is None:
                await call.afailed(self._candidate, error)
            elif _is_from_provider(error):  # what the reader of the stream raises passes here, too
                await call.abroke(error)
            raise
        except BaseException:
            if stream is None:
                call.give_up("the call was cancelled")
            raise
        finally:
            if stream is not None:
                settled = await self._settle(stream.get())
                note.update(note_of(call, self._candidate, settled))

    async def _settle(self, response: ModelResponse) -> Settled | None:
        return await asettle_read(self._call, self._candidate, lambda: self._read(response))

    def _read(self, response: ModelResponse) -> Reading:
        provider = response.provider_name or "unknown"
        return Reading(
            usage=usage_of(response.usage), model=response.model_name, service_tier=self._tier, provider=provider
        )


def _is_from_provider(error: Exception) -> bool:
    from pydantic_ai import exceptions

    # Before `ModelAPIError` there was only its case with a status.
    return isinstance(error, getattr(exceptions, "ModelAPIError", exceptions.ModelHTTPError))


def select_model(
    router: Router,
    models: Mapping[str, Model | str],
    *,
    describe: Describe[ModelCall] = None,
    on_settled: Callable[[Settled], object] | None = None,
    fallback_on: Any = None,
) -> SelectModel[Any]:
    """
    A ``SelectModel`` capability that lets *router* choose for each request of an agent.

    ``describe`` sees the dependencies of the run as ``call.deps``. The other arguments are those of
    :class:`RoutedModel`.

    Raises:
        MissingExtraError: The installed Pydantic AI is older than the capability (2.13); use :class:`RoutedModel`.
    """
    try:
        from pydantic_ai.capabilities import SelectModel
    except ImportError:
        raise MissingExtraError(
            "pydantic-ai-slim>=2.13", "pydantic-ai", "the SelectModel capability (RoutedModel does without it)"
        ) from None
    routed = RoutedModel(router, models, describe=describe, on_settled=on_settled, fallback_on=fallback_on)

    def select(selection: ModelSelectionContext[Any]) -> Model:
        return routed.selected_for(selection)

    return SelectModel(select)


# ---------------------------------------------------------------------------- reading a request


_Piece = str | ImageUrl | BinaryContent | AudioUrl | VideoUrl | DocumentUrl


def _prompt(asked: ModelCall) -> Prompt:
    texts: list[str] = []
    images = files = 0
    for piece in _pieces(asked):
        if isinstance(piece, str):
            texts.append(piece)
        elif isinstance(piece, ImageUrl) or (isinstance(piece, BinaryContent) and piece.is_image):
            images += 1
        else:
            files += 1
    parameters = asked.parameters
    tools = [*parameters.function_tools, *_output_tools(parameters)]
    texts += [as_text([tool.name, tool.description, tool.parameters_json_schema]) for tool in tools]
    if parameters.output_object is not None and parameters.output_mode in ("native", "prompted"):
        texts.append(as_text(parameters.output_object.json_schema))
    # Called "builtin" before version 2.
    native = getattr(parameters, "native_tools", None) or getattr(parameters, "builtin_tools", None)
    return Prompt(
        tuple(texts),
        images=images,
        files=files,
        tools=bool(tools or native),
        structured_output=parameters.output_mode == "native",
        max_output_tokens=(asked.settings or {}).get("max_tokens"),
    )


def _output_tools(parameters: ModelRequestParameters) -> list[ToolDefinition]:
    """Tools through which the answer comes: in the mode "auto" most models use them, and all that we know can."""
    return parameters.output_tools if parameters.output_mode in ("tool", "tool_or_text", "auto") else []


def _pieces(asked: ModelCall) -> Iterator[_Piece]:
    instructions = None
    for message in asked.messages:
        if isinstance(message, ModelRequest):
            instructions = message.instructions or instructions
            for part in message.parts:
                yield from _content(getattr(part, "content", None))
        else:
            for answered in message.parts:
                yield from _content(getattr(answered, "content", None))
                yield from _content(getattr(answered, "tool_name", None))
                arguments = getattr(answered, "args", None)
                if arguments is not None:
                    yield as_text(arguments)
    if instructions is not None:  # sent once: those of the latest request
        yield instructions


def _content(value: object) -> Iterator[_Piece]:
    if value is None or getattr(value, "kind", None) == "cache-point":
        return
    if isinstance(value, str | ImageUrl | BinaryContent | AudioUrl | VideoUrl | DocumentUrl):
        yield value
    elif getattr(value, "kind", None) == "text-content" or hasattr(value, "content"):
        yield from _content(getattr(value, "content", None))
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from _content(item)
    else:
        yield as_text(value)


# ---------------------------------------------------------------------------- reading an answer

_COUNTS: Final = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "input_image_tokens": "input_image_tokens",
    "input_video_tokens": "input_video_tokens",
    "cache_audio_read_tokens": "cache_read_audio_tokens",
    "cache_image_read_tokens": "cache_read_image_tokens",
    "cache_video_read_tokens": "cache_read_video_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
    "output_citation_tokens": "citation_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "output_image_tokens": "output_image_tokens",
    "output_video_tokens": "output_video_tokens",
    "web_searches": "web_searches",
}
# Said of the tokens above in another way, and billed with them.
_SAID_TWICE: Final = frozenset(
    {
        "input_text_tokens",
        "output_text_tokens",
        "cache_text_read_tokens",
        "input_tool_tokens",
        "input_text_tool_tokens",
        "input_image_tool_tokens",
        "input_audio_tool_tokens",
        "input_video_tool_tokens",
    }
)
_NO_COUNTS: Final = frozenset({"details", "cost", "cache_write_tokens"})
_SUMS: Final = ("compaction_iterations", "advisor_iterations")


def usage_of(usage: RequestUsage) -> Usage:
    """
    What Pydantic AI says that one request used, each token in one place.

    Its counts are totals with parts inside, as ours are. Cache writes of which it does not say for how long
    are taken to be for five minutes, the usual time.

    Raises:
        InvalidValueError: It states no tokens, sums up several calls, or has counts that this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    stated = {name: value for name, value in vars(usage).items() if value and name not in _NO_COUNTS}
    if not stated and not usage.cache_write_tokens:
        raise InvalidValueError("the model's answer states no usage: what the call used is unknown, and not nothing.")
    for name in _SUMS:
        if usage.details.get(name):
            raise InvalidValueError(
                f"usage is a sum over several calls ({name} is {usage.details[name]}); thresholds and fees hold for "
                "one call. Price each call by itself."
            )
    unknown = stated.keys() - _COUNTS.keys() - _SAID_TWICE
    if unknown:
        raise InvalidValueError(
            f"usage has {', '.join(sorted(unknown))}, which this release does not know how to bill. State the counts "
            "with Usage(...)."
        )
    counts = {ours: stated[theirs] for theirs, ours in _COUNTS.items() if theirs in stated}
    written = counts.get("cache_write_5m_tokens", 0) + counts.get("cache_write_1h_tokens", 0)
    if usage.cache_write_tokens > written:
        counts["cache_write_5m_tokens"] = usage.cache_write_tokens - counts.get("cache_write_1h_tokens", 0)
    if "reasoning_tokens" not in counts:
        thought = usage.details.get("reasoning_tokens") or usage.details.get("thoughts_tokens")
        if thought:
            counts["reasoning_tokens"] = thought
    return Usage(**{"input_tokens": 0, "output_tokens": 0, **counts})


_STANDARD: Final = frozenset({"auto", "default", "standard", "standard_only", "on_demand"})


def _tier(settings: ModelSettings | None) -> str | None:
    """The tier that the settings ask for; Pydantic AI does not say which one served the call."""
    asked = cast("Mapping[str, object]", settings or {})
    for name in ("openai_service_tier", "service_tier"):
        tier = asked.get(name)
        if isinstance(tier, str) and tier not in _STANDARD:
            return tier
    return None
