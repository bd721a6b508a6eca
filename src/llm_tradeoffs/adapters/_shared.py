"""What the adapters share: reading a request, one call on its way, what an error of a provider says."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from fractions import Fraction
from math import inf
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict, TypeVar, cast

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, TradeoffsError, UnknownNameError
from llm_tradeoffs.router.health import perhaps_billed

if TYPE_CHECKING:
    from typing import Self

    from llm_tradeoffs.money import Number, Usd
    from llm_tradeoffs.router import Decision, Request, Router, Settled
    from llm_tradeoffs.tokens import TokenCounter
    from llm_tradeoffs.workload import Count, Priority, Workload

__all__ = [
    "Call",
    "Content",
    "Describe",
    "Failure",
    "NoModelError",
    "Prompt",
    "RequestFields",
    "Times",
    "as_text",
    "checked_models",
    "described",
    "failure_of",
    "read_content",
    "request_of",
]

_T = TypeVar("_T")
_C = TypeVar("_C")
_LOG: Final = logging.getLogger("llm_tradeoffs.adapters")


class NoModelError(TradeoffsError, LookupError):
    """
    No candidate can do the request, so none was called.

    Attributes:
        decision: The decision; it says why, and which candidate comes nearest.
        detail: What stood in the way after a decision that does name a model; None otherwise.
    """

    def __init__(self, decision: Decision, detail: str | None = None) -> None:
        super().__init__(decision, detail)
        self.decision = decision
        self.detail = detail

    def __str__(self) -> str:
        return f"no candidate was called: {self.detail or self.decision.because}"


# ---------------------------------------------------------------------------- reading a request


class RequestFields(TypedDict, total=False):
    """
    What a framework's own request cannot say, by the names of :class:`~llm_tradeoffs.router.Request`.

    What is stated here holds, with two exceptions: ``needs`` are added to those of the framework's request, and
    ``max_output_tokens`` is for requests that state no limit themselves. ``tokens_per_image`` is not of
    ``Request``: how many tokens to count for each image that is sent. [tokens]
    """

    input_tokens: int
    output_tokens: int
    max_output_tokens: int
    max_input_tokens: int
    tokens_per_image: int
    counter: TokenCounter
    needs: Iterable[str]
    task: str
    priority: Priority
    error_cost: Usd | Number
    min_quality_percent: Count
    max_ttft_ms: Count
    max_response_ms: Count
    languages: Iterable[str]
    tenant: str
    session: str
    cached_tokens: int
    max_cost: Usd | Number
    workload: Workload | str


Describe = RequestFields | Callable[[_C], RequestFields] | None
"""Fields for every request, or a function of what the framework hands over; see the adapter."""


def described(describe: Describe[_C], context: _C) -> RequestFields:
    """
    The fields that *describe* states for one request.

    Raises:
        InvalidTypeError: They are no mapping.
        UnknownNameError: There is no such field.
    """
    if describe is None:
        return {}
    fields = describe(context) if callable(describe) else describe
    if not isinstance(fields, Mapping):
        raise InvalidTypeError(
            f"describe gave {fields!r} of type {type(fields).__name__}; expected a dict such as {{'tenant': 'acme'}}."
        )
    for name in fields:
        if name not in RequestFields.__annotations__:
            raise UnknownNameError("field of a request", name, RequestFields.__annotations__)
    return fields


@attrs.frozen
class Prompt:
    """
    What a framework's request holds, in our terms.

    Attributes:
        texts: All that is sent as text: instructions, messages, the schemas of tools and of the output.
        images: How many images are sent.
        files: How many files of other kinds are sent: sound, video, documents.
        tools: Whether tools are offered.
        structured_output: Whether the answer has to follow a schema.
        max_output_tokens: The limit on the answer that the framework's request states; None for none. [tokens]
    """

    texts: tuple[str, ...]
    images: int = 0
    files: int = 0
    tools: bool = False
    structured_output: bool = False
    max_output_tokens: int | None = None


def request_of(prompt: Prompt, fields: RequestFields) -> Request:
    """
    The request that a prompt makes, together with what was described.

    Tokens are estimated from the text unless *fields* state them.

    Raises:
        InvalidTypeError: Nobody says how long the answer may be, or how many tokens an image or a file is.
    """
    from llm_tradeoffs.router import Request

    stated: dict[str, Any] = {name: value for name, value in fields.items() if name != "tokens_per_image"}
    stated["needs"] = {
        *fields.get("needs", ()),
        *(
            need
            for need, wanted in (
                ("vision", prompt.images),
                ("tools", prompt.tools),
                ("structured_output", prompt.structured_output),
            )
            if wanted
        ),
    }
    limit = prompt.max_output_tokens
    if limit is not None:
        stated["max_output_tokens"] = limit
        if "output_tokens" in fields:
            # What answers usually are is no longer than what this one may be.
            stated["output_tokens"] = min(fields["output_tokens"], limit)
    elif fields.keys().isdisjoint(("output_tokens", "max_output_tokens", "workload")):
        raise InvalidTypeError(
            "the call states no limit on the length of its answer, so nothing can be said of its cost. State the limit "
            "in the call (max_tokens, or as the framework names it), or describe={'output_tokens': ..., "
            "'max_output_tokens': ...} in the adapter."
        )
    if "input_tokens" in fields:
        return Request(**stated)
    if prompt.files:
        raise InvalidTypeError(
            f"the call sends {prompt.files} file{'s' * (prompt.files > 1)} that are neither text nor image, whose "
            "tokens depend on the model. State the input_tokens of the call, and what it needs, with describe= in the "
            "adapter."
        )
    stated["messages"] = [{"role": "user", "content": text} for text in prompt.texts]
    request = Request(**stated)
    if not prompt.images:
        return request
    if "tokens_per_image" not in fields:
        raise InvalidTypeError(
            f"the call sends {prompt.images} image{'s' * (prompt.images > 1)}, whose tokens depend on the model. Say "
            "describe={'tokens_per_image': ...} in the adapter, or state the input_tokens of the call there."
        )
    of_images = prompt.images * fields["tokens_per_image"]
    most = request.input_tokens if request.max_input_tokens is None else request.max_input_tokens
    del stated["messages"]
    stated["input_tokens"], stated["max_input_tokens"] = request.input_tokens + of_images, most + of_images
    return Request(**stated)


_IMAGE_TYPES: Final = frozenset({"image", "image_url", "input_image"})
_FILE_TYPES: Final = frozenset(
    {"file", "input_file", "document", "input_audio", "audio", "audio_url", "video", "video_url"}
)
_TEXT_FIELDS: Final = ("text", "content", "arguments", "output", "input", "thinking", "refusal")


class Content(NamedTuple):
    """
    What messages hold.

    Attributes:
        texts: Their texts, in order.
        images: How many images.
        files: How many files of other kinds.
    """

    texts: tuple[str, ...]
    images: int
    files: int


def read_content(messages: object) -> Content:
    """
    What is in messages of Chat Completions, Responses or Anthropic's Messages.

    A tool call counts with its name and arguments, a tool's result with its text.

    Args:
        messages: A text, one message, or several; dicts, or objects with the same attributes.
    """
    found = list(_pieces(messages))
    texts = tuple(piece for piece in found if isinstance(piece, str) and piece)
    return Content(texts, found.count(_IMAGE), found.count(_FILE))


_IMAGE: Final = 1
_FILE: Final = 2


def _pieces(value: object) -> Iterator[str | int]:
    """The texts in *value*, and :data:`_IMAGE` or :data:`_FILE` for what is none."""
    if value is None:
        return
    if isinstance(value, str):
        yield value
        return
    if isinstance(value, list | tuple):
        for item in cast("list[object]", value):
            yield from _pieces(item)
        return
    kind = _field(value, "type")
    if isinstance(kind, str) and kind in _IMAGE_TYPES:
        yield _IMAGE
        return
    if isinstance(kind, str) and kind in _FILE_TYPES:
        yield _FILE
        return
    name = _field(value, "name")
    if isinstance(name, str) and _field(value, "role") is None:
        yield name
    for field in _TEXT_FIELDS:
        held = _field(value, field)
        # The arguments of a tool call are an object where a provider parses them.
        yield from (as_text(cast("object", held)),) if isinstance(held, Mapping) else _pieces(held)
    yield from _pieces(_field(value, "tool_calls"))
    yield from _pieces(_field(value, "function"))


def _field(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).get(name)
    return getattr(value, name, None)


def as_text(value: object) -> str:
    """What a schema or the arguments of a tool are as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def checked_models(router: Router, models: Mapping[str, _T]) -> dict[str, _T]:
    """
    What the framework calls each candidate, by the candidate's id.

    Args:
        models: By any name that the candidate has: its id, or an alias.

    Raises:
        UnknownNameError: A name is no candidate's.
        InvalidValueError: A candidate has no entry, or two.
    """
    if not isinstance(models, Mapping):
        raise InvalidTypeError(f"models is {models!r}; expected a dict from a candidate's id to the framework's model.")
    names = {name: model.id for model in router.candidates for name in (*model.aliases, model.id)}
    found: dict[str, _T] = {}
    for name, native in models.items():
        if name not in names:
            raise UnknownNameError("candidate of the router", name, (model.id for model in router.candidates))
        if names[name] in found:
            raise InvalidValueError(f"models has two entries for {names[name]!r}; one of them is {name!r}. Keep one.")
        found[names[name]] = native
    missing = [model.id for model in router.candidates if model.id not in found]
    if missing:
        raise InvalidValueError(
            f"models has no entry for {', '.join(map(repr, missing))}, so the router could choose what cannot be "
            "called. Add one, or leave the candidate out of the router."
        )
    return found


# ---------------------------------------------------------------------------- what an error says


@attrs.frozen
class Failure:
    """
    What an error says about the provider that it came from.

    Attributes:
        status: The HTTP status; None if the error states none, as for a timeout.
        retry_after: How long the provider asks to be left alone; None if it does not say. [s]
    """

    status: int | None
    retry_after: float | None


def failure_of(error: BaseException) -> Failure:
    """
    The status and the wait that an error of an SDK or a framework states.

    Looks at the error, at those that it was raised from, and into groups of errors. A ``Retry-After`` that
    is a date is read against the ``Date`` of the same response, so that no clock is asked.
    """
    status: int | None = None
    wait: float | None = None
    for one in _chain(error):
        status = _status(one) if status is None else status
        wait = _wait(one) if wait is None else wait
    return Failure(status, wait)


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(cast("BaseExceptionGroup[BaseException]", one).exceptions)
        waiting.extend(cause for cause in (one.__cause__, one.__context__) if cause is not None)


def _status(error: BaseException) -> int | None:
    found = [getattr(error, name, None) for name in ("status_code", "status", "http_status", "code")]
    found.append(getattr(getattr(error, "response", None), "status_code", None))
    return next((value for value in found if type(value) is int and 100 <= value <= 599), None)


def _wait(error: BaseException) -> float | None:
    for holder in (getattr(error, "response", None), error):
        for name in ("headers", "litellm_response_headers"):
            headers = getattr(holder, name, None)
            if headers is not None and callable(getattr(headers, "items", None)):
                found = {str(key).casefold(): str(value) for key, value in headers.items()}
                wait = _stated_wait(found)
                if wait is not None:
                    return wait
    return _seconds(getattr(error, "retry_after", None))


def _stated_wait(headers: Mapping[str, str]) -> float | None:
    precise = _seconds(headers.get("retry-after-ms"))
    if precise is not None:
        return precise / 1000
    stated = headers.get("retry-after")
    wait = _seconds(stated)
    if wait is not None or stated is None:
        return wait
    try:
        until, now = parsedate_to_datetime(stated), parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds())


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < inf else None


# ---------------------------------------------------------------------------- a call on its way


class Times(NamedTuple):
    """
    How long an answer took.

    Attributes:
        response_ms, ttft_ms: Until it was whole, and until its first token; None where nobody measured that. [ms]
    """

    response_ms: Fraction | None
    ttft_ms: Fraction | None


def _ms(nanoseconds: int) -> Fraction:
    return Fraction(nanoseconds // 1000, 1000)


class Call:
    """
    One request on its way: decided, tried, and settled, released or given up exactly once.

    Safe to use from several threads; frameworks report the end of a call from where they like.

    How long an answer takes is measured here, by a clock that nobody sets: from the decision, or from when the
    request is :meth:`sent` where that is later, until the call is settled.

    Attributes:
        decision: The decision that holds now; after a failure the one about what to try next.
    """

    __slots__ = ("_began", "_first", "_lock", "_on_settled", "_open", "_router", "decision")

    def __init__(self, router: Router, decision: Decision, on_settled: Callable[[Settled], object] | None) -> None:
        if decision.model is None:
            raise NoModelError(decision)
        self._router = router
        self._on_settled = on_settled
        self._lock = threading.Lock()
        self._open = True
        self._began = perf_counter_ns()
        self._first: int | None = None
        self.decision = decision

    @classmethod
    def start(
        cls,
        router: Router,
        request: Request,
        *,
        on_settled: Callable[[Settled], object] | None = None,
    ) -> Self:
        """
        Decide, and reserve the money.

        Raises:
            NoModelError: No candidate can do the request.
        """
        return cls(router, router.route(request), on_settled)

    @classmethod
    async def astart(
        cls,
        router: Router,
        request: Request,
        *,
        on_settled: Callable[[Settled], object] | None = None,
    ) -> Self:
        """As :meth:`start`, where the store of budgets is asked without blocking."""
        return cls(router, await router.aroute(request), on_settled)

    @property
    def ranked(self) -> Iterator[str]:
        """The candidates to try: the chosen one, and after each that :meth:`failed` the next in the policy's order."""
        while self.decision.model is not None:
            decision = self.decision
            yield decision.model  # type: ignore[misc]  # mypy forgets it was looked at
            if self.decision is decision:
                return

    @property
    def closed(self) -> bool:
        """Whether the call has been settled, released or given up."""
        return not self._open

    def _close(self) -> bool:
        with self._lock:
            was_open, self._open = self._open, False
        return was_open

    def _goes_on(self, decision: Decision) -> None:
        with self._lock:
            self.decision, self._open = decision, decision.model is not None
            self._began, self._first = perf_counter_ns(), None

    def sent(self) -> None:
        """The request goes to the model only now: what came before is not the model's time."""
        self._began, self._first = perf_counter_ns(), None

    def arrived(self) -> None:
        """A part of the answer is there; the first one tells the time to the first token."""
        if self._first is None:
            self._first = perf_counter_ns()

    def _times(self) -> Times:
        first = self._first
        return Times(_ms(perf_counter_ns() - self._began), None if first is None else _ms(first - self._began))

    def failed(self, model: str, error: BaseException) -> None:
        """
        Tell the router that *model* did not answer, and decide what to try next, with a reservation of its own.

        Does nothing where another candidate is being tried by now.
        """
        if model == self.decision.model:
            said = failure_of(error)
            self._goes_on(self._router.reroute(self.decision, status=said.status, retry_after=said.retry_after))

    async def afailed(self, model: str, error: BaseException) -> None:
        """As :meth:`failed`."""
        if model == self.decision.model:
            said = failure_of(error)
            self._goes_on(await self._router.areroute(self.decision, status=said.status, retry_after=said.retry_after))

    def ended(self, model: str, error: BaseException) -> None:
        """
        Tell the router that *model* did not answer, where somebody else decides whether anything is tried next.

        The money is given back, unless the call may have been billed nevertheless.
        """
        if self._close():
            said = failure_of(error)
            self._router.failed(self.decision, status=said.status, retry_after=said.retry_after, model=model)
            if not perhaps_billed(said.status):
                self._router.release(self.decision)

    async def aended(self, model: str, error: BaseException) -> None:
        """As :meth:`ended`."""
        if self._close():
            said = failure_of(error)
            await self._router.afailed(self.decision, status=said.status, retry_after=said.retry_after, model=model)
            if not perhaps_billed(said.status):
                await self._router.arelease(self.decision)

    def broke(self, error: BaseException) -> None:
        """Tell the router that the answer broke off, where it is too late to try another candidate."""
        said = failure_of(error)
        self._router.failed(self.decision, status=said.status, retry_after=said.retry_after)

    async def abroke(self, error: BaseException) -> None:
        """As :meth:`broke`."""
        said = failure_of(error)
        await self._router.afailed(self.decision, status=said.status, retry_after=said.retry_after)

    def settle(self, model: str, response: object, times: Times | None = None) -> Settled | None:
        """
        Turn the real response into its exact cost, and the reservation into that.

        Args:
            model: The candidate that answered.
            response: The response, or its :class:`~llm_tradeoffs.usage.Usage`.
            times: How long it took, where the framework has measured that; None for what was measured here.

        Returns:
            What it cost; None if the call was closed before, or the response does not say what it used. The
            latter is logged as a warning, and the reservation stands until it expires: what a call cost is
            unknown then, and not nothing.
        """
        if not self._close():
            return None
        whole, first = times or self._times()
        try:
            settled = self._router.settle(self.decision, response, model=model, response_ms=whole, ttft_ms=first)
        except TradeoffsError as problem:
            self._warn(problem)
            return None
        return self._told(settled)

    def settle_further(self, model: str, response: object) -> Settled | None:
        """
        Count one more call of *model* for the same request, which was made without asking.

        It gets a decision of its own, and is counted whether or not the budgets have room for it.
        """
        others = [each.id for each in self._router.candidates if each.id != model]
        try:
            decision = self._router.route(self.decision.request, without=others)
            settled = self._router.settle(decision, response, model=model)
        except TradeoffsError as problem:
            self._warn(problem)
            return None
        return self._told(settled)

    async def asettle(self, model: str, response: object, times: Times | None = None) -> Settled | None:
        """As :meth:`settle`."""
        if not self._close():
            return None
        whole, first = times or self._times()
        try:
            settled = await self._router.asettle(self.decision, response, model=model, response_ms=whole, ttft_ms=first)
        except TradeoffsError as problem:
            self._warn(problem)
            return None
        return self._told(settled)

    def _told(self, settled: Settled) -> Settled:
        if self._on_settled is not None:
            self._on_settled(settled)
        return settled

    def _warn(self, problem: TradeoffsError) -> None:
        _LOG.warning("the cost of decision %s is unknown: %s", self.decision.id, problem)

    def release(self) -> None:
        """No candidate answered: give the reserved money back. Does nothing once the call is closed."""
        if self._close():
            self._router.release(self.decision)

    async def arelease(self) -> None:
        """As :meth:`release`."""
        if self._close():
            await self._router.arelease(self.decision)

    def give_up(self, why: str) -> None:
        """A candidate answered, and nobody knows what it used: the reservation stands until it expires."""
        if self._close():
            _LOG.warning("the cost of decision %s is unknown: %s", self.decision.id, why)
