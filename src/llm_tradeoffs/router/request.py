"""What is asked of the router: one request, by its tokens or by its messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn, cast

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.money import MAX_COUNT, Number, Usd, token_count
from llm_tradeoffs.tokens import EstimatedCounter, TokenCounter
from llm_tradeoffs.workload import NEEDS, Count, Priority, Workload

__all__ = ["Request"]

_OVERRIDES: Final = (
    "task",
    "priority",
    "error_cost",
    "min_quality_percent",
    "max_ttft_ms",
    "max_response_ms",
    "languages",
)
_NO_NEEDS: Final[frozenset[str]] = frozenset()
_KNOWN_NEEDS: Final = frozenset(NEEDS)
_MESSAGE_TOKENS: Final = 8  # what a chat API wraps around a message, generously; OpenAI documents three to four


class Request:
    """
    One request that needs a model.

    >>> Request(input_tokens=2_000, output_tokens=300, max_output_tokens=1_000, needs={"tools"}).reserved_output_tokens
    1000

    What is left out comes from *workload*; what neither says stays unstated, as in a :class:`Workload`.

    Attributes:
        input_tokens: Tokens sent, as counted or estimated. [tokens]
        output_tokens: Tokens expected in the answer. If left out, that of the workload, else
            ``max_output_tokens``. [tokens]
        max_output_tokens: What the call allows the answer to be, the ``max_tokens`` of the API. It is reserved in the
            context window and in the budget; left out, the answer is taken to be ``output_tokens`` at most. [tokens]
        max_input_tokens: The most that the input can be where ``input_tokens`` is an estimate. [tokens]
        needs: Of ``vision``, ``tools``, ``batch``, ``structured_output``; those of the workload come on top.
        tenant: On whose budget the request runs; None for all requests that name nobody.
        session: The conversation that it belongs to; None for none.
        cached_tokens: Of the input, what the session's model holds in its prompt cache; None for what the
            last response of the session says. [tokens]
        max_cost: What the request may cost in the worst case; None for no limit of its own. [USD]
        workload: What kind of request it is, as a :class:`Workload` or the id of a preset; the request states the
            tokens anew.
        overrides: What the request states of the kind of work, by the names of :class:`Workload`.

    Args:
        messages: The messages of a chat, as mappings with ``content``; their texts are estimated where
            ``input_tokens`` is left out, and an image among them means that vision is needed.
        counter: What estimates or counts the texts of *messages*; None for an estimate from their characters.
        task, priority, error_cost, min_quality_percent, max_ttft_ms, max_response_ms, languages: As in
            :class:`Workload`, instead of what *workload* says.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: A value cannot be meant; the message says why.
    """

    # A plain class: one is made for every call of an application.
    __slots__ = (
        "cached_tokens",
        "input_tokens",
        "key",
        "max_cost",
        "max_input_tokens",
        "max_output_tokens",
        "needs",
        "output_tokens",
        "overrides",
        "session",
        "tenant",
        "workload",
    )
    input_tokens: int
    output_tokens: int | None
    max_output_tokens: int | None
    max_input_tokens: int | None
    needs: frozenset[str]
    tenant: str | None
    session: str | None
    cached_tokens: int | None
    max_cost: Usd | None
    workload: Workload | str | None
    overrides: tuple[tuple[str, Any], ...]
    key: tuple[frozenset[str], tuple[tuple[str, Any], ...], str | int | None]

    def __init__(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        max_output_tokens: int | None = None,
        max_input_tokens: int | None = None,
        messages: Sequence[object] | None = None,
        counter: TokenCounter | None = None,
        needs: Iterable[str] = _NO_NEEDS,
        task: str | None = None,
        priority: Priority | None = None,
        error_cost: Usd | Number | None = None,
        min_quality_percent: Count | None = None,
        max_ttft_ms: Count | None = None,
        max_response_ms: Count | None = None,
        languages: Iterable[str] | None = None,
        tenant: str | None = None,
        session: str | None = None,
        cached_tokens: int | None = None,
        max_cost: Usd | Number | None = None,
        workload: Workload | str | None = None,
    ) -> None:
        put = object.__setattr__  # values never change, and this is how they come to be
        wanted = _NO_NEEDS if needs is _NO_NEEDS else _needs(needs)
        if messages is not None:
            counted, most, sees = _counted(messages, input_tokens is None, counter)
            if sees:
                wanted |= {"vision"}
            if input_tokens is None:
                input_tokens = counted
                max_input_tokens = most if max_input_tokens is None else max_input_tokens
        if input_tokens is None:
            raise InvalidTypeError("the request states no input_tokens and no messages. Say one of them.")
        if workload is not None and not isinstance(workload, Workload | str):
            raise InvalidTypeError(f"workload is {workload!r}; expected a Workload, the id of a preset, or None.")
        if output_tokens is None and workload is None:
            output_tokens = max_output_tokens
            if output_tokens is None:
                raise InvalidTypeError(
                    "the request states neither output_tokens nor max_output_tokens. Say how long the answer is "
                    "expected to be, how long it may be, or both."
                )
        input_tokens = _count(input_tokens, "input_tokens")
        put(self, "input_tokens", input_tokens)
        if max_output_tokens is not None:
            max_output_tokens = _count(max_output_tokens, "max_output_tokens")
        put(self, "max_output_tokens", max_output_tokens)
        if output_tokens is not None:
            output_tokens = _count(output_tokens, "output_tokens")
            if max_output_tokens is not None and output_tokens > max_output_tokens:
                raise InvalidValueError(
                    f"output_tokens is {output_tokens:,} and max_output_tokens is {max_output_tokens:,}; an answer "
                    "cannot be expected to be longer than it may be."
                )
        put(self, "output_tokens", output_tokens)
        if max_input_tokens is not None:
            max_input_tokens = _count(max_input_tokens, "max_input_tokens")
            if input_tokens > max_input_tokens:
                raise InvalidValueError(
                    f"input_tokens is {input_tokens:,} and max_input_tokens is {max_input_tokens:,}; raise the latter."
                )
        put(self, "max_input_tokens", max_input_tokens)
        put(self, "needs", wanted)
        put(self, "tenant", None if tenant is None else _name(tenant, "tenant"))
        put(self, "session", None if session is None else _name(session, "session"))
        put(self, "cached_tokens", None if cached_tokens is None else _cached(cached_tokens, input_tokens))
        put(self, "max_cost", None if max_cost is None else _dollars(max_cost))
        put(self, "workload", workload)
        stated = (task, priority, error_cost, min_quality_percent, max_ttft_ms, max_response_ms, languages)
        overrides = () if stated == _NOTHING_STATED else _checked_overrides(stated)
        put(self, "overrides", overrides)
        # Requests of one key differ in their numbers alone, and share what the router worked out for the key. A
        # workload counts by identity: comparing thirty fields would take longer than the decision.
        put(self, "key", (wanted, overrides, workload if workload is None or type(workload) is str else id(workload)))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Request is immutable; cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"Request is immutable; cannot delete {name!r}")

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], Request], tuple[dict[str, Any]]]:
        # Made anew, since the identity of a workload means nothing in another process.
        return _made_again, ({**{name: getattr(self, name) for name in _STATED}, **dict(self.overrides)},)

    @property
    def reserved_output_tokens(self) -> int | None:
        """The most that the answer can be; None where only the workload says. [tokens]"""
        return self.output_tokens if self.max_output_tokens is None else self.max_output_tokens

    def __repr__(self) -> str:
        stated = [
            f"{name}={value!r}" for name in _STATED if name != "needs" and (value := getattr(self, name)) is not None
        ]
        if self.needs:
            stated.append(f"needs={{{', '.join(map(repr, sorted(self.needs)))}}}")
        stated += [f"{name}={_shown(value)}" for name, value in self.overrides]
        return f"Request({', '.join(stated)})"

    def _values(self) -> tuple[Any, ...]:
        return (*(getattr(self, name) for name in _STATED), self.overrides)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Request) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.input_tokens, self.output_tokens, self.max_output_tokens, self.tenant, self.session))


_NOTHING_STATED: Final = (None,) * len(_OVERRIDES)
_STATED: Final = (
    "input_tokens",
    "output_tokens",
    "max_output_tokens",
    "max_input_tokens",
    "needs",
    "tenant",
    "session",
    "cached_tokens",
    "max_cost",
    "workload",
)


def _made_again(stated: dict[str, Any]) -> Request:
    return Request(**stated)


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return f"{{{', '.join(map(repr, sorted(cast('frozenset[str]', value))))}}}"
    return repr(value)


def _count(value: object, what: str) -> int:
    if type(value) is int and 0 <= value <= MAX_COUNT:
        return value
    return token_count(value, what)


def _cached(value: object, input_tokens: int) -> int:
    count = _count(value, "cached_tokens")
    if count > input_tokens:
        raise InvalidValueError(
            f"cached_tokens is {count:,} of {input_tokens:,} input_tokens; a part cannot exceed the total."
        )
    return count


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidTypeError(f"{what} is {value!r}; expected a name as a str that is not empty, or None.")
    return value


def _dollars(value: object) -> Usd:
    amount = value if isinstance(value, Usd) else Usd(value)  # type: ignore[arg-type]  # Usd refuses the rest
    if amount < Usd(0):
        raise InvalidValueError(f"max_cost is {amount}; nothing costs less than nothing.")
    return amount


def _needs(value: object) -> frozenset[str]:
    needs = (
        cast("frozenset[str]", value)
        if type(value) is frozenset
        else frozenset(several_names(value, "needs", "{'vision'}"))
    )
    if not needs <= _KNOWN_NEEDS:
        raise UnknownNameError("need", next(need for need in needs if need not in _KNOWN_NEEDS), NEEDS)
    return needs


def _checked_overrides(stated: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    said = {name: value for name, value in zip(_OVERRIDES, stated, strict=True) if value is not None}
    # A workload checks its fields, and gives each its one form, so that equal statements share what was worked out.
    checked = Workload(input_tokens=0, output_tokens=0, **said)
    return tuple((name, getattr(checked, name)) for name in said)


def _counted(messages: object, count: bool, counter: TokenCounter | None) -> tuple[int, int, bool]:
    """About how many tokens *messages* are, how many at most, and whether an image is among them."""
    if isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Iterable):
        raise InvalidTypeError(
            f"messages are {messages!r}; expected a list such as [{{'role': 'user', 'content': 'Hello'}}]."
        )
    counting = EstimatedCounter() if counter is None else counter
    low = high = 0
    sees = False
    for index, message in enumerate(cast("Iterable[object]", messages)):
        for text in _texts(message, index):
            if text is None:
                sees = True
            elif count:
                found = counting.count(text)
                low, high = low + found.low, high + found.high
        if count:
            low, high = low + _MESSAGE_TOKENS // 2, high + _MESSAGE_TOKENS
    if sees and count:
        raise InvalidTypeError(
            "the messages hold an image, whose tokens depend on the model. Say input_tokens= beside the messages."
        )
    return (low + high) // 2, high, sees


def _texts(message: object, index: int) -> list[str | None]:
    """The texts of a message, None for each image."""
    content: object = message
    found: list[str | None] = []
    if isinstance(message, Mapping):
        fields = cast("Mapping[str, object]", message)
        content = fields.get("content")
        if fields.get("tool_calls"):
            found.append(json.dumps(fields["tool_calls"], ensure_ascii=False, default=str))
    if content is None:
        return found  # a message that only calls tools
    if isinstance(content, str):
        return [content, *found]
    if not isinstance(content, list | tuple):
        raise InvalidTypeError(
            f"messages[{index}] is {message!r}; expected a mapping whose content is a text or a list of parts."
        )
    for part in cast("Sequence[object]", content):
        held: Mapping[str, object] = cast("Mapping[str, object]", part) if isinstance(part, Mapping) else {}
        text = part if isinstance(part, str) else held.get("text")
        if isinstance(text, str):
            found.append(text)
        elif "image" in str(held.get("type", "")):
            found.append(None)
        else:
            raise InvalidTypeError(
                f"messages[{index}] has a part that is neither text nor image: {part!r}. Count it yourself, and say "
                "input_tokens= without messages."
            )
    return found
