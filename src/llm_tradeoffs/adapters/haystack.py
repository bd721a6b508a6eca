"""
Haystack: a chat generator that decides for every request which of several does it, and says what that really cost.

It stands in a pipeline, or in an agent, wherever another chat generator would.
"""

# No `from __future__ import annotations`: Haystack reads the types of a component's inputs, and its 2.19 takes
# postponed ones for texts.
import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple, cast

from llm_tradeoffs.adapters._chat import (
    NOTE,
    asettle_read,
    note_of,
    own_limit,
    schema_of,
    settle_read,
    stated_limit,
)
from llm_tradeoffs.adapters._shared import (
    Call,
    Describe,
    Prompt,
    RequestFields,
    as_text,
    checked_models,
    described,
    read_content,
    request_of,
)
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError
from llm_tradeoffs.responses import Reading, from_anthropic, read_response
from llm_tradeoffs.router import Request, Router, Settled

try:
    from haystack import component
    from haystack.components.generators.chat.types import ChatGenerator
    from haystack.dataclasses import ChatMessage, StreamingCallbackT, StreamingChunk
    from haystack.tools import ToolsType, flatten_tools_or_toolsets
except ImportError as missing:
    raise MissingExtraError("haystack-ai", "haystack", "routing the requests of a Haystack pipeline") from missing

__all__ = ["ChatRequest", "RoutedChatGenerator", "read_reply"]

_TOTALS: Final = frozenset({"input_tokens", "output_tokens"})


class ChatRequest(NamedTuple):
    """
    One request as Haystack makes it; what ``describe`` is a function of.

    Attributes:
        messages: The messages.
        generation_kwargs: The settings of this request, such as ``max_tokens``.
        tools: The tools that are offered.
    """

    messages: list[ChatMessage]
    generation_kwargs: dict[str, Any]
    tools: ToolsType | None


@component
class RoutedChatGenerator:
    """
    A chat generator that decides for every request which of *chat_generators* does it.

    The next one is tried when one fails, unless a part of its answer has been streamed already. What an answer
    really cost is settled when it is there; a streamed one when its stream has ended. Decision and cost are noted
    in the ``meta`` of the replies and in the output ``meta``, under ``"llm_tradeoffs"``.

    Args:
        router: Whose decisions are followed.
        chat_generators: The chat generator of each of the router's candidates, by the name of the candidate.
        describe: What the request does not say, such as the tenant, the session, the task or the longest answer:
            fields of a :class:`~llm_tradeoffs.router.Request`, or a function of a :class:`ChatRequest` that gives
            them. What differs from run to run can also be sent to the input ``fields``.
        on_settled: Called with each real cost and the decision that caused it.

    Raises:
        UnknownNameError, InvalidValueError: *chat_generators* names what is no candidate, or lacks one that is.
        NoModelError: At a run: no candidate can do the request.
    """

    def __init__(
        self,
        router: Router,
        chat_generators: Mapping[str, ChatGenerator],
        *,
        describe: Describe[ChatRequest] = None,
        on_settled: Callable[[Settled], None] | None = None,
    ) -> None:
        self._router = router
        self._generators: dict[str, Any] = checked_models(router, chat_generators)
        self._describe = describe
        self._on_settled = on_settled

    def warm_up(self) -> None:
        """Prepare each of the chat generators."""
        for generator in self._generators.values():
            if hasattr(generator, "warm_up"):
                generator.warm_up()

    def to_dict(self) -> dict[str, Any]:
        """
        Refused: a router is no text, so a pipeline with one is built in code.

        Raises:
            InvalidTypeError: Always.
        """
        raise InvalidTypeError(
            "a RoutedChatGenerator cannot be written to a file: it holds a router, with budgets and what was observed. "
            "Save the pipeline without it, and add it in code after loading."
        )

    @component.output_types(replies=list[ChatMessage], meta=dict[str, Any])
    def run(
        self,
        messages: list[ChatMessage],
        generation_kwargs: dict[str, Any] | None = None,
        tools: ToolsType | None = None,
        streaming_callback: StreamingCallbackT | None = None,
        fields: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """
        Decide, call and settle; the next chat generator is tried after one that failed.

        Args:
            messages: The messages.
            generation_kwargs: Settings for the chat generator that is chosen.
            tools: The tools that the model may call.
            streaming_callback: Called with each part of the answer as it arrives.
            fields: What *describe* says otherwise, for this run.

        Returns:
            The ``replies`` of the chat generator, and its ``meta`` with the decision.
        """
        asked = ChatRequest(messages, generation_kwargs or {}, tools)
        call = Call.start(self._router, self._request(asked, fields), on_settled=self._on_settled)
        failure: Exception | None = None
        for name in call.ranked:
            stream = _Stream(streaming_callback, call)
            try:
                result = self._generators[name].run(**_inputs(asked, stream.sync_callback))
            except Exception as error:  # whatever an SDK raises
                if stream.started:  # another answer cannot follow on a part of this one
                    call.broke(error)
                    call.give_up("the answer broke off after a part of it")
                    raise
                call.failed(name, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the call was interrupted")
                raise
            reply = _first(result)
            settled = None if reply is None else settle_read(call, name, partial(read_reply, reply))
            return _noted(result, note_of(call, name, settled))
        assert failure is not None  # a call has a model to try
        raise failure

    @component.output_types(replies=list[ChatMessage], meta=dict[str, Any])
    async def run_async(
        self,
        messages: list[ChatMessage],
        generation_kwargs: dict[str, Any] | None = None,
        tools: ToolsType | None = None,
        streaming_callback: StreamingCallbackT | None = None,
        fields: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """As :meth:`run`, awaited; a chat generator that cannot be awaited runs in a thread."""
        asked = ChatRequest(messages, generation_kwargs or {}, tools)
        call = await Call.astart(self._router, self._request(asked, fields), on_settled=self._on_settled)
        failure: Exception | None = None
        for name in call.ranked:
            generator = self._generators[name]
            stream = _Stream(streaming_callback, call)
            try:
                if hasattr(generator, "run_async"):
                    result = await generator.run_async(**_inputs(asked, stream.callback))
                else:
                    result = await asyncio.to_thread(generator.run, **_inputs(asked, stream.sync_callback))
            except Exception as error:
                if stream.started:  # another answer cannot follow on a part of this one
                    await call.abroke(error)
                    call.give_up("the answer broke off after a part of it")
                    raise
                await call.afailed(name, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the call was cancelled")
                raise
            reply = _first(result)
            settled = None if reply is None else await asettle_read(call, name, partial(read_reply, reply))
            return _noted(result, note_of(call, name, settled))
        assert failure is not None
        raise failure

    def _request(self, asked: ChatRequest, fields: dict[str, Any] | None) -> Request:
        # `described` names what is wrong with the fields of a run, too.
        stated = cast("RequestFields", {**described(self._describe, asked), **described(cast("Any", fields), asked)})
        tools = [tool.tool_spec for tool in flatten_tools_or_toolsets(asked.tools)] if asked.tools else []
        schema = schema_of(asked.generation_kwargs.get("response_format"))
        texts = [text for message in asked.messages for text in _texts(message)]
        prompt = Prompt(
            texts=(*texts, *map(as_text, tools), *(() if schema is None else (as_text(schema),))),
            images=sum(len(message.images) for message in asked.messages),
            files=sum(len(getattr(message, "files", ())) for message in asked.messages),
            tools=bool(tools),
            structured_output=schema is not None,
            max_output_tokens=self._limit(asked, own="max_output_tokens" not in stated),
        )
        return request_of(prompt, stated)

    def _limit(self, asked: ChatRequest, *, own: bool) -> int | None:
        """The longest answer that the request allows, or else the chat generators themselves. [tokens]"""
        stated = stated_limit(asked.generation_kwargs)
        if stated is None and own:
            return own_limit(
                [stated_limit(getattr(held, "generation_kwargs", None)) for held in self._generators.values()]
            )
        return stated


class _Stream:
    """A streaming callback that remembers whether a part of the answer came, and tells the call so."""

    def __init__(self, callback: StreamingCallbackT | None, call: Call) -> None:
        self.started = False
        self._callback = callback
        self._call = call

    @property
    def sync_callback(self) -> StreamingCallbackT | None:
        return None if self._callback is None else self._send

    @property
    def callback(self) -> StreamingCallbackT | None:
        """For a chat generator that is awaited, which takes callbacks of both kinds and tells them apart."""
        return self._asend if inspect.iscoroutinefunction(self._callback) else self.sync_callback

    def _send(self, chunk: StreamingChunk) -> None:
        self.started = True
        self._call.arrived()
        assert self._callback is not None
        self._callback(chunk)

    async def _asend(self, chunk: StreamingChunk) -> None:
        self.started = True
        self._call.arrived()
        assert self._callback is not None
        await cast("Any", self._callback(chunk))


def read_reply(reply: ChatMessage) -> Reading:
    """
    What a reply of a chat generator says that its call used, each token in one place.

    >>> read_reply(ChatMessage.from_assistant("Hello", meta={
    ...     "model": "gpt-4.1-mini",
    ...     "usage": {"prompt_tokens": 1_000, "completion_tokens": 150, "total_tokens": 1_150},
    ... })).usage
    Usage(input_tokens=1000, output_tokens=150)

    Args:
        reply: One of the replies; each of several to one request states the usage of all.

    Raises:
        InvalidTypeError: One of its counts is missing or no whole number.
        InvalidValueError: It states no usage, or has counts that this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    usage = reply.meta.get("usage")
    if not usage:
        raise InvalidValueError(
            "the reply states no usage in its meta. Of a stream OpenAI's Chat Completions state it only if asked: "
            "generation_kwargs={'stream_options': {'include_usage': True}}."
        )
    if usage.keys() <= _TOTALS:
        # Providers differ in where they count the parts. Without parts all mean the same.
        return from_anthropic({"type": "message", "usage": usage, "model": reply.meta.get("model")})
    return read_response(reply.meta)


def _inputs(asked: ChatRequest, callback: StreamingCallbackT | None) -> dict[str, Any]:
    """What is stated; a chat generator need not take what is not."""
    stated = {"generation_kwargs": asked.generation_kwargs, "tools": asked.tools, "streaming_callback": callback}
    return {"messages": asked.messages, **{name: value for name, value in stated.items() if value}}


def _texts(message: ChatMessage) -> Iterator[str]:
    yield from message.texts
    for call in message.tool_calls:
        yield as_text({"name": call.tool_name, "arguments": call.arguments})
    for result in message.tool_call_results:
        yield from read_content(result.result).texts


def _first(result: Mapping[str, Any]) -> ChatMessage | None:
    replies: list[ChatMessage] = result["replies"]
    return replies[0] if replies else None


def _noted(result: Mapping[str, Any], note: dict[str, Any]) -> dict[str, Any]:
    """The output with the note; the replies are copies, since a chat generator may give the same message again."""
    replies = [replace(reply, _meta={**reply.meta, NOTE: note}) for reply in result["replies"]]
    return {**result, "replies": replies, "meta": {**result.get("meta", {}), NOTE: note}}
