"""
DSPy: a language model that decides for every call which of several does it, and says what the call really cost.

It is used like any other: ``with dspy.context(lm=RoutedLM(...))`` for a block, ``dspy.configure(lm=...)`` for all.
"""

# DSPy has no annotations, so the types of its members are unknown to type checkers.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import is_dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

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
    as_text,
    checked_models,
    described,
    read_content,
    request_of,
)
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError
from llm_tradeoffs.responses import Reading, from_litellm, read_response

try:
    import dspy  # type: ignore[import-untyped]  # it ships no types
except ImportError as missing:
    raise MissingExtraError("dspy", "dspy", "routing the calls of DSPy programs") from missing

if TYPE_CHECKING:
    from llm_tradeoffs.router import Request, Router, Settled

__all__ = ["LMCall", "RoutedLM", "read_entry"]

_HISTORY: Final = "the LM recorded no history entry of the call, as DSPy's own do, so nobody knows what it used"


class LMCall(NamedTuple):
    """
    One call of a language model, as DSPy makes it; what ``describe`` is a function of.

    Attributes:
        prompt: The text, or DSPy's typed request; None where there are messages.
        messages: The messages as dicts; None where there is a prompt.
        settings: The keyword arguments of the call, such as ``max_tokens``, with those of the :class:`RoutedLM`.
    """

    prompt: Any
    messages: list[dict[str, Any]] | None
    settings: dict[str, Any]


class RoutedLM(dspy.BaseLM):  # type: ignore[misc]  # DSPy ships no types
    """
    A language model of DSPy that decides for every call which of *lms* does it.

    The next one is tried when one fails. What an answer really cost is settled when it is there, a streamed one
    when its stream has ended; an answer out of DSPy's cache costs nothing and settles nothing. Decision and cost
    are noted in the entry of the history, under ``"llm_tradeoffs"``.

    Settings of the call (``temperature``, ``max_tokens``, ``rollout_id`` ...) go to the language model that is
    chosen, over its own.

    Args:
        router: Whose decisions are followed.
        lms: The language model of each of the router's candidates, by the name of the candidate.
        describe: What the call does not say, such as the tenant, the session, the task or the longest answer:
            fields of a :class:`~llm_tradeoffs.router.Request`, or a function of an :class:`LMCall` that gives them.
        on_settled: Called with each real cost and the decision that caused it.

    Raises:
        UnknownNameError, InvalidValueError: *lms* names what is no candidate, or lacks one that is.
        NoModelError: At a call: no candidate can do the request.
    """

    def __init__(
        self,
        router: Router,
        lms: Mapping[str, dspy.BaseLM],
        *,
        describe: Describe[LMCall] = None,
        on_settled: Callable[[Settled], None] | None = None,
    ) -> None:
        super().__init__(model="llm-tradeoffs/routed", temperature=None, max_tokens=None)
        self._router = router
        self._lms: dict[str, Any] = checked_models(router, lms)
        self._describe = describe
        self._on_settled = on_settled

    @property
    def supports_function_calling(self) -> bool:
        """Whether each of the language models can call tools."""
        return all(lm.supports_function_calling for lm in self._lms.values())

    @property
    def supports_reasoning(self) -> bool:
        """Whether each of the language models can reason."""
        return all(lm.supports_reasoning for lm in self._lms.values())

    @property
    def supports_response_schema(self) -> bool:
        """Whether each of the language models can follow a schema."""
        return all(lm.supports_response_schema for lm in self._lms.values())

    @property
    def supported_params(self) -> set[str]:
        """The settings that each of the language models takes."""
        return set[str].intersection(*(set(lm.supported_params) for lm in self._lms.values()))

    def dump_state(self) -> dict[str, Any]:
        """
        Refused: a router is no text, so a program is saved without it.

        Raises:
            InvalidTypeError: Always.
        """
        raise InvalidTypeError(
            "a RoutedLM cannot be written to a file: it holds a router, with budgets and what was observed. Save the "
            "program without it, and set it again after loading; with dspy.context(lm=...) it is never in the program."
        )

    def copy(self, **settings: Any) -> RoutedLM:
        """The same with other settings, and a history of its own; the language models are shared."""
        made = copy.copy(self)
        made.history = []
        made.kwargs = {**self.kwargs, **settings}
        return made

    def __call__(self, prompt: Any = None, messages: list[dict[str, Any]] | None = None, **settings: Any) -> Any:
        """Decide, call and settle; the next language model is tried after one that failed."""
        asked = LMCall(prompt, messages, self._settings(settings))
        call = Call.start(self._router, self._request(asked), on_settled=self._on_settled)
        failure: Exception | None = None
        for name in call.ranked:
            attempt = _Attempt(self._lms[name], prompt)
            try:
                with dspy.context(disable_history=False), _handed_over(attempt.lm, messages):
                    outputs = attempt.lm(attempt.prompt, messages=messages, **asked.settings)
            except Exception as error:  # whatever an SDK raises
                call.failed(name, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the call was interrupted")
                raise
            settled: Settled | None = None
            if attempt.entry is None:
                call.give_up(_HISTORY)
            elif _is_cached(attempt.entry):
                call.release()
            else:
                settled = settle_read(call, name, partial(read_entry, attempt.entry))
            self._record(attempt, note_of(call, name, settled))
            return outputs
        assert failure is not None  # a call has a model to try
        raise failure

    async def acall(self, prompt: Any = None, messages: list[dict[str, Any]] | None = None, **settings: Any) -> Any:
        """As a call, awaited."""
        asked = LMCall(prompt, messages, self._settings(settings))
        call = await Call.astart(self._router, self._request(asked), on_settled=self._on_settled)
        failure: Exception | None = None
        for name in call.ranked:
            attempt = _Attempt(self._lms[name], prompt)
            try:
                with dspy.context(disable_history=False), _handed_over(attempt.lm, messages):
                    outputs = await attempt.lm.acall(attempt.prompt, messages=messages, **asked.settings)
            except Exception as error:
                await call.afailed(name, error)
                failure = error
                continue
            except BaseException:
                call.give_up("the call was cancelled")
                raise
            settled: Settled | None = None
            if attempt.entry is None:
                call.give_up(_HISTORY)
            elif _is_cached(attempt.entry):
                await call.arelease()
            else:
                settled = await asettle_read(call, name, partial(read_entry, attempt.entry))
            self._record(attempt, note_of(call, name, settled))
            return outputs
        assert failure is not None
        raise failure

    def _settings(self, of_call: Mapping[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in self.kwargs.items() if value is not None}
        return {**own, **of_call}

    def _request(self, asked: LMCall) -> Request:
        fields = described(self._describe, asked)
        content = read_content(_content(asked))
        tools: Any = asked.settings.get("tools") or getattr(asked.prompt, "tools", None) or ()
        schema = schema_of(asked.settings.get("response_format"))
        return request_of(
            Prompt(
                texts=(*content.texts, *map(as_text, tools), *(() if schema is None else (as_text(schema),))),
                images=content.images,
                files=content.files,
                tools=bool(tools),
                structured_output=schema is not None,
                max_output_tokens=self._limit(asked, own="max_output_tokens" not in fields),
            ),
            fields,
        )

    def _limit(self, asked: LMCall, *, own: bool) -> int | None:
        """The longest answer that the call allows, over all of several answers. [tokens]"""
        stated = stated_limit(asked.settings) or getattr(getattr(asked.prompt, "config", None), "max_tokens", None)
        if stated is None and own:
            stated = own_limit([stated_limit(lm.kwargs) for lm in self._lms.values()])
        return None if stated is None else stated * (asked.settings.get("n") or 1)

    def _record(self, attempt: _Attempt, note: dict[str, Any]) -> None:
        if attempt.entry is not None and not dspy.settings.disable_history:
            attempt.entry[NOTE] = note
            self.update_history(attempt.entry)


class _Attempt:
    """One candidate at work, by a copy whose history entry comes here and not among those of other threads."""

    def __init__(self, lm: Any, prompt: Any) -> None:
        self.entry: dict[str, Any] | None = None
        # Shallow: DSPy's own copy() was deep once, and would start a scripted model of a test anew.
        self.lm = copy.copy(lm)
        self.lm.update_history = self._keep
        # A typed request names its model, and is refused by any other.
        self.prompt: Any = replace(prompt, model=lm.model) if is_dataclass(prompt) else prompt  # type: ignore[type-var]  # is_dataclass() says so

    def _keep(self, entry: dict[str, Any]) -> None:
        self.entry = entry


def read_entry(entry: Mapping[str, Any]) -> Reading:
    """
    What an entry of DSPy's history says that its call used, each token in one place.

    >>> read_entry({
    ...     "response_model": "gpt-4.1-mini",
    ...     "usage": {
    ...         "prompt_tokens": 1_000, "completion_tokens": 150, "total_tokens": 1_150,
    ...         "prompt_tokens_details": {"cached_tokens": 800},
    ...     },
    ... }).usage
    Usage(input_tokens=1000, cache_read_tokens=800, output_tokens=150)

    Args:
        entry: One of ``lm.history``.

    Raises:
        InvalidTypeError: One of its counts is missing or no whole number.
        InvalidValueError: It states no usage, has counts that this release does not know, or is of several calls
            or of none, since the answer came from DSPy's cache.
        ImpossibleUsageError: Its counts contradict each other.
    """
    response: object = entry.get("response")
    usage: object = entry.get("usage")
    if _is_cached(entry):
        raise InvalidValueError("the entry is of an answer out of DSPy's cache: nothing was called, and nothing costs.")
    calls = _calls(response)
    if len(calls) != 1:
        raise InvalidValueError(
            f"the entry is of {len(calls)} calls, since several answers were asked for and each was a call; "
            "thresholds and fees hold for one call. Ask for them one by one, with a rollout_id= each."
        )
    if response is None or _is_own(response):
        if not isinstance(usage, Mapping):
            raise InvalidValueError("the entry of the history states no usage, so nobody knows what the call used.")
        # DSPy's own responses count as each provider does; the entry has the counts in LiteLLM's one meaning.
        return from_litellm({"usage": cast("object", usage), "model": entry.get("response_model")})
    return read_response(calls[0])


def _calls(response: object) -> Sequence[object]:
    return cast("Sequence[object]", response) if isinstance(response, tuple | list) else (response,)


def _package(response: object) -> str:
    return next((type(held).__module__.partition(".")[0] for held in _calls(response)), "")


def _is_cached(entry: Mapping[str, Any]) -> bool:
    """Whether DSPy had the answer in its cache; then it leaves the usage of the entry empty."""
    response = entry.get("response")
    if getattr(response, "cache_hit", False):
        return True
    # Not everything out of the cache is marked. LiteLLM always counts what it calls, and a response of DSPy's own
    # still knows what it used when it was new.
    counted = getattr(getattr(response, "usage", None), "input_tokens", None)
    return not entry.get("usage") and (_package(response) == "litellm" or (_is_own(response) and counted is not None))


def _is_own(response: object) -> bool:
    return _package(response) == "dspy"


def _content(call: LMCall) -> object:
    if call.messages is not None:
        return call.messages
    if not is_dataclass(call.prompt):
        return call.prompt
    request: Any = call.prompt
    return [request.system, *({"role": message.role, "content": message.parts} for message in request.messages)]


def _handed_over(lm: Any, messages: object) -> AbstractContextManager[Any]:
    """
    Says to DSPy 3.4 that these messages come from one of its adapters.

    Its adapters still make messages as dicts, and warn everybody else who does so that this will end. Ours are
    theirs, handed on.
    """
    try:
        from dspy.clients._deprecation import adapter_message_call  # type: ignore[import-untyped]  # as above
    except ImportError:  # an older release, or a newer one
        return nullcontext()
    made: AbstractContextManager[Any] = adapter_message_call(lm, messages)
    return made
