"""
How many tokens a text is: counted where the tokenizer is at hand, else estimated and called so.

Tokens of different models are different units: the same text is about 30 % more tokens for Claude
Haiku 5.5 than for Haiku 4.5. A catalog holds such ratios as facts; counts are converted with them
before a workload is priced under another model.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.model import Model

__all__ = ["BpeCounter", "EstimatedCounter", "TokenCount", "TokenCounter", "count_tokens"]


@attrs.frozen
class TokenCount:
    """
    The number of tokens of a text.

    Attributes:
        low, high: The least and the most it is taken to be; equal if it was counted. [tokens]
        method: How it was found, for a reader.
    """

    low: int
    high: int
    method: str

    @property
    def is_exact(self) -> bool:
        """Whether it was counted, not estimated."""
        return self.low == self.high

    @property
    def tokens(self) -> int:
        """
        The exact number. [tokens]

        Raises:
            InvalidValueError: It is an estimate; read :attr:`low` and :attr:`high`.
        """
        if not self.is_exact:
            raise InvalidValueError(f"{self}; read .low and .high, or count with the model's own tokenizer.")
        return self.low

    def __str__(self) -> str:
        if self.is_exact:
            return f"{self.low:,} tokens ({self.method})"
        return f"estimated at {self.low:,} to {self.high:,} tokens ({self.method})"


@runtime_checkable
class TokenCounter(Protocol):
    """What counts or estimates the tokens of a text. A provider's counting API fits behind it, too."""

    def count(self, text: str) -> TokenCount:
        """The tokens of *text* alone, without what a chat API wraps around a message."""
        ...


@attrs.frozen
class BpeCounter:
    """
    Counts exactly with one of OpenAI's encodings, offline; needs the extra ``tokens``.

    Attributes:
        encoding: ``o200k_base``, ``cl100k_base`` ...

    Raises:
        MissingExtraError: ``bpe-openai`` is not installed.
        InvalidValueError: There is no such encoding.
    """

    encoding: str

    def __attrs_post_init__(self) -> None:
        _encoding(self.encoding)

    def count(self, text: str) -> TokenCount:
        """The tokens of *text*; text that spells a special token counts as ordinary text."""
        number = len(_encoding(self.encoding).encode_ordinary(_text(text)))
        return TokenCount(number, number, f"counted with {self.encoding}")


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


@cache
def _encoding(name: str) -> _Encoding:
    with warnings.catch_warnings():
        # It opens its vocabulary in a way that Python 3.11 and 3.12 call deprecated; nothing a user could mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import bpe_openai  # type: ignore[import-untyped]  # it ships no types
        except ImportError:
            raise MissingExtraError("bpe-openai", "tokens", "counting tokens exactly") from None
        names: list[str] = bpe_openai.list_encoding_names()
        if name not in names:
            raise InvalidValueError(f"there is no encoding {name!r} here; known: {', '.join(names)}.")
        made: _Encoding = bpe_openai.get_encoding(name)
    return made


@attrs.frozen
class EstimatedCounter:
    """
    Estimates without a tokenizer, as an interval.

    English prose has about four characters a token, by the vendors' own rule of thumb; 1.5 to five and a
    half hold prose, code and tables in Latin letters. Other scripts have four characters a token to three
    tokens a character. An estimate is no bound: a text of rare words or of blanks can lie outside.
    """

    def count(self, text: str) -> TokenCount:
        """About how many tokens *text* is."""
        latin = sum(1 for character in _text(text) if character < "\u0250")
        others = len(text) - latin
        low = -(-(latin * 2) // 11) + -(-others // 4)
        high = -(-(latin * 2) // 3) + 3 * others
        return TokenCount(low, high, f"estimated from {len(text):,} characters")


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidTypeError(f"expected a text, got {text!r} of type {type(text).__name__}.")
    return text


def count_tokens(text: str, model: str | Model, *, catalog: Catalog | None = None) -> TokenCount:
    """
    How many tokens *text* is for *model*.

    Counted exactly where the catalog names the model's encoding and the extra ``tokens`` is installed,
    otherwise estimated from the characters.

    >>> count_tokens("Which model for this work?", "claude-haiku-4.5").is_exact
    False

    Args:
        text: The text of a prompt or an answer.
        model: A name in the catalog, or a :class:`Model`.
        catalog: Where names are looked up; None for the bundled catalog.

    Raises:
        UnknownNameError: The model is not known.
        InvalidTypeError: *text* is no text.
    """
    from llm_tradeoffs.costing import resolve_model

    resolved, _ = resolve_model(model, catalog, None)
    if resolved.tokenizer is None:
        return EstimatedCounter().count(text)
    try:
        counter = BpeCounter(resolved.tokenizer)
    except (MissingExtraError, InvalidValueError) as problem:
        estimate = EstimatedCounter().count(text)
        return attrs.evolve(estimate, method=f"{estimate.method}; {problem}")
    return counter.count(text)
