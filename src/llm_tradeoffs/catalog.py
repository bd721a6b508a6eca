"""Dated facts about models, from several sources, and the rule that says which of them answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, NoFactOnDateError, UnknownNameError
from llm_tradeoffs.facts import CALLER, Fact, Source, as_day, in_force, most_trusted
from llm_tradeoffs.model import FACT_FIELDS, Model, Score, price_fact
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Price, RateCard
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from os import PathLike

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


@attrs.frozen(kw_only=True)
class ModelRecord:
    """
    Everything that every source says about a model, on all days.

    Attributes:
        id, name, vendor, aliases: As in :class:`Model`.
        prices: Published price rows.
        facts: Statements about the fields of a model.
        scores: Statements of benchmark results; their field is ``scores.<benchmark>``, their value a :class:`Score`.
    """

    id: str
    name: str | None = None
    vendor: str | None = None
    aliases: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()
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
        prices = _prices_on(self.prices, day, trust)
        facts = _resolved(self.facts, day, trust)
        scores = _resolved(self.scores, day, trust)
        if not (prices or facts or scores):
            raise self._nothing_on(day, trust)
        stated: dict[str, Any] = {name: fact.value for name, fact in facts.items()}
        return Model(
            self.id,
            usd_per_mtok=RateCard(prices),
            name=self.name,
            vendor=self.vendor,
            aliases=self.aliases,
            scores=tuple(fact.value for fact in scores.values() if isinstance(fact.value, Score)),
            sources={**facts, **scores},
            **stated,
        )

    def _nothing_on(self, day: date, trust: Sequence[str]) -> NoFactOnDateError:
        stated: tuple[Price | Fact, ...] = (*self.prices, *self.facts, *self.scores)
        rows = [row for row in stated if row.source.id in trust]
        later = [row.effective_from for row in rows if row.effective_from is not None and row.effective_from > day]
        ends = [row.effective_until for row in rows if row.effective_until is not None and row.effective_until <= day]
        return NoFactOnDateError(
            f"fact about {self.id} from a trusted source",
            day.isoformat(),
            min(later, default=max(ends, default=None)).isoformat() if later or ends else None,  # type: ignore[union-attr]  # one of them is not empty
            max(ends).isoformat() if ends and not later else None,
        )


def _resolved(rows: Iterable[Fact], day: date, trust: Sequence[str]) -> dict[str, Fact]:
    by_field: dict[str, list[Fact]] = {}
    for row in rows:
        by_field.setdefault(row.field, []).append(row)
    found = {field: most_trusted(of_field, day, trust) for field, of_field in by_field.items()}
    return {field: fact for field, fact in found.items() if fact is not None}


def _prices_on(rows: Iterable[Price], day: date, trust: Sequence[str]) -> tuple[Price, ...]:
    """
    The price rows that answer on *day*.

    One source answers for all thresholds of a meter in a tier: a ladder with steps of two sources is
    nobody's price list.
    """
    groups: dict[tuple[str, str], list[Price]] = {}
    for row in rows:
        if in_force(row, day):
            groups.setdefault((row.service_tier, row.meter), []).append(row)
    chosen: list[Price] = []
    for group in groups.values():
        answer = most_trusted(group, day, trust)
        if answer is None:
            continue
        steps: dict[int | None, Price] = {}
        for row in group:
            if row.source.id == answer.source.id:
                held = steps.get(row.above_input_tokens)
                if held is None or (held.effective_from or date.min) < (row.effective_from or date.min):
                    steps[row.above_input_tokens] = row
        chosen.extend(steps.values())
    return tuple(chosen)


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


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Catalog:
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
    _aliases: dict[str, str] = attrs.field(init=False)
    _models: dict[tuple[str, date], Model] = attrs.field(init=False, factory=dict)
    _digest: list[str] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        aliases: dict[str, str] = {}
        for record in self.records.values():
            for alias in (record.id, *record.aliases):
                owner = aliases.setdefault(alias, record.id)
                if owner != record.id:
                    raise InvalidValueError(
                        f"the name {alias!r} belongs to {owner!r} and to {record.id!r}; keep it in one."
                    )
        object.__setattr__(self, "_aliases", aliases)
        unknown = [name for name in self.trust if name not in self.sources]
        if unknown:
            raise UnknownNameError("source", unknown[0], self.sources)

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
        taken = {name: self._aliases[name] for name in (record.id, *record.aliases) if name in self._aliases}
        if taken and not (replace and set(taken.values()) == {record.id}):
            name, owner = next(iter(taken.items()))
            raise InvalidValueError(
                f"the name {name!r} belongs to {owner!r} already. "
                + ("Choose another name." if replace else "Choose another name, or say replace=True to take its place.")
            )
        rows: tuple[Price | Fact, ...] = (*record.prices, *record.facts, *record.scores)
        stated_by = {row.source.id: row.source for row in rows}
        # What the caller says by hand answers, whatever else is trusted; so does a source that is new here.
        heard = [name for name in stated_by if name not in self.sources or name == CALLER.id]
        return attrs.evolve(
            self,
            records={**self.records, record.id: record},
            sources={**self.sources, **{name: stated_by[name] for name in heard}},
            trust=(*(name for name in heard if name not in self.trust), *self.trust),
        )

    # Looking things up.

    def resolve(self, name: str) -> str:
        """
        The id of the model that is called *name*: its id or a listed alias, exactly.

        Raises:
            UnknownNameError: No model is called that; near misses are listed.
        """
        found = self._aliases.get(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownNameError("model", name, self._aliases)
        return found

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
        key = (self.resolve(name), day)
        found = self._models.get(key)
        if found is None:
            found = self._models[key] = self.records[key[0]].on(day, self.trust)
        return found

    def __getitem__(self, name: str) -> Model:
        return self.model(name)

    def __contains__(self, name: object) -> bool:
        return name in self._aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def models(self, as_of: date | str | None = None) -> tuple[Model, ...]:
        """Every model of which something is recorded on that day, in the order of their ids."""
        found: list[Model] = []
        for name in sorted(self.records):
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

    # Disagreement.

    def conflicts(self, model: str | None = None, as_of: date | str | None = None) -> tuple[Conflict, ...]:
        """
        Every fact on which trusted sources disagree on a day, the answering statement first.

        Args:
            model: Only those about this model; None for all, benchmarks included.
            as_of: The day; None for the catalog's own.
        """
        day = self.as_of if as_of is None else as_day(as_of)
        wanted = sorted(self.records) if model is None else [self.resolve(model)]
        found: list[Conflict] = []
        for name in wanted:
            record = self.records[name]
            prices = [price_fact(name, price) for price in record.prices]
            found.extend(self._conflicts_of(name, (*prices, *record.facts, *record.scores), day))
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
                    sorted(self.records.items()),
                    sorted(self.benchmarks.items()),
                    sorted(self.tasks.items()),
                    sorted(self.workloads.items()),
                    sorted(self.policy_texts.items()),
                    sorted(self.claims_texts.items()),
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
