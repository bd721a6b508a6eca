"""The options that many verbs share, in groups: the facts, the work, the candidates, the way of choosing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import attrs
import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.errors import InvalidValueError

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.money import Exact
    from llm_tradeoffs.policy import Policy
    from llm_tradeoffs.recommendation import Caps, Mix, Recommendation
    from llm_tradeoffs.workload import Workload

__all__ = [
    "Candidates",
    "Choice",
    "Facts",
    "Work",
    "is_file",
    "is_saved",
    "named",
    "number",
    "pairs",
    "rules_of",
    "spans",
    "whole",
]


# Values as they are written on a command line.

_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)_(?=\d)")


def number(text: str, what: str) -> Exact:
    """A number as it is written, exactly: ``200``, ``187.5``, ``1/3``, ``1_000``. Raises ``InvalidValueError``."""
    from llm_tradeoffs.money import exact

    return exact(_BETWEEN_DIGITS.sub("", text), what)


def whole(text: str, what: str) -> int:
    """A count. Raises ``InvalidValueError`` for what is no number, or a fraction."""
    found = number(text, what)
    if not isinstance(found, int):
        raise InvalidValueError(f"{what} is {text}; it is a whole number.")
    return found


def pairs(texts: Iterable[str] | None, what: str, example: str) -> dict[str, str]:
    """Values by name from ``NAME=VALUE``. Raises ``InvalidValueError`` for another form, or a name stated twice."""
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = (part.strip() for part in text.rpartition("="))
        if not (name and equals and value):
            raise InvalidValueError(f"{what} is {text!r}; write NAME=VALUE, such as {what} {example}.")
        if name in found:
            raise InvalidValueError(f"{what} states {name} twice. Keep one of them.")
        found[name] = value
    return found


def spans(texts: Iterable[str] | None, what: str, example: str) -> dict[str, tuple[Exact, Exact]]:
    """Ranges by name from ``NAME=LOW:HIGH``. Raises ``InvalidValueError`` for another form."""
    found: dict[str, tuple[Exact, Exact]] = {}
    for name, text in pairs(texts, what, example).items():
        low, colon, high = text.partition(":")
        if not colon:
            raise InvalidValueError(f"{what} {name} is {text!r}; write NAME=LOW:HIGH, such as {what} {example}.")
        found[name] = (number(low, f"the low end of {name}"), number(high, f"the high end of {name}"))
    return found


def is_file(name: str) -> bool:
    """Whether a name is that of a file, and not an id of the catalog."""
    return name.endswith(".toml") or "/" in name or "\\" in name


def is_saved(name: str) -> bool:
    """Whether a name is that of a saved answer."""
    return name == "-" or name.endswith(".json")


def named(name: str, catalog: Catalog) -> Workload:
    """
    A workload by the id of a preset, or from a TOML file.

    Raises:
        UnknownNameError, CatalogError, OSError: There is no such preset; the file is wrong, or not there.
    """
    from llm_tradeoffs.workload import Workload

    return Workload.from_toml(name) if is_file(name) else catalog.preset(name)


def rules_of(name: str, catalog: Catalog) -> Policy:
    """
    A policy by its id, or from a TOML file.

    Raises:
        UnknownNameError, CatalogError, OSError: There is no such policy; the file is wrong, or not there.
    """
    from llm_tradeoffs.policy import Policy

    return Policy.from_toml(name) if is_file(name) else Policy.named(name, catalog)


# The facts.


@attrs.frozen(kw_only=True)
class Facts:
    """Whose facts are asked, and of which day."""

    catalog: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="A catalog of your own: a folder laid out like the library's.",
            show_default=False,
            is_eager=True,  # so that it is known when the shell completes a name before it
            rich_help_panel="Facts",
        ),
    ] = None
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="The day whose facts hold, such as 2026-03-01. (Default: the catalog's own.)",
            show_default=False,
            rich_help_panel="Facts",
        ),
    ] = None
    trust: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE",
            help="Only these sources answer, the first one first; say it once for each.",
            show_default=False,
            autocompletion=_complete.sources,
            rich_help_panel="Facts",
        ),
    ] = None

    def held(self) -> Catalog:
        """
        The catalog that is asked.

        Raises:
            CatalogError: It is wrong: every fault with its file and line.
            UnknownNameError: A source of that id does not exist.
        """
        from llm_tradeoffs.catalog import Catalog

        held = Catalog.bundled() if self.catalog is None else Catalog.from_path(self.catalog)
        return held.trusting(*self.trust) if self.trust else held


# The work.


def _field(help_: str, *, metavar: str = "N", choices: tuple[str, ...] = (), complete: Any = None) -> Any:
    return typer.Option(
        metavar="|".join(choices) or metavar,
        help=help_,
        show_default=False,
        autocompletion=_complete.words(*choices) if choices else complete,
        rich_help_panel="Workload",
    )


_WHOLE = {"turns", "longest_tokens", "chunk_overlap_tokens", "instruction_tokens"}
_WORDS = {"task", "priority", "volume", "complexity", "counted_for"}
_SETS = {"needs": "need", "languages": "language"}


@attrs.frozen(kw_only=True)
class Work:
    """What is to be run: a preset or file, with whatever else is stated put in its place; or stated alone."""

    workload: Annotated[
        str | None,
        typer.Option(
            "--workload",
            "-w",
            metavar="PRESET|FILE",
            help="A workload of the catalog by its id, or a TOML file; the options below change it.",
            show_default=False,
            autocompletion=_complete.presets,
            rich_help_panel="Workload",
        ),
    ] = None
    input_tokens: Annotated[str | None, _field("Sent per request, or newly per turn.")] = None
    output_tokens: Annotated[str | None, _field("Produced per request or turn.")] = None
    requests_per_day: Annotated[str | None, _field("The volume; state one of the three.")] = None
    requests_per_month: Annotated[str | None, _field("The volume, per month of 30 days.")] = None
    requests_per_year: Annotated[str | None, _field("The volume, per year of 12 such months.")] = None
    turns: Annotated[str | None, _field("Turns of a conversation.")] = None
    history_resent: Annotated[
        bool | None,
        typer.Option(
            "--history-resent/--no-history-resent",
            help="Whether each turn sends the turns before it again.",
            show_default=False,
            rich_help_panel="Workload",
        ),
    ] = None
    longest_tokens: Annotated[str | None, _field("The longest document or conversation.")] = None
    cached_share: Annotated[
        str | None, _field("Share of the input read from a prompt cache, 0 to 1.", metavar="SHARE")
    ] = None
    batch_share: Annotated[str | None, _field("Share of the requests that may wait, 0 to 1.", metavar="SHARE")] = None
    task: Annotated[str | None, _field("The kind of work.", metavar="TASK", complete=_complete.tasks)] = None
    priority: Annotated[str | None, _field("What matters most.", choices=("cost", "accuracy", "balanced"))] = None
    volume: Annotated[str | None, _field("The volume in words.", choices=("low", "high"))] = None
    complexity: Annotated[str | None, _field("How hard the work is.", choices=("low", "high"))] = None
    need: Annotated[
        list[str] | None,
        _field("What the model must do; once for each.", choices=("vision", "tools", "batch", "structured_output")),
    ] = None
    language: Annotated[list[str] | None, _field("A language to handle; once for each.", metavar="NAME")] = None
    max_ttft_ms: Annotated[str | None, _field("Limit on the time to the first token.", metavar="MS")] = None
    max_response_ms: Annotated[str | None, _field("Limit on the time to the last token.", metavar="MS")] = None
    error_cost: Annotated[str | None, _field("What one wrong answer costs.", metavar="USD")] = None
    min_quality_percent: Annotated[str | None, _field("Least score that will do.", metavar="PERCENT")] = None
    chunk_overlap_tokens: Annotated[str | None, _field("Repeated between chunks of a document.")] = None
    instruction_tokens: Annotated[str | None, _field("Sent again with every chunk.")] = None
    counted_for: Annotated[
        str | None, _field("The model whose tokens were counted.", metavar="MODEL", complete=_complete.models)
    ] = None

    @property
    def stated(self) -> dict[str, Any]:
        """The fields that were stated, by the names of :class:`~llm_tradeoffs.Workload`."""
        found: dict[str, Any] = {}
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.name in {"workload", "need", "language"} or value is None:
                continue
            option = f"--{field.name.replace('_', '-')}"
            if field.name in _WHOLE:
                value = whole(value, option)
            elif isinstance(value, str) and field.name not in _WORDS:
                value = number(value, option)
            found[field.name] = value
        for name, option in _SETS.items():
            if values := getattr(self, option):
                found[name] = frozenset(values)
        return found

    def asked(self, catalog: Catalog, name: str | None = None) -> Workload:
        """
        The workload that was described.

        Args:
            catalog: Where presets are looked up.
            name: The preset or file, where it was named as an argument.

        Raises:
            InvalidValueError: It was not described, or twice; a number is none.
            UnknownNameError, CatalogError, OSError: As :func:`named`; or a field has a value that nobody knows.
        """
        from llm_tradeoffs.workload import Workload

        if name is not None and self.workload is not None and name != self.workload:
            raise InvalidValueError(f"the workload is named twice, {name!r} and {self.workload!r}. Keep one of them.")
        name, stated = name or self.workload, self.stated
        if name is not None:
            found = named(name, catalog)
            return found.with_(**stated) if stated else found
        missing = [option for option in ("input_tokens", "output_tokens") if option not in stated]
        if missing:
            options = " and ".join(f"--{option.replace('_', '-')}" for option in missing)
            raise InvalidValueError(
                f"the workload has no {options}. State both counts of tokens, or name a preset or a TOML file, such "
                "as --workload support-chatbot; `llm-tradeoffs catalog workloads` lists the presets."
            )
        return Workload(**stated)


# Who is asked, and how they are ranked.


@attrs.frozen(kw_only=True)
class Candidates:
    """Which models a question is about."""

    candidate: Annotated[
        list[str] | None,
        typer.Option(
            "--candidate",
            "-c",
            metavar="MODEL",
            help="A model to choose from; once for each. (Default: those that the catalog proposes.)",
            show_default=False,
            autocompletion=_complete.models,
            rich_help_panel="Choice",
        ),
    ] = None
    all_models: Annotated[
        bool,
        typer.Option(
            "--all-models", help="Choose from every model that is known on that day.", rich_help_panel="Choice"
        ),
    ] = False

    def among(self, catalog: Catalog, as_of: str | None) -> list[str] | None:
        """
        The names of the candidates; None for those that the catalog proposes.

        Raises:
            InvalidValueError: Some are named, and all are asked for.
        """
        if not self.all_models:
            return list(self.candidate) if self.candidate else None
        if self.candidate:
            raise InvalidValueError("--candidate and --all-models were both stated. Keep one of them.")
        return [model.id for model in catalog.models(as_of)]


@attrs.frozen(kw_only=True)
class Choice:
    """How one of the candidates is chosen."""

    policy: Annotated[
        str,
        typer.Option(
            metavar="POLICY|FILE",
            help="The rules: the id of a policy, or a TOML file.",
            autocompletion=_complete.policies,
            rich_help_panel="Choice",
        ),
    ] = "guide"
    objective: Annotated[
        str | None,
        typer.Option(
            metavar="expected-cost",
            help="Rank by this instead of following a policy.",
            show_default=False,
            autocompletion=_complete.words("expected-cost"),
            rich_help_panel="Choice",
        ),
    ] = None
    max_cost_per_request: Annotated[
        str | None,
        typer.Option(metavar="USD", help="Cap on a request.", show_default=False, rich_help_panel="Choice"),
    ] = None
    max_cost_per_month: Annotated[
        str | None,
        typer.Option(metavar="USD", help="Cap on a month.", show_default=False, rich_help_panel="Choice"),
    ] = None

    @property
    def caps(self) -> Caps:
        """What may be spent. Raises ``InvalidValueError`` for what is no amount."""
        from llm_tradeoffs.recommendation import Caps

        def cap(text: str | None, option: str) -> Exact | None:
            return None if text is None else number(text, option)

        return Caps(
            cost_per_request=cap(self.max_cost_per_request, "--max-cost-per-request"),
            cost_per_month=cap(self.max_cost_per_month, "--max-cost-per-month"),
        )

    def recommend(
        self, work: Workload | list[Workload], candidates: Candidates, catalog: Catalog, as_of: str | None
    ) -> Recommendation | Mix:
        """The answer of :func:`llm_tradeoffs.recommend`, which raises what is wrong."""
        from llm_tradeoffs import selector

        ask: Callable[..., Recommendation | Mix] = cast("Any", selector.recommend)  # its overloads ask for literals
        return ask(
            work,
            candidates.among(catalog, as_of),
            self.policy if self.objective is not None else rules_of(self.policy, catalog),
            catalog,
            as_of,
            objective=self.objective,  # any text: it refuses what it does not know
            caps=self.caps,
        )
