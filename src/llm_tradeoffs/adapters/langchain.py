"""
LangChain: a middleware for agents that decides the model of every call, and says what the call really cost.

The agent's other middlewares keep their place: put :class:`RouterMiddleware` first, so that those inside of it see
the model that was chosen and prepare the request for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from llm_tradeoffs.adapters._chat import NOTE, asettle_read, note_of, own_limit, settle_read, stated_limit
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
from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError, MissingExtraError
from llm_tradeoffs.responses import Reading, read_response
from llm_tradeoffs.responses._anthropic import tier_at_speed
from llm_tradeoffs.responses._fields import check_cached_media, part, split_writes, total
from llm_tradeoffs.responses._reading import Counts, usage_from

try:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
    from langchain.agents.structured_output import AutoStrategy, ProviderStrategy, StructuredOutputError, ToolStrategy
    from langchain.chat_models import init_chat_model
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.tools import BaseTool
    from langchain_core.utils.function_calling import convert_to_openai_tool
    from langgraph.errors import GraphBubbleUp
except ImportError as missing:
    raise MissingExtraError("langchain", "langchain", "routing the calls of a LangChain agent") from missing

if TYPE_CHECKING:
    from llm_tradeoffs.router import Request, Router, Settled

__all__ = ["PORTABLE_SETTINGS", "RouterMiddleware", "read_message"]

PORTABLE_SETTINGS: Final = frozenset({"max_tokens", "stop", "temperature", "timeout", "top_p"})
"""The settings of a request that mean the same to every provider's chat model, and so survive a change of provider."""

# The chat models whose API takes Anthropic's markers, by the types that LangChain's own fallback middleware lists.
_TAKES_CACHE_CONTROL: Final = frozenset({"anthropic-chat", "anthropic-bedrock-chat", "anthropic-chat-vertexai"})
_TIERS: Final = ("priority", "flex")
_SAME_TIERS: Final = {"default": "standard", "on_demand": "standard", "auto": None}
_INPUT: Final = frozenset({"cache_read", "cache_creation", "audio", "image", "video", "text"})
_WRITES: Final = frozenset({"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"})
_OUTPUT: Final = frozenset({"reasoning", "audio", "image", "video", "text"})
_SEARCHES: Final = {"web_search_call": "web_searches", "file_search_call": "file_searches"}

_Message = TypeVar("_Message", bound=BaseMessage)


class RouterMiddleware(AgentMiddleware):
    """
    Decides the model of every call of an agent, tries the next one when a model fails, and settles the real cost.

    The decision and the cost are noted in ``response_metadata["llm_tradeoffs"]`` of the answer. A streamed answer
    is settled when its stream has ended. An answer out of LangChain's cache costs nothing and settles nothing.

    When the chosen model is of another provider than the agent's own model, what only the old provider understands
    is left out: of ``model_settings`` all but :data:`PORTABLE_SETTINGS`, and Anthropic's ``cache_control`` in
    messages and tools. What a chat model of *models* is always to have is set in that chat model.

    Args:
        router: Whose decisions are followed.
        models: The chat model of each of the router's candidates, by the name of the candidate; or its name as
            ``init_chat_model`` takes it.
        describe: What the agent's request does not say, such as the tenant, the session, the task or the longest
            answer: fields of a :class:`~llm_tradeoffs.router.Request`, or a function of LangChain's ``ModelRequest``
            that gives them.
        portable_settings: The names of the settings that are kept when the provider changes.
        on_settled: Called with each real cost and the decision that caused it.

    Raises:
        UnknownNameError, InvalidValueError: *models* names what is no candidate, or lacks one that is.
        NoModelError: At a call: no candidate can do the request.
    """

    def __init__(
        self,
        router: Router,
        models: Mapping[str, BaseChatModel | str],
        *,
        describe: Describe[ModelRequest[Any]] = None,
        portable_settings: Iterable[str] = PORTABLE_SETTINGS,
        on_settled: Callable[[Settled], None] | None = None,
    ) -> None:
        super().__init__()
        self._router = router
        self._models: dict[str, BaseChatModel] = {
            name: init_chat_model(model) if isinstance(model, str) else model
            for name, model in checked_models(router, models).items()
        }
        self._vendors = {model.id: model.vendor for model in router.candidates}
        self._describe = describe
        self._portable = frozenset(portable_settings)
        self._on_settled = on_settled

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Decide, call and settle; the next model is tried after one that failed."""
        call = Call.start(self._router, self._request(request), on_settled=self._on_settled)
        failure: Exception | None = None
        for model in call.ranked:
            try:
                response = handler(self._fitted(request, model))
            except GraphBubbleUp:  # the graph pauses or goes elsewhere: no model failed
                call.release()
                raise
            except StructuredOutputError as unfit:  # the model did answer, and is paid for it
                settle_read(call, model, partial(read_message, unfit.ai_message))
                raise
            except Exception as error:  # whatever an SDK raises
                call.failed(model, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the call was interrupted")
                raise
            answer = _answer(response)
            if answer is None:  # another middleware answered instead of a model
                call.release()
                return response
            settled: Settled | None = None
            if _is_cached(answer):
                call.release()
            else:
                settled = settle_read(call, model, partial(read_message, answer))
            return _noted(response, answer, note_of(call, model, settled))
        assert failure is not None  # a call has a model to try
        raise failure

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """As :meth:`wrap_model_call`, for agents that are awaited."""
        call = await Call.astart(self._router, self._request(request), on_settled=self._on_settled)
        failure: Exception | None = None
        for model in call.ranked:
            try:
                response = await handler(self._fitted(request, model))
            except GraphBubbleUp:
                await call.arelease()
                raise
            except StructuredOutputError as unfit:
                await asettle_read(call, model, partial(read_message, unfit.ai_message))
                raise
            except Exception as error:
                await call.afailed(model, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the call was cancelled")
                raise
            answer = _answer(response)
            if answer is None:  # another middleware answered instead of a model
                await call.arelease()
                return response
            settled: Settled | None = None
            if _is_cached(answer):
                await call.arelease()
            else:
                settled = await asettle_read(call, model, partial(read_message, answer))
            return _noted(response, answer, note_of(call, model, settled))
        assert failure is not None
        raise failure

    def _request(self, request: ModelRequest[Any]) -> Request:
        messages: list[BaseMessage] = [*request.messages]
        if request.system_message is not None:
            messages.insert(0, request.system_message)
        content = read_content([{"role": message.type, "content": message.content} for message in messages])
        calls = [message.tool_calls for message in messages if isinstance(message, AIMessage) and message.tool_calls]
        tools = [tool if isinstance(tool, dict) else convert_to_openai_tool(tool) for tool in request.tools]
        schemas = _schemas(request.response_format)
        by_tool = isinstance(request.response_format, ToolStrategy)
        fields = described(self._describe, request)
        limit = stated_limit(request.model_settings)
        prompt = Prompt(
            texts=(*content.texts, *(as_text(item) for item in (*calls, *tools, *schemas))),
            images=content.images,
            files=content.files,
            tools=bool(tools) or by_tool,
            structured_output=request.response_format is not None and not by_tool,
            max_output_tokens=self._own_limit() if limit is None and "max_output_tokens" not in fields else limit,
        )
        return request_of(prompt, fields)

    def _own_limit(self) -> int | None:
        """The longest answer that the chat models themselves allow, if each of them states a limit. [tokens]"""
        limits: list[object] = [getattr(model, "max_tokens", None) for model in self._models.values()]
        return own_limit([limit if isinstance(limit, int) else None for limit in limits])

    def _fitted(self, request: ModelRequest[Any], name: str) -> ModelRequest[Any]:
        """The request for the chosen model, without what only another provider understands."""
        chosen = self._models[name]
        if not self._changes_provider(request.model, name):
            return request.override(model=chosen)
        settings = {key: value for key, value in request.model_settings.items() if key in self._portable}
        if _llm_type(chosen) in _TAKES_CACHE_CONTROL or (self._vendors[name] or "").casefold() == "anthropic":
            return request.override(model=chosen, model_settings=settings)
        return request.override(
            model=chosen,
            model_settings=settings,
            system_message=None if request.system_message is None else _unmarked_message(request.system_message),
            messages=[_unmarked_message(message) for message in request.messages],
            tools=[_unmarked_tool(tool) for tool in request.tools],
        )

    def _changes_provider(self, own: BaseChatModel, name: str) -> bool:
        chosen = self._models[name]
        if own is chosen:
            return False
        if _llm_type(own) != _llm_type(chosen):
            return True
        # Two models of one class may be of two vendors, behind a gateway.
        of_own = next((self._vendors[known] for known, model in self._models.items() if model is own), None)
        return of_own is not None and of_own != self._vendors[name]


def read_message(message: AIMessage) -> Reading:
    """
    What a message of LangChain says that its call used, each token in one place.

    ``usage_metadata`` states totals and parts of them. Of a message without it, what the provider said is read,
    where the integration has kept it in ``response_metadata``.

    >>> read_message(AIMessage("Hello", usage_metadata={
    ...     "input_tokens": 1_000, "output_tokens": 150, "total_tokens": 1_150,
    ...     "input_token_details": {"cache_read": 800}, "output_token_details": {"reasoning": 100},
    ... })).usage
    Usage(input_tokens=1000, cache_read_tokens=800, output_tokens=150, reasoning_tokens=100)

    Args:
        message: The answer of a chat model.

    Raises:
        InvalidTypeError: *message* is no answer, or one of its counts is missing or no whole number.
        InvalidValueError: It states no usage, or has counts that this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    if not isinstance(message, AIMessage):
        raise InvalidTypeError(f"read_message() got a {type(message).__name__}; expected an AIMessage.")
    metadata: dict[str, Any] = message.response_metadata
    name = metadata.get("model_name") or metadata.get("model")
    stated = message.usage_metadata
    if stated is None:
        raw = metadata.get("token_usage") or metadata.get("usage")
        if raw is None:
            raise InvalidValueError(
                "the message states no usage: usage_metadata is None. Of a stream, some providers state it only if "
                "asked: create the chat model with stream_usage=True. Else state the counts with Usage(...)."
            )
        return read_response({"usage": raw, "model": name, "service_tier": metadata.get("service_tier")})
    received, received_tier = _without_tier(stated.get("input_token_details"))
    produced, produced_tier = _without_tier(stated.get("output_token_details"))
    _refuse_unknown(received, _INPUT | _WRITES, "input_token_details")
    _refuse_unknown(produced, _OUTPUT, "output_token_details")
    where = "usage_metadata.input_token_details"
    five_minutes, one_hour = split_writes(
        where,
        part(where, (received, "cache_creation")),
        part(where, (received, "ephemeral_5m_input_tokens")),
        part(where, (received, "ephemeral_1h_input_tokens")),
    )
    reasoning = part("usage_metadata.output_token_details", (produced, "reasoning"))
    counts: Counts = {
        "input_tokens": total(stated, "usage_metadata", "input_tokens"),
        "cache_read_tokens": part(where, (received, "cache_read")),
        "cache_write_5m_tokens": five_minutes,
        "cache_write_1h_tokens": one_hour,
        "output_tokens": _whole_output(stated, reasoning),
        "reasoning_tokens": reasoning,
        **{f"input_{medium}_tokens": part(where, (received, medium)) for medium in ("audio", "image", "video")},
        **{
            f"output_{medium}_tokens": part("usage_metadata.output_token_details", (produced, medium))
            for medium in ("audio", "image", "video")
        },
        **_searches(message),
    }
    check_cached_media(counts)
    raw_usage: object = metadata.get("usage")
    tier = received_tier or produced_tier or metadata.get("service_tier")
    if tier is None and isinstance(raw_usage, Mapping):
        tier = tier_at_speed(cast("object", raw_usage))
    return Reading(
        usage=usage_from(counts),
        model=name,
        service_tier=_SAME_TIERS.get(tier, tier) if tier else None,
        provider=metadata.get("model_provider") or "langchain",
    )


def _whole_output(stated: Mapping[str, Any], reasoning: int) -> int:
    """The output with its reasoning, which some integrations count beside it, as their total tells."""
    received, produced = (total(stated, "usage_metadata", name) for name in ("input_tokens", "output_tokens"))
    everything = part("usage_metadata", (stated, "total_tokens"))
    if everything in (0, received + produced):
        return produced
    if everything == received + produced + reasoning:
        return produced + reasoning
    raise ImpossibleUsageError(
        f"usage_metadata states {received} input_tokens and {produced} output_tokens, which make "
        f"{received + produced}, but total_tokens is {everything}. Find out which the provider bills, and state the "
        "counts with Usage(...)."
    )


def _without_tier(details: object) -> tuple[dict[str, Any], str | None]:
    """The parts of a total by their plain names, and the tier that langchain-openai has put before the names."""
    found: dict[str, Any] = dict(cast("Mapping[str, Any]", details)) if isinstance(details, Mapping) else {}
    for tier in _TIERS:
        if tier in found:
            # What is left of the total beside its named parts: no part of its own.
            rest = {name: count for name, count in found.items() if name != tier}
            return {name.removeprefix(f"{tier}_"): count for name, count in rest.items()}, tier
    return found, None


def _refuse_unknown(details: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for name, count in details.items():
        if name not in known and count:
            raise InvalidValueError(
                f"usage_metadata.{where} has {name} = {count!r}, a count that this release does not know and that may "
                "be billed. State the counts with Usage(...), with these in the place where the provider bills them."
            )


def _searches(message: AIMessage) -> dict[str, int]:
    """The searches that the provider ran and bills, from its own count or else from what the answer shows."""
    blocks = (
        [block for block in message.content if isinstance(block, dict)] if isinstance(message.content, list) else []
    )
    counted = {
        meter: sum(1 for block in blocks if block.get("type") == kind and _is_search(block))
        for kind, meter in _SEARCHES.items()
    }
    usage: object = message.response_metadata.get("usage")
    tools: object = cast("Mapping[str, Any]", usage).get("server_tool_use") if isinstance(usage, Mapping) else None
    if isinstance(tools, Mapping):
        counted["web_searches"] += part("usage.server_tool_use", (cast("object", tools), "web_search_requests"))
    else:
        counted["web_searches"] += sum(
            1
            for block in blocks
            if block.get("type") in ("server_tool_use", "server_tool_call") and block.get("name") == "web_search"
        )
    return counted


def _is_search(block: Mapping[str, Any]) -> bool:
    """Opening a page and searching in it are calls of the same tool, without a fee."""
    action = block.get("action")
    return not isinstance(action, Mapping) or cast("Mapping[str, Any]", action).get("type") in (None, "search")


def _answer(response: ModelResponse[Any]) -> AIMessage | None:
    return next((message for message in response.result if isinstance(message, AIMessage)), None)


def _is_cached(answer: AIMessage) -> bool:
    # LangChain's own mark of an answer out of its cache: it states that it cost nothing.
    return cast("Mapping[str, Any]", answer.usage_metadata or {}).get("total_cost") == 0


def _noted(response: ModelResponse[Any], answer: AIMessage, note: dict[str, Any]) -> ModelResponse[Any]:
    """The response with the note in its answer; the message that the model returned may be in a cache."""
    noted = answer.model_copy(update={"response_metadata": {**answer.response_metadata, NOTE: note}})
    return replace(response, result=[noted if message is answer else message for message in response.result])


def _schemas(response_format: object) -> list[dict[str, Any]]:
    """What is sent along to say how the answer is to look."""
    if response_format is None:
        return []
    # LangChain's strategies are generic over the schema, which is of no interest here.
    strategy: Any = response_format
    if isinstance(response_format, ProviderStrategy):
        return [strategy.schema_spec.json_schema]
    if isinstance(response_format, ToolStrategy):
        return [specification.json_schema for specification in strategy.schema_specs]
    # Left to LangChain, or the bare schema.
    return _schemas(ToolStrategy(schema=strategy.schema if isinstance(response_format, AutoStrategy) else strategy))


def _llm_type(model: BaseChatModel) -> str:
    # The name of the kind of model that every chat model of LangChain has, and its own middlewares tell it by.
    return model._llm_type  # pyright: ignore[reportPrivateUsage]  # LangChain's documented name of a provider's class


def _unmarked(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block of content or a tool without Anthropic's marker, which may also stand in its extras or metadata."""
    found = {key: value for key, value in block.items() if key != "cache_control"}
    for name in ("extras", "metadata"):
        held: object = found.get(name)
        if isinstance(held, Mapping) and "cache_control" in held:
            found[name] = {
                key: value for key, value in cast("Mapping[str, Any]", held).items() if key != "cache_control"
            }
    return found


def _unmarked_message(message: _Message) -> _Message:
    content = message.content
    if isinstance(content, str):
        return message
    blocks = [block if isinstance(block, str) else _unmarked(block) for block in content]
    return message if blocks == content else message.model_copy(update={"content": blocks})


def _unmarked_tool(tool: BaseTool | dict[str, Any]) -> BaseTool | dict[str, Any]:
    if isinstance(tool, dict):
        return _unmarked(tool)
    extras = tool.extras
    if not extras or "cache_control" not in extras:
        return tool
    kept = {key: value for key, value in extras.items() if key != "cache_control"}
    return tool.model_copy(update={"extras": kept or None})
