"""
LiteLLM: a routing strategy, a routing plugin and a callback in one object.

:class:`LiteLLMRouting` decides which deployment of a model group a ``litellm.Router`` calls, and turns each response
into its exact cost. There are two ways in:

- :meth:`LiteLLMRouting.install` makes it the router's custom routing strategy. It decides for synchronous and
  asynchronous calls alike, and sees all of a request: its tools, its output format, its limits.
- ``litellm.Router(plugins=[routing])``, or ``router_settings.plugins`` in the configuration of the proxy, makes it a
  ``RoutingPlugin``. LiteLLM runs plugins for asynchronous calls only, shows them the messages and the metadata
  but neither tools nor limits, and lets them do nothing but shorten the list of candidates.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llm_tradeoffs.adapters._chat import NOTE, note_of, schema_of
from llm_tradeoffs.adapters._shared import (
    Call,
    Describe,
    NoModelError,
    Prompt,
    Times,
    as_text,
    checked_models,
    described,
    read_content,
    request_of,
)
from llm_tradeoffs.errors import MissingExtraError

try:
    import litellm
    from litellm.integrations.custom_logger import CustomLogger
    from litellm.types.router import CustomRoutingStrategyBase  # pyright: ignore[reportMissingTypeStubs]  # it has types
except ImportError as problem:
    raise MissingExtraError("litellm", "litellm", "routing in LiteLLM") from problem

if TYPE_CHECKING:
    from litellm.router import Router as LlmRouter
    from litellm.types.router import RoutingContext  # pyright: ignore[reportMissingTypeStubs]  # it has types

    from llm_tradeoffs.router import Decision, Request, Router, Settled

__all__ = ["LiteLLMCall", "LiteLLMRouting"]

_MICROSECOND: Final = timedelta(microseconds=1)
_KEPT: Final = 10_000
"""So many calls are remembered at most; what is on its way for longer than that many others is not settled."""


@attrs.frozen
class LiteLLMCall:
    """
    One request that LiteLLM is about to make, for ``describe``.

    Attributes:
        messages: The messages of a chat, or the input of another endpoint.
        metadata: The metadata of the request; with the proxy, those of key, team and user, too.
        kwargs: All arguments of the call; empty for a plugin, which is not shown them.
    """

    messages: object
    metadata: Mapping[str, Any]
    kwargs: Mapping[str, Any]


@attrs.frozen
class _Attempt:
    """A call that was given to one candidate, and what LiteLLM calls that."""

    call: Call
    candidate: str
    native: str


class _Attempts:
    """The attempts that are on their way, by the ids of their decisions; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Attempt] = OrderedDict()

    def add(self, attempt: _Attempt) -> None:
        with self._lock:
            _keep(self._held, attempt.call.decision.id, attempt)

    def take(self, metadata: Mapping[str, Any], called: str = "") -> _Attempt | None:
        """The attempt that *metadata* tells of, which is then no longer held; of several the latest of *called*."""
        note = _note_in(metadata)
        ids: list[str] = list(note.get("attempts", ())) or [note.get("decision", {}).get("id", "")]
        with self._lock:
            known = [self._held[each] for each in ids if each in self._held]
            if len(ids) > 1 and called:
                known = [each for each in known if each.native.endswith(called)]
            attempt = known[-1] if known else None
            if attempt is not None:
                del self._held[attempt.call.decision.id]
        return attempt


# One for the process: the proxy loads the module of its configuration anew for each place that names it, so the
# plugin that decides and the callback that settles are two objects there.
_ATTEMPTS: Final = _Attempts()


class LiteLLMRouting(CustomLogger):
    """
    Lets a router choose among the deployments of a model group, and settles what calls cost.

    A deployment belongs to a candidate if its ``litellm_params.model`` is the one that *models* states. Groups
    that hold no such deployment are left to LiteLLM. Where several deployments belong to the chosen candidate, one of
    them is taken at random.

    Every attempt of LiteLLM is a decision of its own: what failed is reported to the router, and a retry takes the
    next candidate that was not tried yet. Successful calls are settled from LiteLLM's callbacks; after an asynchronous
    call that is not streamed this has happened when it returns, and decision and cost are in the response's
    ``_hidden_params["llm_tradeoffs"]``. After others it happens in LiteLLM's logging a moment later.

    Args:
        router: What decides.
        models: The ``litellm_params.model`` of each candidate of the router, such as ``"openai/gpt-4.1-mini"``.
        describe: Fields of the :class:`~llm_tradeoffs.router.Request` that the call cannot tell, or a function of a
            :class:`LiteLLMCall`.
        on_settled: Called with what each call cost.

    Raises:
        NoModelError: In a request that no candidate can do; nothing is called.
    """

    def __init__(
        self,
        router: Router,
        models: Mapping[str, str],
        *,
        describe: Describe[LiteLLMCall] = None,
        on_settled: Callable[[Settled], object] | None = None,
    ) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]  # its keywords have no types
        self._router = router
        self._models = checked_models(router, models)
        self._candidates = {native: candidate for candidate, native in self._models.items()}
        self._describe = describe
        self._on_settled = on_settled
        self._lock = threading.Lock()
        self._tried: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def install(self, llm: LlmRouter) -> None:
        """Make this the custom routing strategy of *llm*, and a callback of LiteLLM."""
        llm.set_custom_routing_strategy(_Strategy(self, llm))
        self.listen()

    def listen(self) -> None:
        """Make this a callback of LiteLLM, which settles calls; with the proxy its configuration does that."""
        if self not in litellm.callbacks:
            litellm.callbacks.append(self)

    # ------------------------------------------------------------------------ deciding

    def candidates_in(self, deployments: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
        """The deployments that belong to candidates of the router, by the candidate."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for deployment in deployments:
            candidate = self._candidates.get(deployment.get("litellm_params", {}).get("model", ""))
            if candidate is not None:
                found.setdefault(candidate, []).append(deployment)
        return found

    def request_of(self, asked: LiteLLMCall) -> Request:
        """What the router is asked for a call of LiteLLM."""
        return request_of(_prompt(asked), described(self._describe, asked))

    def start(self, request: Request, available: Collection[str], tried: Sequence[str] = ()) -> Call:
        """
        Decide among what is available and was not tried yet, and reserve; all may be tried again after that.

        Raises:
            NoModelError: None that can do the request is available.
        """
        away = self._away(available)
        decision = self._router.route(request, without=(*away, *tried))
        if decision.model is None and tried:
            decision = self._router.route(request, without=away)
        return self._started(decision, available)

    async def astart(self, request: Request, available: Collection[str], tried: Sequence[str] = ()) -> Call:
        """As :meth:`start`, where the store of budgets is awaited."""
        away = self._away(available)
        decision = await self._router.aroute(request, without=(*away, *tried))
        if decision.model is None and tried:
            decision = await self._router.aroute(request, without=away)
        return self._started(decision, available)

    def _away(self, available: Collection[str]) -> tuple[str, ...]:
        return tuple(model.id for model in self._router.candidates if model.id not in available)

    def _started(self, decision: Decision, available: Collection[str]) -> Call:
        if decision.reason == "none-left":
            able = ", ".join(each.model for each in decision.passed_over)
            raise NoModelError(
                decision,
                f"{able} could do the request, but LiteLLM has no healthy deployment of them in this "
                f"group; it has {', '.join(sorted(available)) or 'none at all'}.",
            )
        return Call(self._router, decision, self._on_settled)

    def begin(self, call: Call, trace: str | None) -> dict[str, Any]:
        """Remember that *call* is on its way. Gives what to write into the metadata of the request."""
        candidate = str(call.decision.model)
        _ATTEMPTS.add(_Attempt(call, candidate, self._models[candidate]))
        if trace is not None:
            with self._lock:
                _keep(self._tried, trace, (*self._tried.get(trace, ()), candidate))
        return note_of(call, candidate, None)

    def tried(self, trace: str | None, metadata: Mapping[str, Any], kwargs: Mapping[str, Any]) -> tuple[str, ...]:
        """The candidates that were tried for the same request before."""
        if trace is None:
            return ()
        with self._lock:
            # A trace may hold several requests of its caller: only LiteLLM's own counters tell a retry from those.
            if not metadata.get("attempted_retries") and not kwargs.get("fallback_depth"):
                self._tried.pop(trace, None)
            return self._tried.get(trace, ())

    async def run(self, context: RoutingContext) -> RoutingContext:
        """Leave only the chosen candidate in the list: LiteLLM's ``RoutingPlugin``."""
        available = {
            self._candidates[native]: native for native in context.candidate_models if native in self._candidates
        }
        if not available:
            return context
        metadata = context.metadata
        before = _note_in(metadata) if metadata.get("attempted_retries") else {}
        attempts: dict[str, str] = before.get("attempts", {})
        request = self.request_of(LiteLLMCall(context.structured_messages, metadata, {}))
        call = await self.astart(request, available, tuple(attempts.values()))
        candidate = str(call.decision.model)
        note = self.begin(call, None)
        # The retries of a request share its metadata, and what failed is reported late: hence all of them.
        context.signals[NOTE] = {**note, "attempts": {**attempts, call.decision.id: candidate}}
        context.candidate_models = [available[candidate]]
        return context

    # ------------------------------------------------------------------------ settling

    def log_success_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,
        start_time: datetime,
        end_time: datetime,
    ) -> None:
        """Settle a synchronous call."""
        attempt = _ATTEMPTS.take(_metadata_of(kwargs), str(kwargs.get("model", "")))
        if attempt is None:
            return
        if kwargs.get("cache_hit"):
            attempt.call.release()
        else:
            attempt.call.settle(attempt.candidate, response_obj, _times(kwargs, start_time, end_time))

    async def async_log_success_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,
        start_time: datetime,
        end_time: datetime,
    ) -> None:
        """Settle an asynchronous call, a stream at its end."""
        attempt = _ATTEMPTS.take(_metadata_of(kwargs), str(kwargs.get("model", "")))
        if attempt is None:
            return
        if kwargs.get("cache_hit"):
            await attempt.call.arelease()
        else:
            await attempt.call.asettle(attempt.candidate, response_obj, _times(kwargs, start_time, end_time))

    async def async_post_call_success_deployment_hook(
        self,
        request_data: dict[str, Any],
        response: Any,
        call_type: object,  # noqa: ARG002  # LiteLLM names it
    ) -> None:
        """Settle an asynchronous call before it returns, and write the cost into its response."""
        if getattr(response, "usage", None) is None:
            return  # a stream, which is settled at its end
        attempt = _ATTEMPTS.take(_metadata_of(request_data))
        if attempt is None:
            return
        settled = await attempt.call.asettle(attempt.candidate, response)
        hidden = getattr(response, "_hidden_params", None)
        if isinstance(hidden, dict):
            hidden[NOTE] = note_of(attempt.call, attempt.candidate, settled)

    def log_failure_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,  # noqa: ARG002  # LiteLLM names it
        start_time: datetime,  # noqa: ARG002  # LiteLLM names it
        end_time: datetime,  # noqa: ARG002  # LiteLLM names it
    ) -> None:
        """Tell the router what failed, and give the money back."""
        attempt = _ATTEMPTS.take(_metadata_of(kwargs), str(kwargs.get("model", "")))
        if attempt is None:
            return
        error = kwargs.get("exception")
        if isinstance(error, BaseException):
            attempt.call.ended(attempt.candidate, error)
        attempt.call.release()

    async def async_log_failure_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,  # noqa: ARG002  # LiteLLM names it
        start_time: datetime,  # noqa: ARG002  # LiteLLM names it
        end_time: datetime,  # noqa: ARG002  # LiteLLM names it
    ) -> None:
        """Tell the router what failed, and give the money back."""
        attempt = _ATTEMPTS.take(_metadata_of(kwargs), str(kwargs.get("model", "")))
        if attempt is None:
            return
        error = kwargs.get("exception")
        if isinstance(error, BaseException):
            await attempt.call.aended(attempt.candidate, error)
        await attempt.call.arelease()


class _Strategy(CustomRoutingStrategyBase):
    """What LiteLLM's router asks for a deployment."""

    def __init__(self, routing: LiteLLMRouting, llm: LlmRouter) -> None:
        self._routing = routing
        self._llm: Any = llm  # its methods give and take dicts of anything
        # Those of the class: the router's own choice, whatever strategy was set before.
        own: Any = type(llm)
        self._own, self._own_async = own.get_available_deployment, own.async_get_available_deployment

    async def async_get_available_deployment(
        self,
        model: str,
        messages: list[dict[str, str]] | None = None,
        input: str | list[Any] | None = None,
        specific_deployment: bool | None = False,
        request_kwargs: dict[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        """The deployment of the chosen candidate."""
        kwargs: dict[str, Any] = {} if request_kwargs is None else request_kwargs
        asked: dict[str, Any] = {
            "model": model,
            "messages": messages,
            "input": input,
            "specific_deployment": specific_deployment,
            "request_kwargs": kwargs,
            **more,
        }
        if specific_deployment or not self._ours(model):
            return await self._own_async(self._llm, **asked)
        healthy = await self._llm.async_get_healthy_deployments(**asked)
        if isinstance(healthy, dict):
            return cast("dict[str, Any]", healthy)
        available = self._routing.candidates_in(healthy)
        described_call, trace, tried = self._read(messages, input, kwargs)
        call = await self._routing.astart(self._routing.request_of(described_call), available, tried)
        return self._give(call, trace, available, kwargs)

    def get_available_deployment(
        self,
        model: str,
        messages: list[dict[str, str]] | None = None,
        input: str | list[Any] | None = None,
        specific_deployment: bool | None = False,
        request_kwargs: dict[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        """The deployment of the chosen candidate."""
        kwargs: dict[str, Any] = {} if request_kwargs is None else request_kwargs
        ours = {} if specific_deployment else self._ours(model)
        if not ours:
            return self._own(
                self._llm,
                model=model,
                messages=messages,
                input=input,
                specific_deployment=specific_deployment,
                request_kwargs=kwargs,
                **more,
            )
        available = self._without_cooling(ours)
        described_call, trace, tried = self._read(messages, input, kwargs)
        call = self._routing.start(self._routing.request_of(described_call), available, tried)
        return self._give(call, trace, available, kwargs)

    def _ours(self, group: str) -> dict[str, list[Mapping[str, Any]]]:
        return self._routing.candidates_in(self._llm.get_model_list(model_name=group) or ())

    def _without_cooling(self, ours: dict[str, list[Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
        """Those that LiteLLM itself is not leaving alone; its synchronous choice has no public step for that."""
        ids = [deployment["model_info"]["id"] for each in ours.values() for deployment in each]
        cooling = {name for name, _ in self._llm.cooldown_cache.get_active_cooldowns(ids, parent_otel_span=None)}
        left = {
            candidate: [each for each in deployments if each["model_info"]["id"] not in cooling]
            for candidate, deployments in ours.items()
        }
        return {candidate: deployments for candidate, deployments in left.items() if deployments}

    def _read(
        self, messages: object, input: object, kwargs: Mapping[str, Any]
    ) -> tuple[LiteLLMCall, str | None, tuple[str, ...]]:
        metadata = _metadata_of(kwargs)
        trace = kwargs.get("litellm_trace_id")
        asked = LiteLLMCall(input if messages is None else messages, metadata, kwargs)
        return asked, trace, self._routing.tried(trace, metadata, kwargs)

    def _give(
        self,
        call: Call,
        trace: str | None,
        available: Mapping[str, list[Mapping[str, Any]]],
        kwargs: dict[str, Any],
    ) -> Mapping[str, Any]:
        # A copy: callers may hand one dict to many calls, and each attempt needs a note of its own.
        kwargs[_metadata_key(kwargs)] = {**_metadata_of(kwargs), NOTE: self._routing.begin(call, trace)}
        return random.choice(available[str(call.decision.model)])


def _times(kwargs: Mapping[str, Any], start: datetime, end: datetime) -> Times | None:
    """
    How long a call took by LiteLLM's own measure, since its logging comes later; None where that makes no sense.

    It is measured with a clock that may be set meanwhile.
    """
    begun: object = kwargs.get("completion_start_time") if kwargs.get("stream") else None
    try:
        whole = Fraction((end - start) // _MICROSECOND, 1000)
        first = Fraction((begun - start) // _MICROSECOND, 1000) if isinstance(begun, datetime) else None
    except TypeError:  # not times, or only one of them with a zone
        return None
    if whole < 0 or (first is not None and not 0 <= first <= whole):
        return None
    return Times(whole, first)


def _keep(remembered: OrderedDict[str, Any], key: str, value: object) -> None:
    remembered[key] = value
    remembered.move_to_end(key)
    while len(remembered) > _KEPT:
        remembered.popitem(last=False)


def _metadata_key(kwargs: Mapping[str, Any]) -> str:
    """Where LiteLLM keeps its own metadata of a request: some endpoints have a ``metadata`` of the provider's."""
    return "litellm_metadata" if kwargs.get("litellm_metadata") is not None else "metadata"


def _metadata_of(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of a request, from its arguments or from what a callback is told: that with our note, if any has."""
    told: Mapping[str, Any] = kwargs.get("litellm_params") or {}
    found = [holder.get(name) for holder in (kwargs, told) for name in ("litellm_metadata", "metadata")]
    held = [cast("dict[str, Any]", each) for each in found if isinstance(each, dict)]
    return next((each for each in held if _note_in(each)), held[0] if held else {})


def _note_in(metadata: Mapping[str, Any]) -> dict[str, Any]:
    signals: Mapping[str, Any] = metadata.get("routing_plugin_signals") or {}
    note: Any = metadata.get(NOTE) or signals.get(NOTE)
    return cast("dict[str, Any]", note) if isinstance(note, dict) else {}


_LIMITS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")


def _prompt(asked: LiteLLMCall) -> Prompt:
    kwargs = asked.kwargs
    content = read_content([kwargs.get("instructions"), asked.messages])
    texts = list(content.texts)
    tools = kwargs.get("tools") or kwargs.get("functions") or ()
    texts += [as_text(tool) for tool in tools]
    of_responses: Mapping[str, Any] = kwargs.get("text") or {}
    schema = schema_of(kwargs.get("response_format") or of_responses.get("format"))
    if schema is not None:
        texts.append(as_text(schema))
    return Prompt(
        tuple(texts),
        images=content.images,
        files=content.files,
        tools=bool(tools),
        structured_output=schema is not None,
        max_output_tokens=next((kwargs[name] for name in _LIMITS if kwargs.get(name) is not None), None),
    )
