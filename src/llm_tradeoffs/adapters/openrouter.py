"""
OpenRouter: a decision as the options of a request, and the response as its cost.

OpenRouter tries the models of a request itself, in the order that it is given, and asks among the providers of
each. So the decision travels with the request: ``models`` are the chosen one and its fallbacks, and ``provider``
keeps OpenRouter from a provider that asks more than was decided with. No package is needed; the
arguments are those of any client that speaks OpenAI's API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from llm_tradeoffs.adapters._chat import schema_of
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
from llm_tradeoffs.errors import TradeoffsError
from llm_tradeoffs.money import divide, exact_text
from llm_tradeoffs.rates import PER_MTOK
from llm_tradeoffs.responses import read_response

if TYPE_CHECKING:
    from llm_tradeoffs.router import Decision, Request, Router, Settled

__all__ = ["OpenRouter", "OpenRouterCall"]

_MOST: Final = 3
"""So many models OpenRouter takes in one request; it refuses more."""
_PRICED: Final = {
    "prompt": ("input_tokens", PER_MTOK),
    "completion": ("output_tokens", PER_MTOK),
    "request": ("requests", 1),
}
"""What ``max_price`` names, our meter for it, and how many of them its amounts are for."""


class OpenRouter:
    """
    Decides for requests to OpenRouter.

    >>> from llm_tradeoffs.router import Router
    >>> names = {"gpt-4.1-mini": "openai/gpt-4.1-mini", "claude-haiku-4.5": "anthropic/claude-haiku-4.5"}
    >>> route = OpenRouter(Router(names), names)
    >>> call = route.start(messages=[{"role": "user", "content": "Hello"}], max_tokens=300)
    >>> call.body["models"], call.body["provider"]
    (['openai/gpt-4.1-mini', 'anthropic/claude-haiku-4.5'], {'max_price': {'prompt': '1', 'completion': '5'}})
    >>> call.settle({
    ...     "model": "openai/gpt-4.1-mini", "object": "chat.completion",
    ...     "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21},
    ... }).cost.total
    Usd('0.0000228')

    Args:
        router: What decides.
        models: OpenRouter's name of each candidate of the router, such as ``"openai/gpt-4.1-mini"``.
        provider: Preferences of your own for OpenRouter's ``provider``, such as ``{"data_collection": "deny"}``; what
            is stated here holds.
        cap_price: Whether providers that ask more per token than the dearest of the models are refused.
        describe: Fields of the :class:`~llm_tradeoffs.router.Request` that the call cannot tell, or a function of
            the arguments of the call.
        on_settled: Called with what each call cost.
    """

    def __init__(
        self,
        router: Router,
        models: Mapping[str, str],
        *,
        provider: Mapping[str, Any] | None = None,
        cap_price: bool = True,
        describe: Describe[Mapping[str, Any]] = None,
        on_settled: Callable[[Settled], object] | None = None,
    ) -> None:
        self._router = router
        self._models = checked_models(router, models)
        self._provider = dict(provider or {})
        self._cap_price = cap_price
        self._describe = describe
        self._on_settled = on_settled

    def start(self, **arguments: Any) -> OpenRouterCall:
        """
        Decide for the chat completion with these *arguments*, and reserve its worst case.

        Args:
            arguments: Those of the call that is to be made: ``messages``, ``tools``, ``max_tokens`` ...

        Raises:
            NoModelError: No candidate can do the request.
        """
        call = Call.start(self._router, self._request(arguments), on_settled=self._on_settled)
        return OpenRouterCall(call, self._models, self._preferences(call.decision), self._named())

    async def astart(self, **arguments: Any) -> OpenRouterCall:
        """As :meth:`start`, where the store of budgets is awaited."""
        call = await Call.astart(self._router, self._request(arguments), on_settled=self._on_settled)
        return OpenRouterCall(call, self._models, self._preferences(call.decision), self._named())

    def _request(self, arguments: Mapping[str, Any]) -> Request:
        content = read_content(arguments.get("messages"))
        tools = arguments.get("tools") or ()
        schema = schema_of(arguments.get("response_format"))
        limits = (arguments.get("max_completion_tokens"), arguments.get("max_tokens"))
        prompt = Prompt(
            (*content.texts, *map(as_text, tools), *(() if schema is None else (as_text(schema),))),
            images=content.images,
            files=content.files,
            tools=bool(tools),
            structured_output=schema is not None,
            max_output_tokens=next((limit for limit in limits if limit is not None), None),
        )
        return request_of(prompt, described(self._describe, arguments))

    def _named(self) -> dict[str, str]:
        """Every name that a response can give a candidate."""
        names = {alias: model.id for model in self._router.candidates for alias in (*model.aliases, model.id)}
        return {**names, **{native: candidate for candidate, native in self._models.items()}}

    def _preferences(self, decision: Decision) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if not decision.request.needs.isdisjoint(("tools", "structured_output")):
            found["require_parameters"] = True
        prices = self._highest(decision) if self._cap_price else {}
        if prices:
            found["max_price"] = prices
        return {**found, **self._provider}

    def _highest(self, decision: Decision) -> dict[str, str]:
        """The highest price among the models that are sent; nothing where one of them is not known."""
        by_id = {model.id: model for model in self._router.candidates}
        sent = decision.request.max_input_tokens or decision.request.input_tokens
        highest: dict[str, str] = {}
        for theirs, (meter, units) in _PRICED.items():
            prices = [by_id[name].rates.price(meter, input_tokens=sent) for name in _ranked(decision)]
            amounts = [Fraction(price.usd.pico) * units / price.per for price in prices if price is not None]
            if amounts and len(amounts) == len(prices):
                # Up to a whole pico-dollar: a limit may be a little too high, never too low.
                highest[theirs] = exact_text(divide(ceil(max(amounts)), 10**12))
        return highest


def _ranked(decision: Decision) -> tuple[str, ...]:
    names = (decision.model, *decision.fallbacks)
    return tuple(name for name in names if name is not None)[:_MOST]


class OpenRouterCall:
    """
    One request that is on its way to OpenRouter.

    Attributes:
        decision: What was decided.
        body: The options as they stand in the JSON of a request: ``models`` and ``provider``.
        arguments: The same for the ``create()`` of OpenAI's client: ``model`` and ``extra_body``.
    """

    def __init__(
        self, call: Call, models: Mapping[str, str], provider: dict[str, Any], named: Mapping[str, str]
    ) -> None:
        self._call = call
        self._named = named
        names = [models[name] for name in _ranked(call.decision)]
        extra = {"provider": provider} if provider else {}
        self.decision = call.decision
        self.body: dict[str, Any] = {"models": names, **extra}
        self.arguments: dict[str, Any] = {"model": names[0], "extra_body": {"models": names[1:], **extra}}

    def settle(self, response: object) -> Settled | None:
        """
        Turn the response into its exact cost, by the model that answered.

        Returns:
            None if the call was closed before; or if the response does not say what it used, or names a model that
            is none of the candidates. That is logged, and the reservation stands until it expires.
        """
        candidate = self._who(response)
        return None if candidate is None else self._call.settle(candidate, response)

    async def asettle(self, response: object) -> Settled | None:
        """As :meth:`settle`."""
        candidate = self._who(response)
        return None if candidate is None else await self._call.asettle(candidate, response)

    def _who(self, response: object) -> str | None:
        try:
            name = read_response(response).model
        except TradeoffsError as problem:
            self._call.give_up(str(problem))
            return None
        candidate = self._named.get(str(name))
        if candidate is None:
            self._call.give_up(f"OpenRouter answered with {name!r}, which is the name of no candidate")
        return candidate

    def failed(self, error: BaseException) -> None:
        """
        Tell the router that none of the models answered.

        The money is given back, unless the call may have been billed nevertheless, as after a timeout.
        """
        self._call.ended(str(self.decision.model), error)

    async def afailed(self, error: BaseException) -> None:
        """As :meth:`failed`."""
        await self._call.aended(str(self.decision.model), error)

    def release(self) -> None:
        """Give the money back for a request that was never made."""
        self._call.release()

    async def arelease(self) -> None:
        """As :meth:`release`."""
        await self._call.arelease()
