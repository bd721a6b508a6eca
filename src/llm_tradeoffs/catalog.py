"""Dated facts about models, from several sources, and the rule that says which of them answers."""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, runtime_checkable

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, NoFactOnDateError, UnknownNameError
from llm_tradeoffs.facts import CALLER, Alias, Fact, Source, alias_of, as_day, in_force, most_trusted
from llm_tradeoffs.model import FACT_FIELDS, Model, Score, multiplier_fact, price_fact
from llm_tradeoffs.money import divide
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Multiplier, Price, RateCard, group_of, step_of
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from os import PathLike

    from llm_tradeoffs.plot import CatalogPlots

NamedT = TypeVar("NamedT")

__all__ = ["Benchmark", "Catalog", "Conflict", "ModelRecord", "Task"]


@attrs.frozen(kw_only=True)
class Benchmark:
    """
    A test that models are scored on.

    Attributes:
        id: Short name, such as ``"mmlu"``.
        name: The name for people.
        measures: What a high (or low) score says.
        unit: Unit of the scores; empty for a judgement in words.
        scale: The lowest and highest possible score, or None for a judgement.
        higher_is_better: False for a rate of errors.
        facts: What sources say about the test itself (how many questions), all of them.
    """

    id: str
    name: str
    measures: str
    unit: str = "%"
    scale: tuple[int, int] | None = None
    higher_is_better: bool = True
    facts: tuple[Fact, ...] = ()

    def percent_right(self, score: Range) -> Range | None:
        """
        The share of right answers that *score* stands for, or None where it is no percentage. [%]

        A rate of errors counts from the other end: 2.3 % wrong is 97.7 % right.
        """
        if self.unit != "%":
            return None
        return score if self.higher_is_better else Range(100, unit="%") - score


@attrs.frozen(kw_only=True)
class Task:
    """
    A kind of work and the benchmark that speaks for it.

    Attributes:
        id: Short name, such as ``"math"``.
        name: The name for people.
        benchmark: The benchmark's id.
        because: Why this benchmark speaks for the task.
        source: Id of the source that says so.
    """

    id: str
    name: str
    benchmark: str
    because: str
    source: str


def _aliases(names: Iterable[Alias | str]) -> tuple[Alias, ...]:
    return tuple(alias_of(name) for name in names)


@attrs.frozen(kw_only=True)
class ModelRecord:
    """
    Everything that every source says about a model, on all days.

    Attributes:
        id, name, vendor: As in :class:`Model`.
        aliases: Other exact names of it, each with the days on which it means this model.
        prices: Published price rows.
        multipliers: Published factors on prices, of a tier or a region.
        facts: Statements about the fields of a model.
        scores: Statements of benchmark results; their field is ``scores.<benchmark>``, their value a :class:`Score`.
    """

    id: str
    name: str | None = None
    vendor: str | None = None
    aliases: tuple[Alias, ...] = attrs.field(default=(), converter=_aliases)
    prices: tuple[Price, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    facts: tuple[Fact, ...] = ()
    scores: tuple[Fact, ...] = ()

    @classmethod
    def of(cls, model: Model) -> ModelRecord:
        """A model written by hand, or taken from another catalog, as the rows that state it."""
        known = model.sources
        return cls(
            id=model.id,
            name=model.name,
            vendor=model.vendor,
            aliases=model.aliases,
            prices=model.rates.prices,
            multipliers=model.rates.multipliers,
            facts=tuple(known[name] for name in FACT_FIELDS if name in known),
            scores=tuple(
                attrs.evolve(known[f"scores.{score.benchmark}"], value=score, subject=model.id)
                for score in model.scores
            ),
        )

    def on(self, day: date, trust: Sequence[str]) -> Model:
        """
        The model as the most trusted sources describe it on *day*.

        Raises:
            NoFactOnDateError: Nothing at all is recorded for that day; with the first day, or the last.
        """
        prices = prices_on(self.prices, day, trust)
        facts = resolved_facts(self.facts, day, trust)
        scores = resolved_facts(self.scores, day, trust)
        if not (prices or facts or scores):
            raise self._nothing_on(day, trust)
        stated: dict[str, Any] = {name: fact.value for name, fact in facts.items()}
        return Model(
            self.id,
            usd_per_mtok=RateCard(prices, multipliers_on(self.multipliers, day, trust)),
            name=self.name,
            vendor=self.vendor,
            aliases=tuple(alias.name for alias in self.aliases if alias.holds(day)),
            scores=tuple(fact.value for fact in scores.values() if isinstance(fact.value, Score)),
            sources={**facts, **scores},
            **stated,
        )

    def _nothing_on(self, day: date, trust: Sequence[str]) -> NoFactOnDateError:
        stated: tuple[Price | Fact, ...] = (*self.prices, *self.facts, *self.scores)
        rows = [row for row in stated if row.source.id in trust]
        later = [row.effective_from for row in rows if row.effective_from is not None and row.effective_from > day]
        ends = [row.effective_until for row in rows if row.effective_until is not None and row.effective_until <= day]
        subject = f"fact about {self.id} from a trusted source"
        if later:
            return NoFactOnDateError(subject, day.isoformat(), min(later).isoformat())
        last = max(ends).isoformat() if ends else None
        return NoFactOnDateError(subject, day.isoformat(), last, last)


def turning_days(record: ModelRecord) -> set[date]:
    """The days on which a row or an alias of *record* begins to hold or ceases to."""
    rows: tuple[Price | Multiplier | Fact | Alias, ...] = (
        *record.prices,
        *record.multipliers,
        *record.facts,
        *record.scores,
        *record.aliases,
    )
    return {day for row in rows for day in (row.effective_from, row.effective_until) if day is not None}


def resolved_facts(rows: Iterable[Fact], day: date, trust: Sequence[str]) -> dict[str, Fact]:
    """For each field the statement that answers on *day*."""
    by_field: dict[str, list[Fact]] = {}
    for row in rows:
        by_field.setdefault(row.field, []).append(row)
    found = {field: most_trusted(of_field, day, trust) for field, of_field in by_field.items()}
    return {field: fact for field, fact in found.items() if fact is not None}


def prices_on(rows: Iterable[Price], day: date, trust: Sequence[str]) -> tuple[Price, ...]:
    """
    The price rows that answer on *day*.

    One source answers for all thresholds, steps and hours of a meter in a tier and region: a ladder with
    steps of two sources is nobody's price list.
    """
    groups: dict[tuple[str, str, str | None], list[Price]] = {}
    for row in rows:
        if in_force(row, day):
            groups.setdefault(group_of(row), []).append(row)
    chosen: list[Price] = []
    for group in groups.values():
        answer = most_trusted(group, day, trust)
        if answer is None:
            continue
        steps: dict[object, Price] = {}
        for row in group:
            if row.source.id == answer.source.id:
                held = steps.get(step_of(row))
                if held is None or (held.effective_from or date.min) < (row.effective_from or date.min):
                    steps[step_of(row)] = row
        chosen.extend(steps.values())
    return tuple(chosen)


def multipliers_on(rows: Iterable[Multiplier], day: date, trust: Sequence[str]) -> tuple[Multiplier, ...]:
    """The factors that answer on *day*, those for one meter from the most trusted source that has any."""
    groups: dict[tuple[str | None, str | None, str], list[Multiplier]] = {}
    for row in rows:
        if in_force(row, day):
            for meter in row.meters:
                groups.setdefault((row.service_tier, row.region, meter), []).append(row)
    meters: dict[Multiplier, list[str]] = {}
    for (_, _, meter), group in groups.items():
        answer = most_trusted(group, day, trust)
        if answer is not None:
            meters.setdefault(answer, []).append(meter)
    return tuple(attrs.evolve(row, meters=held) for row, held in meters.items())


@attrs.frozen(kw_only=True)
class Conflict:
    """
    A fact on which sources disagree.

    Attributes:
        subject: The model or benchmark.
        field: The property.
        facts: The statements, most trusted first; the first one answers.
    """

    subject: str
    field: str
    facts: tuple[Fact, ...]

    @property
    def chosen(self) -> Fact:
        """The statement that answers under the catalog's trust order."""
        return self.facts[0]

    def __str__(self) -> str:
        said = "; ".join(f"{fact.source.id} says {fact.citation.value}" for fact in self.facts)
        return f"{self.subject} {self.field}: {said}"


def _names_of(records: Mapping[str, ModelRecord]) -> dict[str, tuple[Alias, ...]]:
    return {record.id: record.aliases for record in records.values()}


class NameTable:
    """
    Whose name is whose, day by day.

    Raises:
        InvalidValueError: A name belongs to two models on one day.
    """

    __slots__ = ("_always", "_dated")

    def __init__(self, names: Mapping[str, Iterable[Alias]]) -> None:
        self._always: dict[str, str] = {}
        self._dated: dict[str, list[tuple[Alias, str]]] = {}
        for owner, aliases in names.items():
            for alias in (Alias(owner), *aliases):
                self._add(alias, owner)

    def _add(self, alias: Alias, owner: str) -> None:
        name = alias.name
        if alias.effective_from is None and alias.effective_until is None and name not in self._dated:
            rival = self._always.setdefault(name, owner)
        else:
            known = self._dated.setdefault(
                name, [(Alias(name), held)] if (held := self._always.pop(name, None)) else []
            )
            rival = next((of for other, of in known if of != owner and other.overlaps(alias)), owner)
            known.append((alias, owner))
        if rival != owner:
            raise InvalidValueError(f"the name {name!r} belongs to {rival!r} and to {owner!r}; keep it in one.")

    def owner(self, name: str, day: date | None = None) -> str:
        """
        The id of the model that is called *name*; on *day* where the name has moved.

        Raises:
            UnknownNameError: No model is called that; near misses are listed.
            NoFactOnDateError: Some model is, but not on that day.
        """
        found = self._always.get(name) if isinstance(name, str) else None
        if found is not None:
            return found
        dated = self._dated.get(name) if isinstance(name, str) else None
        if dated is None:
            raise UnknownNameError("model", name, self)
        holding = [owner for alias, owner in dated if day is None or alias.holds(day)]
        if holding:
            return holding[-1]
        begins = [alias.effective_from for alias, _ in dated if alias.effective_from is not None]
        ends = [alias.effective_until for alias, _ in dated if alias.effective_until is not None]
        later = [first for first in begins if day is not None and first > day]
        raise NoFactOnDateError(
            f"model behind the name {name!r}",
            "" if day is None else day.isoformat(),
            min(later, default=min(begins, default=date.min)).isoformat(),
            None if later or not ends else max(ends).isoformat(),
        )

    def owners(self, name: str) -> set[str]:
        """Every model that is called *name* on some day."""
        always = self._always.get(name)
        return {owner for _, owner in self._dated.get(name, ())} | ({always} if always is not None else set())

    def __contains__(self, name: object) -> bool:
        return name in self._always or name in self._dated

    def __iter__(self) -> Iterator[str]:
        yield from self._always
        yield from self._dated


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Catalog(Tabular):
    """
    Models, benchmarks, tasks and workloads with the sources of every fact.

    >>> catalog = Catalog.bundled()
    >>> catalog["openai/gpt-4.1-mini"].context_window
    1047576
    >>> Catalog.bundled(trust=("article",))["gpt-4.1-mini"].context_window
    1050000

    A catalog never changes; ``with_model`` and ``trusting`` give another one.

    Attributes:
        edition: The name of this edition of the facts.
        as_of: The day a question is about if it names none.
        trust: Ids of the sources that may answer, most trusted first.
        sources: The sources by id.
        records: What every source says about every model, by the model's id.
        benchmarks: By id.
        tasks: By id.
        workloads: The presets, by id.
        policy_texts: TOML text of the policies, by id; read by :class:`llm_tradeoffs.Policy`.
        claims_texts: TOML text of the claims files, by id; read by :func:`llm_tradeoffs.audit`.
        candidates: Ids of the models that a question is about if it names none; None for every model.
        names: The other exact names of every model, by its id; of the records themselves if left out.
    """

    edition: str
    as_of: date
    trust: tuple[str, ...]
    sources: Mapping[str, Source]
    records: Mapping[str, ModelRecord]
    benchmarks: Mapping[str, Benchmark] = attrs.field(factory=dict[str, Benchmark])
    tasks: Mapping[str, Task] = attrs.field(factory=dict[str, Task])
    workloads: Mapping[str, Workload] = attrs.field(factory=dict[str, Workload])
    policy_texts: Mapping[str, str] = attrs.field(factory=dict[str, str])
    claims_texts: Mapping[str, str] = attrs.field(factory=dict[str, str])
    candidates: tuple[str, ...] | None = None
    names: Mapping[str, tuple[Alias, ...]] = attrs.field(
        default=attrs.Factory(lambda self: _names_of(self.records), takes_self=True)
    )
    _owners: NameTable = attrs.field(init=False)
    _models: dict[tuple[str, date], Model] = attrs.field(init=False, factory=dict)
    _changes: dict[str, tuple[date, ...]] = attrs.field(init=False, factory=dict)
    _digest: list[str] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_owners", NameTable(self.names))
        unknown = [name for name in self.trust if name not in self.sources]
        if unknown:
            raise UnknownNameError("source", unknown[0], self.sources)
        for name in self.candidates or ():
            if name not in self.records:
                raise UnknownNameError("model", name, self.records)

    # Where catalogs come from.

    @classmethod
    def bundled(cls, trust: Sequence[str] | None = None, as_of: date | str | None = None) -> Catalog:
        """
        The catalog that comes with the library; read once, when first asked for.

        Args:
            trust: Ids of sources, most trusted first; no other source answers. ``("article",)`` is the
                world as the article describes it. None for the edition's own order.
            as_of: The day questions are about if they name none; None for the edition's own day.

        Raises:
            UnknownNameError: A source of that id does not exist.
        """
        return _bundled(None if trust is None else _trust(trust), None if as_of is None else as_day(as_of))

    @classmethod
    def from_path(cls, path: str | PathLike[str]) -> Catalog:
        """
        A catalog from a folder laid out like ``catalog/``; see its README.

        Raises:
            CatalogError: Files are missing or wrong: every fault of every file, with its line.
        """
        from llm_tradeoffs._load import load_catalog

        return load_catalog(Path(path))

    def to_path(self, path: str | PathLike[str]) -> None:
        """
        Write this catalog as a folder of TOML files that :meth:`from_path` reads back as an equal catalog.

        Raises:
            MissingExtraError: ``tomli-w`` is not installed (the extra ``toml``).
            FileExistsError: The folder exists and is not empty.
        """
        from llm_tradeoffs._write import write_catalog

        write_catalog(self, Path(path))

    def trusting(self, *trust: str) -> Catalog:
        """The same facts under another trust order: only these sources answer, the first one first."""
        return attrs.evolve(self, trust=_trust(trust))

    def at(self, as_of: date | str) -> Catalog:
        """The same facts, with another day for questions that name none."""
        return attrs.evolve(self, as_of=as_day(as_of))

    def with_model(self, model: Model | ModelRecord, *, replace: bool = False) -> Catalog:
        """
        The same catalog with one model more.

        Values written by hand are trusted first, and so are sources that are new here, in the order in
        which the model names them; :meth:`trusting` gives another order.

        Raises:
            InvalidValueError: A model of that name is there already and *replace* is not set.
        """
        record = ModelRecord.of(model) if isinstance(model, Model) else model
        if not isinstance(record, ModelRecord):
            raise InvalidTypeError(f"expected a Model, got {model!r}.")
        for fact in record.facts:
            if fact.field not in FACT_FIELDS:
                raise UnknownNameError("field", fact.field, FACT_FIELDS)
        spelled = (record.id, *(alias.name for alias in record.aliases))
        taken = {name: owner for name in spelled for owner in self._owners.owners(name)}
        if taken and not (replace and set(taken.values()) == {record.id}):
            name, owner = next(iter(taken.items()))
            raise InvalidValueError(
                f"the name {name!r} belongs to {owner!r} already. "
                + ("Choose another name." if replace else "Choose another name, or say replace=True to take its place.")
            )
        rows: tuple[Price | Multiplier | Fact, ...] = (
            *record.prices,
            *record.multipliers,
            *record.facts,
            *record.scores,
        )
        stated_by = {row.source.id: row.source for row in rows}
        # What the caller says by hand answers, whatever else is trusted; so does a source that is new here.
        heard = [name for name in stated_by if name not in self.sources or name == CALLER.id]
        return attrs.evolve(
            self,
            # Laid over the others, which may not have been read yet.
            records=ChainMap({record.id: record}, cast("dict[str, ModelRecord]", self.records)),
            names={**self.names, record.id: record.aliases},
            candidates=None
            if self.candidates is None
            else (*(name for name in self.candidates if name != record.id), record.id),
            sources={**self.sources, **{name: stated_by[name] for name in heard}},
            trust=(*(name for name in heard if name not in self.trust), *self.trust),
        )

    # Looking things up.

    def resolve(self, name: str, as_of: date | str | None = None) -> str:
        """
        The id of the model that is called *name*: its id or a listed alias, exactly.

        Args:
            name: An id or alias.
            as_of: The day, for names that have moved from one model to another; None for the catalog's own.

        Raises:
            UnknownNameError: No model is called that; near misses are listed.
            NoFactOnDateError: A model is, but not on that day.
        """
        return self._owners.owner(name, self.as_of if as_of is None else as_day(as_of))

    def model(self, name: str, as_of: date | str | None = None) -> Model:
        """
        A model as the trusted sources describe it on a day.

        Args:
            name: Its id or a listed alias, exactly.
            as_of: The day; None for the catalog's own.

        Raises:
            UnknownNameError: No model is called that; near misses are listed.
            NoFactOnDateError: Nothing is recorded for that day.
        """
        day = self.as_of if as_of is None else as_day(as_of)
        key = (self._owners.owner(name, day), day)
        found = self._models.get(key)
        if found is None:
            found = self._models[key] = self.records[key[0]].on(day, self.trust)
        return found

    def days_of_change(self, name: str, as_of: date | str | None = None) -> tuple[date, ...]:
        """
        The days on which something recorded about a model begins to hold or ceases to, ascending.

        From one of them until the day before the next, :meth:`model` gives the same model.

        Args:
            name: Its id or a listed alias, exactly.
            as_of: The day, for names that have moved from one model to another; None for the catalog's own.

        Raises:
            UnknownNameError, NoFactOnDateError: As :meth:`resolve`.
        """
        owner = self.resolve(name, as_of)
        found = self._changes.get(owner)
        if found is None:
            found = self._changes[owner] = tuple(sorted(turning_days(self.records[owner])))
        return found

    def __getitem__(self, name: str) -> Model:
        return self.model(name)

    def __contains__(self, name: object) -> bool:
        return name in self._owners

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def default_candidates(self) -> tuple[str, ...]:
        """Ids of the models that a question is about if it names none: :attr:`candidates`, or else every model."""
        return tuple(self.records) if self.candidates is None else self.candidates

    def models(self, as_of: date | str | None = None, *, names: Iterable[str] | None = None) -> tuple[Model, ...]:
        """
        Every model of which something is recorded on that day, in the order of their ids.

        Args:
            as_of: The day; None for the catalog's own.
            names: Only these; None for all.
        """
        found: list[Model] = []
        for name in sorted(self.records if names is None else names):
            try:
                found.append(self.model(name, as_of))
            except NoFactOnDateError:
                continue  # a model that did not exist yet, or that no trusted source speaks about
        return tuple(found)

    def benchmark(self, name: str) -> Benchmark:
        """
        A benchmark by its id.

        Raises:
            UnknownNameError: There is none of that name.
        """
        return _named("benchmark", name, self.benchmarks)

    def benchmark_fact(self, name: str, field: str, as_of: date | str | None = None) -> Fact | None:
        """What the most trusted source says about a benchmark, such as its number of ``questions``."""
        day = self.as_of if as_of is None else as_day(as_of)
        return most_trusted([fact for fact in self.benchmark(name).facts if fact.field == field], day, self.trust)

    def task(self, name: str) -> Task:
        """
        A task by its id.

        Raises:
            UnknownNameError: There is none of that name.
        """
        return _named("task", name, self.tasks)

    def preset(self, name: str) -> Workload:
        """
        A workload by its id.

        Raises:
            UnknownNameError: There is none of that name.
        """
        return _named("preset", name, self.workloads)

    @property
    def presets(self) -> tuple[Workload, ...]:
        """Every workload, in the order of their ids."""
        return tuple(self.workloads[name] for name in sorted(self.workloads))

    def token_ratio(self, of: str, to: str, as_of: date | str | None = None) -> Range | None:
        """
        How many tokens *to* makes of a text that is one token of *of*; None if no source says so.

        Ratios are chained and turned round: known from A to B and from B to C, they give A to C and C to A.

        >>> Catalog.bundled().token_ratio("gpt-4.1-mini", "gpt-4.1-mini")
        Range('1')

        Args:
            of: The model whose tokens were counted.
            to: The model whose tokens are wanted.
            as_of: The day; None for the catalog's own.

        Raises:
            UnknownNameError, NoFactOnDateError: As :meth:`model`.
        """
        day = self.as_of if as_of is None else as_day(as_of)
        start, goal = (self.model(name, day).id for name in (of, to))
        edges: dict[str, dict[str, Range]] = {}
        for name in (start, goal):
            self._add_ratios(name, day, edges)
        reached = {start: Range(1)}
        waiting = [start]
        while waiting and goal not in reached:
            here = waiting.pop(0)
            for there, ratio in edges.get(here, {}).items():
                if there not in reached:
                    reached[there] = Range(reached[here].low * ratio.low, reached[here].high * ratio.high)
                    waiting.append(there)
        return reached.get(goal)

    def _add_ratios(self, name: str, day: date, edges: dict[str, dict[str, Range]]) -> None:
        """The chain of published ratios from a model to those it is compared with, in both directions."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            stated = self.model(name, day).token_ratio
            if stated is None or stated.base not in self:
                return
            base = self.resolve(stated.base, day)
            edges.setdefault(base, {})[name] = stated.ratio
            edges.setdefault(name, {})[base] = Range(divide(1, stated.ratio.high), divide(1, stated.ratio.low))
            name = base

    # Disagreement.

    @property
    def plot(self) -> CatalogPlots:
        """The chart: ``catalog.plot.price_history("gpt-4.1-mini")``, as an Altair object. Needs the extra ``plot``."""
        from llm_tradeoffs.plot import CatalogPlots

        return CatalogPlots(self)

    def conflicts(self, model: str | None = None, as_of: date | str | None = None) -> tuple[Conflict, ...]:
        """
        Every fact on which trusted sources disagree on a day, the answering statement first.

        Args:
            model: Only those about this model; None for all, benchmarks included.
            as_of: The day; None for the catalog's own.
        """
        day = self.as_of if as_of is None else as_day(as_of)
        wanted = sorted(self.records) if model is None else [self.resolve(model, day)]
        found: list[Conflict] = []
        for name in wanted:
            record = self.records[name]
            prices = [price_fact(name, price) for price in record.prices]
            factors = [multiplier_fact(name, row) for row in record.multipliers]
            found.extend(self._conflicts_of(name, (*prices, *factors, *record.facts, *record.scores), day))
        if model is None:
            for benchmark in sorted(self.benchmarks):
                found.extend(self._conflicts_of(benchmark, self.benchmarks[benchmark].facts, day))
        return tuple(found)

    def _conflicts_of(self, subject: str, rows: Iterable[Fact], day: date) -> Iterator[Conflict]:
        by_field: dict[str, list[Fact]] = {}
        for row in rows:
            by_field.setdefault(row.field, []).append(row)
        for field, of_field in by_field.items():
            said = [most_trusted(of_field, day, (source,)) for source in self.trust]
            facts = tuple(fact for fact in said if fact is not None)
            if len({_comparable(fact.value) for fact in facts}) > 1:
                yield Conflict(subject=subject, field=field, facts=facts)

    # Identity.

    @property
    def content_hash(self) -> str:
        """SHA-256 over every fact, the trust order and the day: equal hashes give equal answers."""
        if not self._digest:
            text = repr(
                (
                    self.edition,
                    self.as_of,
                    self.trust,
                    sorted(self.sources.items()),
                    [(name, record_digest(self.records, name)) for name in sorted(self.records)],
                    sorted(self.benchmarks.items()),
                    sorted(self.tasks.items()),
                    sorted(self.workloads.items()),
                    sorted(self.policy_texts.items()),
                    sorted(self.claims_texts.items()),
                    self.candidates,
                )
            )
            self._digest.append(hashlib.sha256(text.encode()).hexdigest())
        return self._digest[0]

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, Catalog) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.edition, self.as_of, self.trust, tuple(sorted(self.records))))

    def _content(self) -> tuple[Any, ...]:
        return (
            self.edition,
            self.as_of,
            self.trust,
            dict(self.sources),
            dict(self.records),
            dict(self.benchmarks),
            dict(self.tasks),
            dict(self.workloads),
            dict(self.policy_texts),
            dict(self.claims_texts),
            self.candidates,
        )

    def __repr__(self) -> str:
        rows = sum(len(record.prices) + len(record.facts) + len(record.scores) for record in self.records.values())
        return (
            f"<Catalog {self.edition}: {len(self.records)} models, {rows} facts from {len(self.sources)} sources, "
            f"{len(self.workloads)} workloads, as of {self.as_of}, trusting {', '.join(self.trust)}>"
        )


def _comparable(value: object) -> object:
    # Order and spelling of lists do not make a disagreement.
    return frozenset(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def _named(kind: str, name: str, known: Mapping[str, NamedT]) -> NamedT:
    found = known.get(name) if isinstance(name, str) else None
    if found is None:
        raise UnknownNameError(kind, name, known)
    return found


def _trust(trust: Sequence[str]) -> tuple[str, ...]:
    names = several_names(trust, "trust", "('article',)")
    if not names or len(set(names)) != len(names):
        raise InvalidValueError(f"trust is {names!r}; name at least one source, and each source once.")
    return names


def record_digest(records: Mapping[str, ModelRecord], name: str) -> str:
    """
    SHA-256 over everything that is said about one model. [hex]

    An indexed catalog knows it without reading the model's file.
    """
    if isinstance(records, ChainMap):
        return record_digest(next(layer for layer in records.maps if name in layer), name)
    known = records.digest(name) if isinstance(records, Digested) else None
    return hashlib.sha256(repr(records[name]).encode()).hexdigest() if known is None else known


@runtime_checkable
class Digested(Protocol):
    """Records whose digests are known beforehand."""

    def digest(self, name: str) -> str:
        """The digest of one record. [hex]"""
        ...


def held_catalog(catalog: Catalog | None) -> Catalog:
    """The catalog that was given, or the bundled one."""
    if catalog is None:
        return Catalog.bundled()
    if not isinstance(catalog, Catalog):
        raise InvalidTypeError(f"expected a Catalog, got {catalog!r}. Use Catalog.bundled() or Catalog.from_path(...).")
    return catalog


def model_path(model: str, vendor: str | None) -> str:
    """
    Where the file of a model stands: ``models/<vendor>/<id>.toml``, the vendor once if the id names it already.

    Raises:
        InvalidValueError: The names would lead out of the folder.
    """
    path = (
        f"models/{model}.toml" if vendor is None or model.startswith(f"{vendor}/") else f"models/{vendor}/{model}.toml"
    )
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise InvalidValueError(f"the model {model!r} of {vendor!r} cannot be a file name; give it a plainer id.")
    return path


def catalog_root() -> Traversable:
    """The catalog: inside the wheel, or next to ``src/`` in a source checkout and an editable install."""
    packaged = files("llm_tradeoffs") / "_catalog"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "catalog"


@cache
def _bundled(trust: tuple[str, ...] | None, as_of: date | None) -> Catalog:
    if trust is None and as_of is None:
        from llm_tradeoffs._load import load_catalog

        return load_catalog(catalog_root(), checked=False)
    catalog = _bundled(None, None)
    return attrs.evolve(
        catalog,
        trust=catalog.trust if trust is None else trust,
        as_of=catalog.as_of if as_of is None else as_of,
    )
