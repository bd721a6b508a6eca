"""
OpenAI Agents SDK: a model provider whose models are chosen anew for each request.

A :class:`RoutedProvider` goes into ``RunConfig(model_provider=...)``. It is told a name and nothing else, so it
cannot decide: it gives out a :class:`RoutedModel`, which sees the request. The name is handed on to ``describe``,
so that an agent with ``model="route:support"`` can say by it what kind of work it does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs.adapters._chat import asettle_read, note_of
from llm_tradeoffs.adapters._shared import (
    Call,
    Describe,
    Prompt,
    as_text,
    checked_models,
    described,
    read_content,
    request_of,
)
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError
from llm_tradeoffs.responses import Reading, from_openai

try:
    from agents.agent_output import AgentOutputSchemaBase
    from agents.handoffs import Handoff
    from agents.items import ModelResponse, TResponseInputItem, TResponseStreamEvent
    from agents.model_settings import ModelSettings
    from agents.models.interface import Model, ModelProvider, ModelTracing
    from agents.models.multi_provider import MultiProvider
    from agents.tool import Tool
    from agents.tracing import CustomSpanData, Span, custom_span, get_current_trace
    from openai import APIError
except ImportError as problem:
    raise MissingExtraError("openai-agents", "openai-agents", "routing in the OpenAI Agents SDK") from problem

if TYPE_CHECKING:
    from llm_tradeoffs.router import Router, Settled

__all__ = ["ModelCall", "RoutedModel", "RoutedProvider", "reading_of"]


@attrs.frozen
class ModelCall:
    """
    One request that the Agents SDK is about to make, for ``describe``.

    Attributes:
        name: The name by which the provider was asked for the model; None for none.
        instructions: The system prompt.
        input: The text, or the items in the format of Responses.
        settings: The settings of agent and run.
        conversation_id: The conversation that the provider keeps; None for none.
        previous_response_id: The response that this request continues; None for none.
    """

    name: str | None
    instructions: str | None
    input: str | list[TResponseInputItem]
    settings: ModelSettings
    conversation_id: str | None = None
    previous_response_id: str | None = None


class RoutedModel(Model):
    """
    A model that asks a router for each request, and tries the candidates in the order of the decision.

    The SDK itself has no fallback: what fails with one of ``fallback_on`` is reported to the router, and the next
    candidate is tried with the same settings. If none answers, the last error is raised, with notes on the others.
    Decision and cost are written to the SDK's trace, in a span of the name ``llm_tradeoffs``.

    Args:
        router: What decides.
        models: The SDK's model for each candidate of the router.
        name: What the provider was asked for, for ``describe``.
        describe: Fields of the :class:`~llm_tradeoffs.router.Request` that the input cannot tell, or a function of
            a :class:`ModelCall`.
        on_settled: Called with what each call cost.
        fallback_on: Errors after which the next candidate is tried: all of OpenAI's API, which those of LiteLLM
            are, too.

    Raises:
        NoModelError: In a request that no candidate can do; nothing is called.
    """

    def __init__(
        self,
        router: Router,
        models: Mapping[str, Model],
        *,
        name: str | None = None,
        describe: Describe[ModelCall] = None,
        on_settled: Callable[[Settled], object] | None = None,
        fallback_on: tuple[type[Exception], ...] = (APIError,),
    ) -> None:
        self._models = checked_models(router, models)
        for candidate, model in self._models.items():
            if not isinstance(model, Model):
                raise InvalidTypeError(
                    f"the model of {candidate!r} is {model!r}; expected a Model of the Agents SDK, such as "
                    "OpenAIResponsesModel(model=..., openai_client=...)."
                )
        self._router = router
        self._name = name
        self._describe = describe
        self._on_settled = on_settled
        self._fallback_on = fallback_on

    async def close(self) -> None:
        """Close the models of all candidates."""
        for model in self._models.values():
            close = getattr(model, "close", None)  # older versions have none
            if close is not None:
                await close()

    async def get_response(  # noqa: PLR0917  # the SDK's interface
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: Any,
    ) -> ModelResponse:
        """Decide, call, settle."""
        asked = ModelCall(self._name, system_instructions, input, model_settings, conversation_id, previous_response_id)
        call = await self._start(asked, tools, output_schema, handoffs, prompt)
        note = note_of(call, str(call.decision.model), None)
        errors: list[Exception] = []
        with _span(note, tracing):
            try:
                for candidate in call.ranked:
                    try:
                        response = await self._models[candidate].get_response(
                            system_instructions,
                            input,
                            model_settings,
                            tools,
                            output_schema,
                            handoffs,
                            tracing,
                            previous_response_id=previous_response_id,
                            conversation_id=conversation_id,
                            prompt=prompt,
                        )
                    except Exception as error:
                        await self._failed(call, candidate, error)
                        errors.append(error)
                        continue
                    settled = await asettle_read(call, candidate, partial(reading_of, response))
                    note.update(note_of(call, candidate, settled))
                    return response
                raise _last(errors)
            except Exception:
                await call.arelease()
                raise
            except BaseException:  # cancelled, perhaps after the provider has begun to answer
                call.give_up("the call was cancelled")
                raise

    async def stream_response(  # noqa: PLR0917  # the SDK's interface
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """
        Decide and stream; settled with the event that ends the response.

        The next candidate is tried only while nothing of an answer has been passed on.
        """
        asked = ModelCall(self._name, system_instructions, input, model_settings, conversation_id, previous_response_id)
        call = await self._start(asked, tools, output_schema, handoffs, prompt)
        note = note_of(call, str(call.decision.model), None)
        errors: list[Exception] = []
        # Not the current span: a generator is left and entered again, and what runs in between is no part of it.
        span = _span(note, tracing)
        span.start()
        begun = False
        try:
            for candidate in call.ranked:
                events = self._models[candidate].stream_response(
                    system_instructions,
                    input,
                    model_settings,
                    tools,
                    output_schema,
                    handoffs,
                    tracing,
                    previous_response_id=previous_response_id,
                    conversation_id=conversation_id,
                    prompt=prompt,
                )
                try:
                    async for event in events:
                        if event.type in _ENDS:
                            settled = await asettle_read(call, candidate, partial(from_openai, event))
                            note.update(note_of(call, candidate, settled))
                        if event.type.endswith(".delta"):
                            call.arrived()
                        begun = True
                        yield event
                except Exception as error:
                    if begun:
                        await call.abroke(error)
                        raise
                    await self._failed(call, candidate, error)
                    errors.append(error)
                    continue
                return
            raise _last(errors)
        except Exception:
            if not begun:
                await call.arelease()
            raise
        finally:
            call.give_up("the stream was left before it stated its usage")
            span.finish()

    async def _start(
        self,
        asked: ModelCall,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        prompt: object,
    ) -> Call:
        fields = described(self._describe, asked)
        kept = asked.conversation_id or asked.previous_response_id or prompt
        if kept and "input_tokens" not in fields:
            raise InvalidTypeError(
                "part of the input is kept by the provider (conversation_id, previous_response_id or prompt), so its "
                "tokens cannot be seen here. State the input_tokens of the call with describe=, or send the history."
            )
        request = request_of(_prompt(asked, tools, output_schema, handoffs), fields)
        return await Call.astart(self._router, request, on_settled=self._on_settled)

    async def _failed(self, call: Call, candidate: str, error: Exception) -> None:
        await call.afailed(candidate, error)
        if not isinstance(error, self._fallback_on):
            raise error


class RoutedProvider(ModelProvider):
    """
    A provider whose model decides anew for each request.

    Agents without a model, and those whose model begins with ``route``, as in ``"route"`` or ``"route:support"``, are
    routed. Any other name is handed to *others*.

    Args:
        router: What decides.
        models: The SDK's model for each candidate of the router.
        describe, on_settled, fallback_on: As for :class:`RoutedModel`.
        others: Knows the models that agents ask for by their own name; None for the SDK's ``MultiProvider``.
    """

    def __init__(
        self,
        router: Router,
        models: Mapping[str, Model],
        *,
        describe: Describe[ModelCall] = None,
        on_settled: Callable[[Settled], object] | None = None,
        fallback_on: tuple[type[Exception], ...] = (APIError,),
        others: ModelProvider | None = None,
    ) -> None:
        def routed(name: str | None) -> RoutedModel:
            return RoutedModel(
                router, models, name=name, describe=describe, on_settled=on_settled, fallback_on=fallback_on
            )

        self._default = routed(None)
        self._routed = routed
        self._others = MultiProvider() if others is None else others

    def get_model(self, model_name: str | None) -> Model:
        """The model that decides anew for each request, or the one of another name."""
        if not model_name:
            return self._default
        if model_name == "route" or model_name.startswith("route:"):
            return self._routed(model_name)
        return self._others.get_model(model_name)

    async def aclose(self) -> None:
        """Close the models of all candidates, and the other provider."""
        await self._default.close()
        close = getattr(self._others, "aclose", None)  # older versions have none
        if close is not None:
            await close()


_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def _last(errors: list[Exception]) -> Exception:
    """The last error, with notes on the others."""
    for error in errors[:-1]:
        errors[-1].add_note(f"tried before: {type(error).__name__}: {error}")
    return errors[-1]


def _span(note: dict[str, Any], tracing: ModelTracing) -> Span[CustomSpanData]:
    return custom_span("llm_tradeoffs", data=note, disabled=tracing.is_disabled() or get_current_trace() is None)


def _prompt(
    asked: ModelCall, tools: list[Tool], output_schema: AgentOutputSchemaBase | None, handoffs: list[Handoff]
) -> Prompt:
    content = read_content(asked.input)
    texts = [asked.instructions or "", *content.texts]
    for tool in tools:
        # Tools that a provider runs have a name only.
        schema = getattr(tool, "params_json_schema", None)
        texts.append(as_text([tool.name, getattr(tool, "description", None), schema]))
    texts += [as_text([each.tool_name, each.tool_description, each.input_json_schema]) for each in handoffs]
    structured = output_schema is not None and not output_schema.is_plain_text()
    if structured and output_schema is not None:
        texts.append(as_text(output_schema.json_schema()))
    return Prompt(
        tuple(text for text in texts if text),
        images=content.images,
        files=content.files,
        tools=bool(tools or handoffs),
        structured_output=structured,
        max_output_tokens=asked.settings.max_tokens,
    )


def reading_of(response: ModelResponse) -> Reading:
    """
    What a response of the Agents SDK says about its call.

    The SDK keeps neither the name of the model nor the tier that served the call.

    Raises:
        InvalidValueError: It states no usage, or a sum over several calls.
        ImpossibleUsageError: Its counts contradict each other.
    """
    usage = response.usage
    if not usage.total_tokens and not usage.input_tokens:
        raise InvalidValueError("the model's answer states no usage: what the call used is unknown, and not nothing.")
    return from_openai({"usage": usage})
