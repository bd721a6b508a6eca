"""
TOML files into facts, checked once, here, so that everything behind trusts its types.

A file with one mistake often has five, so nothing stops at the first: every fault of every file is
collected with its file and line and raised as one ``CatalogError``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, cast, get_args, get_origin

import attrs
import tomli

from llm_tradeoffs._places import line_of
from llm_tradeoffs.catalog import Benchmark, Catalog, ModelRecord, Task, model_path, record_digest
from llm_tradeoffs.errors import CatalogError, Fault, TradeoffsError
from llm_tradeoffs.facts import CALLER, SOURCE_KINDS, Alias, Fact, Source
from llm_tradeoffs.model import FACT_FIELDS, Score
from llm_tradeoffs.money import Usd, exact
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import PER_MTOK, Multiplier, Price, TimeWindow
from llm_tradeoffs.usage import FEE_METERS, METERS, TOKEN_METERS
from llm_tradeoffs.workload import Workload

T = TypeVar("T")

BENCHMARK_FIELDS: Final[dict[str, type]] = {"questions": int, "subjects": int, "full_name": str}


# The shape of the files. One class for each kind of row; the field names are those of the TOML.


@attrs.frozen(kw_only=True)
class CatalogFile:
    edition: str
    as_of: date
    trust: tuple[str, ...]
    candidates: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class SourcesFile:
    sources: tuple[Source, ...]


@attrs.frozen(kw_only=True)
class FactRow:
    field: str
    value: Any
    source: str
    effective_from: date | None = None
    effective_until: date | None = None
    place: str = ""
    note: str | None = None


@attrs.frozen(kw_only=True)
class BenchmarkRow:
    id: str
    name: str
    measures: str
    unit: str = "%"
    scale: tuple[int, int] | None = None
    higher_is_better: bool = True
    facts: tuple[FactRow, ...] = ()


@attrs.frozen(kw_only=True)
class BenchmarksFile:
    benchmarks: tuple[BenchmarkRow, ...]


@attrs.frozen(kw_only=True)
class TasksFile:
    tasks: tuple[Task, ...]


@attrs.frozen(kw_only=True)
class WindowRow:
    start: str
    end: str
    zone: str = "UTC"
    weekdays: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class AliasRow:
    name: str
    effective_from: date | None = None
    effective_until: date | None = None


@attrs.frozen(kw_only=True)
class PriceRow:
    meter: str
    source: str | None = None
    effective_from: date | None = None
    usd_per_mtok: Fraction | None = None
    usd_each: Fraction | None = None
    usd: Fraction | None = None
    per: int | None = None
    effective_until: date | None = None
    service_tier: str = "standard"
    region: str | None = None
    above_input_tokens: int | None = None
    from_input_tokens: int | None = None
    above_quantity: int | None = None
    minimum_quantity: int | None = None
    usd_low: Fraction | None = None
    window: WindowRow | None = None
    place: str = ""
    note: str | None = None


@attrs.frozen(kw_only=True)
class MultiplierRow:
    factor: Fraction
    source: str | None = None
    effective_from: date | None = None
    service_tier: str | None = None
    region: str | None = None
    meters: tuple[str, ...] | None = None
    effective_until: date | None = None
    place: str = ""
    note: str | None = None


@attrs.frozen(kw_only=True)
class ScoreRow:
    benchmark: str
    source: str
    effective_from: date | None = None
    value: str | None = None
    judgement: str | None = None
    effective_until: date | None = None
    place: str = ""
    note: str | None = None


@attrs.frozen(kw_only=True)
class ModelFile:
    id: str
    name: str | None = None
    vendor: str | None = None
    aliases: tuple[AliasRow, ...] = ()
    prices: tuple[PriceRow, ...] = ()
    multipliers: tuple[MultiplierRow, ...] = ()
    facts: tuple[FactRow, ...] = ()
    scores: tuple[ScoreRow, ...] = ()


@attrs.frozen(kw_only=True)
class PricedModelRow:
    id: str
    name: str | None = None
    vendor: str | None = None
    aliases: tuple[AliasRow, ...] = ()
    prices: tuple[PriceRow, ...] = ()
    multipliers: tuple[MultiplierRow, ...] = ()


@attrs.frozen(kw_only=True)
class PricesFile:
    models: tuple[PricedModelRow, ...]
    title: str = ""


@attrs.frozen(kw_only=True)
class WorkloadFile:
    id: str
    name: str = ""
    source: str | None = None
    place: str = ""
    input_tokens: Fraction
    output_tokens: Fraction
    requests_per_day: Fraction | None = None
    requests_per_month: Fraction | None = None
    requests_per_year: Fraction | None = None
    turns: int = 1
    history_resent: bool = True
    longest_tokens: int | None = None
    cached_share: Fraction = Fraction(0)
    batch_share: Fraction = Fraction(0)
    task: str | None = None
    priority: str = "balanced"
    volume: str | None = None
    complexity: str | None = None
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    max_ttft_ms: Fraction | None = None
    max_response_ms: Fraction | None = None
    error_cost_usd: Fraction | None = None
    min_quality_percent: Fraction | None = None
    chunk_overlap_tokens: int = 0
    instruction_tokens: int = 0
    counted_for: str | None = None
    assumptions: tuple[str, ...] = ()


# Leaves: the values that a TOML file can hold, by the type that a field declares. Nothing is converted
# silently: 4.9 is no 4, "false" is no False, and a moment is no day.


class WrongTypeError(ValueError):
    """A TOML value of the wrong type, in the words of the person who wrote the file."""


def _said(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "true/false",
        int: "a whole number",
        Decimal: "a number",
        str: "text in quotes",
        datetime: "a moment",
    }
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return f"{shown} ({kinds.get(type(value), type(value).__name__)})"


def _decimal(text: str) -> Decimal:
    """A TOML float with all its digits; one beyond what a Decimal can hold is as absurd as its largest."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal("1e999999")


def _number(value: object) -> Fraction:
    """A TOML number; a ratio such as "1/24" is the one number that has to be quoted, since TOML cannot write it."""
    if type(value) is int or (type(value) is Decimal and value.is_finite()) or (type(value) is str and "/" in value):
        return Fraction(exact(value, "the value"))
    hint = " without quotes" if isinstance(value, str) else ""
    raise WrongTypeError(f"expected a finite number{hint}, got {_said(value)}")


_LEAVES: Final[dict[Any, tuple[str, object]]] = {
    str: ("text in quotes", ""),
    int: ("a whole number", 0),
    bool: ("true or false", False),
    date: ("a date such as 2026-03-01, without quotes or time", date.min),
}
"""For each leaf type what is expected, in words, and what stands in for a faulty value while the rest is checked."""


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _leaf(value: object, kind: Any) -> object:
    if kind is Any:
        return value
    if kind is Fraction:
        return _number(value)
    if type(value) is not kind:
        raise WrongTypeError(f"expected {_LEAVES[kind][0]}, got {_said(value)}")
    return value


def _stand_in(kind: Any) -> Any:
    if attrs.has(kind):
        return kind(**{field.name: _stand_in(field.type) for field in _fields(kind) if field.default is attrs.NOTHING})
    if get_origin(kind) is tuple:
        return ()
    return Fraction(0) if kind is Fraction else None if kind is Any else _LEAVES[kind][1]


@cache
def _fields(kind: type[Any]) -> tuple[attrs.Attribute[Any], ...]:
    attrs.resolve_types(kind)
    return tuple(attrs.fields(kind))


class Document:
    """
    One TOML file: its text, what it says, and the faults found in it so far.

    Attributes:
        path: The file, as people know it.
        text: Its text; empty if it is not UTF-8.
        data: The parsed document; None if it cannot be parsed.
        faults: Every fault so far.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self._stand_ins: set[tuple[str | int, ...]] = set()
        self._above_stand_ins: set[tuple[str | int, ...]] = set()
        self.text = ""
        self.data: dict[str, Any] | None = None
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = data[: problem.start].count(b"\n") + 1
            self.faults.append(Fault(path, line, "", f"not UTF-8: byte 0x{data[problem.start]:02x}; save it as UTF-8"))
            return
        try:
            self.data = tomli.loads(self.text, parse_float=_decimal)
        except tomli.TOMLDecodeError as problem:
            self.faults.append(Fault(path, problem.lineno, "", f"not valid TOML: {problem.msg}"))
        except ValueError as problem:
            # An integer of thousands of digits: no TOML that anybody means.
            self.faults.append(Fault(path, None, "", f"not readable: {problem}"))
        except RecursionError:
            self.faults.append(Fault(path, None, "", "not readable: lists or tables are nested beyond reading"))

    def fault(self, where: Sequence[str | int], problem: str, *, stood_in: bool = False) -> None:
        """
        Note a fault at a place of the document.

        Args:
            where: The place: keys, and indices of lists.
            problem: What is wrong, with the value.
            stood_in: Whether something stands in for the value from here on, so that the rest can still be
                checked. What is then found wrong there is the stand-in's and is not noted.
        """
        place = tuple(where)
        upwards = [place[:depth] for depth in range(len(place) + 1)]
        if place in self._above_stand_ins or not self._stand_ins.isdisjoint(upwards):
            return
        if stood_in:
            self._stand_ins.add(place)
            self._above_stand_ins.update(upwards)
        shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).removeprefix(".")
        self.faults.append(Fault(self.path, line_of(self.text, where), shown, problem))

    def _replaced(self, where: Sequence[str | int], kind: Any, problem: str) -> Any:
        self.fault(where, problem, stood_in=True)
        return _stand_in(kind)

    def structure(self, kind: type[T]) -> T | None:
        """
        The document as *kind*, an attrs class whose fields are its keys; None if it is no TOML at all.

        What is faulty is noted and a stand-in takes its place, so that everything else is still read
        and checked. The result is good for more checks; it is good for use only if ``faults`` is empty.
        """
        return None if self.data is None else self._table(self.data, kind, [])

    def _table(self, data: object, kind: type[T], where: list[str | int]) -> T:
        if not isinstance(data, dict):
            made: T = self._replaced(where, kind, f"expected a table, got {_said(data)}")
            return made
        table = cast("dict[str, object]", data)
        row: Any = kind  # _fields() is cached, and a type variable is no key
        fields = {field.name: field for field in _fields(row)}
        for key in table.keys() - fields.keys():
            self.fault([*where, key], f"unknown key {key!r}; known: {', '.join(fields)}")
        values: dict[str, Any] = {}
        for name, field in fields.items():
            if name in table:
                values[name] = self._value(table[name], field.type, [*where, name])
            elif field.default is attrs.NOTHING:
                values[name] = self._replaced([*where, name], field.type, "required key is missing")
        return kind(**values)

    def _value(self, value: object, kind: Any, where: list[str | int]) -> Any:
        if get_origin(kind) is UnionType:
            kind = next(part for part in get_args(kind) if part is not NoneType)
        if kind is AliasRow and isinstance(value, str):
            return AliasRow(name=value)  # a name that always holds is written by itself
        if kind is AliasRow and not _is_table(value):
            return self._replaced(where, kind, f"expected text in quotes, or a table with days, got {_said(value)}")
        if attrs.has(kind):
            return self._table(value, kind, where)
        if get_origin(kind) is tuple:
            return self._list(value, kind, where)
        try:
            return _leaf(value, kind)
        except (WrongTypeError, TradeoffsError) as problem:
            return self._replaced(where, kind, str(problem))

    def _list(self, value: object, kind: Any, where: list[str | int]) -> tuple[Any, ...]:
        inner, *more = get_args(kind)
        if not isinstance(value, list):
            return cast("tuple[Any, ...]", self._replaced(where, kind, f"expected a list, got {_said(value)}"))
        items = cast("list[object]", value)
        if more != [...] and len(items) != len(more) + 1:
            wrong = f"expected {len(more) + 1} values, got {len(items)}"
            return (self._replaced(where, inner, wrong),) * (len(more) + 1)
        return tuple(self._value(item, inner, [*where, index]) for index, item in enumerate(items))


def _read(path: Traversable, name: str) -> Document:
    return Document(name, path.read_bytes())


def _toml_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    """Every TOML file below *folder*, in a stable order, with its path for people."""
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _toml_files(entry, f"{prefix}/{entry.name}")
        elif entry.name.endswith(".toml"):
            yield f"{prefix}/{entry.name}", entry


class _Loader:
    """Reads one folder; keeps what the files say of each other (which sources and benchmarks exist)."""

    def __init__(self, root: Traversable) -> None:
        self.root = root
        self.documents: list[Document] = []
        self.sources: dict[str, Source] = {}
        self.benchmarks: dict[str, Benchmark] = {}
        self.tasks: dict[str, Task] = {}
        self.own_source: Source | None = None  # of a file of prices, which states no others

    def load(self, *, checked: bool) -> Catalog:
        if not self.root.is_dir():
            raise CatalogError(
                [Fault(str(self.root), None, "", "no such folder; give the folder that holds catalog.toml")]
            )
        head = self._one("catalog.toml", CatalogFile, required=True)
        self._load_sources(head)
        self._load_benchmarks()
        self._load_tasks()
        index = None if checked else read_index(self.root)
        records: Mapping[str, ModelRecord]
        if index is None:
            records = self._load_models()
            names = {record.id: record.aliases for record in records.values()}
        else:
            records = _RecordsOnDemand(self, index)
            names = {name: entry.aliases for name, entry in index.items()}
        workloads = self._load_workloads()
        if checked:
            if head is not None and head.candidates is not None:
                self._check_candidates(head.candidates, records)
            self._check_policies()
            self._check_claims()
        faults = [fault for document in self.documents for fault in document.faults]
        if faults or head is None:
            raise CatalogError(faults)
        return Catalog(
            edition=head.edition,
            as_of=head.as_of,
            trust=head.trust,
            sources=self.sources,
            records=records,
            benchmarks=self.benchmarks,
            tasks=self.tasks,
            workloads=workloads,
            policy_texts=self._texts("policies"),
            claims_texts=self._texts("claims"),
            candidates=head.candidates,
            names=names,
        )

    def _check_candidates(self, wanted: Sequence[str], records: Mapping[str, ModelRecord]) -> None:
        for index, name in enumerate(wanted):
            if name not in records:
                self.documents[0].fault(["candidates"], f"no model of this catalog has the id {name!r}")
            if name in wanted[:index]:
                self.documents[0].fault(["candidates"], f"the model {name!r} is named twice")

    def _document(self, name: str, path: Traversable) -> Document:
        document = _read(path, f"{self.root}/{name}")
        self.documents.append(document)
        return document

    def _one(self, name: str, kind: type[T], *, required: bool = False) -> T | None:
        path = self.root / name
        if path.is_file():
            return self._document(name, path).structure(kind)
        if required:
            missing = Document(f"{self.root}/{name}", b"")
            missing.faults.append(Fault(missing.path, None, "", "the file is missing"))
            self.documents.append(missing)
        return None

    def _load_sources(self, head: CatalogFile | None) -> None:
        read = self._one("sources.toml", SourcesFile, required=True)
        document = self.documents[-1]
        for index, source in enumerate(read.sources if read else ()):
            where: list[str | int] = ["sources", index]
            if source.id in self.sources:
                document.fault([*where, "id"], f"the source {source.id!r} is defined twice")
            if source.kind not in SOURCE_KINDS:
                document.fault([*where, "kind"], f"unknown kind {source.kind!r}; known: {', '.join(SOURCE_KINDS)}")
            self.sources[source.id] = source
        if head is None or read is None:
            return
        first = self.documents[0]
        for index, name in enumerate(head.trust):
            if name not in self.sources:
                first.fault(["trust"], f"unknown source {name!r} in the trust order")
            if name in head.trust[:index]:
                first.fault(["trust"], f"the source {name!r} is in the trust order twice")
        for name in self.sources.keys() - set(head.trust):
            first.fault(["trust"], f"the source {name!r} is not in the trust order, so it could never answer")

    def _source(self, document: Document, where: Sequence[str | int], name: str | None) -> Source:
        if name is None:
            if self.own_source is not None:
                return self.own_source
            document.fault([*where, "source"], "required key is missing: who states it")
            return CALLER
        if self.own_source is not None:
            document.fault([*where, "source"], "all prices of this file are those of the file; leave the source out")
            return self.own_source
        source = self.sources.get(name)
        if source is None:
            document.fault([*where, "source"], f"unknown source {name!r}; define it in sources.toml")
            return Source(id=name, title=name, kind="article")
        return source

    def _load_benchmarks(self) -> None:
        read = self._one("benchmarks.toml", BenchmarksFile)
        for index, row in enumerate(read.benchmarks if read else ()):
            document = self.documents[-1]
            where: list[str | int] = ["benchmarks", index]
            if row.id in self.benchmarks:
                document.fault([*where, "id"], f"the benchmark {row.id!r} is defined twice")
            if row.scale is not None and row.scale[0] >= row.scale[1]:
                document.fault([*where, "scale"], f"the scale {row.scale} is empty; write the lowest score first")
            facts: list[Fact] = []
            for position, fact in enumerate(row.facts):
                place = [*where, "facts", position]
                expected = BENCHMARK_FIELDS.get(fact.field)
                if expected is None:
                    document.fault(
                        [*place, "field"], f"unknown field {fact.field!r}; known: {', '.join(BENCHMARK_FIELDS)}"
                    )
                elif type(fact.value) is not expected:
                    document.fault([*place, "value"], f"expected {expected.__name__}, got {_said(fact.value)}")
                facts.append(self._fact(document, place, row.id, fact, fact.value))
            self._check_order(document, [*where, "facts"], row.facts, lambda fact: (fact.field, fact.source))
            self.benchmarks[row.id] = Benchmark(
                id=row.id,
                name=row.name,
                measures=row.measures,
                unit=row.unit,
                scale=row.scale,
                higher_is_better=row.higher_is_better,
                facts=tuple(facts),
            )

    def _load_tasks(self) -> None:
        read = self._one("tasks.toml", TasksFile)
        for index, task in enumerate(read.tasks if read else ()):
            document = self.documents[-1]
            where: list[str | int] = ["tasks", index]
            if task.id in self.tasks:
                document.fault([*where, "id"], f"the task {task.id!r} is defined twice")
            if task.benchmark not in self.benchmarks:
                document.fault(
                    [*where, "benchmark"], f"unknown benchmark {task.benchmark!r}; define it in benchmarks.toml"
                )
            self._source(document, where, task.source)
            self.tasks[task.id] = task

    def _load_models(self) -> dict[str, ModelRecord]:
        records: dict[str, ModelRecord] = {}
        owners: dict[str, list[tuple[Alias, str]]] = {}
        for name, path in _toml_files(self.root / "models", "models"):
            document = self._document(name, path)
            read = document.structure(ModelFile)
            if read is None:
                continue
            self._check_place(document, name, read)
            for index, row in enumerate((AliasRow(name=read.id), *read.aliases)):
                place: list[str | int] = ["aliases", index - 1] if index else ["id"]
                alias = self._alias(document, place, row)
                for other, file in owners.get(alias.name, ()):
                    if other.overlaps(alias):
                        kind = "duplicate id" if alias.name in records else "duplicate name"
                        owner = "twice in this file" if file == name else f"also in {file}"
                        document.fault(place, f"{kind} {alias.name!r}: it is {owner}")
                        break
                owners.setdefault(alias.name, []).append((alias, name))
            records[read.id] = self._record(document, read)
        return records

    def _alias(self, document: Document, where: Sequence[str | int], row: AliasRow) -> Alias:
        start, end = row.effective_from, row.effective_until
        if start is not None and end is not None and end <= start:
            document.fault([*where, "effective_until"], f"ends on {end}, not after its start on {start}")
        return Alias(row.name, start, end)

    def record_at(self, name: str) -> ModelRecord:
        """The model of one file. Raises ``CatalogError`` with its faults."""
        document = _read(self.root.joinpath(*name.split("/")), f"{self.root}/{name}")
        read = document.structure(ModelFile)
        record = None if read is None else self._record(document, read)
        if record is None or document.faults:
            raise CatalogError(document.faults)
        return record

    def _check_place(self, document: Document, name: str, read: ModelFile) -> None:
        try:
            expected = model_path(read.id, read.vendor)
        except TradeoffsError as problem:
            document.fault(["id"], str(problem))
            return
        if name != expected:
            document.fault(["id"], f"expected this file at {expected}, found {name}")

    def _record(self, document: Document, read: ModelFile) -> ModelRecord:
        prices = [
            price
            for index, row in enumerate(read.prices)
            if (price := self._price(document, ["prices", index], row)) is not None
        ]
        facts: list[Fact] = []
        for index, row in enumerate(read.facts):
            where: list[str | int] = ["facts", index]
            field = FACT_FIELDS.get(row.field)
            value = row.value
            if field is None:
                document.fault([*where, "field"], f"unknown field {row.field!r}; known: {', '.join(FACT_FIELDS)}")
            else:
                try:
                    value = _fact_value(field, value)
                except (TradeoffsError, WrongTypeError) as problem:
                    document.fault([*where, "value"], str(problem))
            fact = self._fact(document, where, read.id, row, value)
            self._check_dated(document, where, row, fact.source)
            facts.append(fact)
        scores = [self._score(document, index, row, read.id) for index, row in enumerate(read.scores)]
        multipliers = self._multipliers(document, read.multipliers)
        self._check_price_order(document, read.prices, read.multipliers)
        self._check_order(document, ["facts"], read.facts, lambda row: (row.field, row.source))
        self._check_order(document, ["scores"], read.scores, lambda row: (row.benchmark, row.source))
        return ModelRecord(
            id=read.id,
            name=read.name,
            vendor=read.vendor,
            aliases=tuple(Alias(row.name, row.effective_from, row.effective_until) for row in read.aliases),
            prices=tuple(prices),
            multipliers=multipliers,
            facts=tuple(facts),
            scores=tuple(scores),
        )

    def _multipliers(
        self, document: Document, rows: Sequence[MultiplierRow], prefix: Sequence[str | int] = ()
    ) -> tuple[Multiplier, ...]:
        found = [self._multiplier(document, [*prefix, "multipliers", index], row) for index, row in enumerate(rows)]
        return tuple(row for row in found if row is not None)

    def _check_price_order(
        self,
        document: Document,
        prices: Sequence[PriceRow],
        multipliers: Sequence[MultiplierRow],
        prefix: Sequence[str | int] = (),
    ) -> None:
        self._check_order(
            document,
            [*prefix, "prices"],
            prices,
            lambda row: (
                *(row.meter, row.service_tier, row.region, row.source),
                *(_bound(row), row.above_quantity, _comparable(row.window)),
            ),
        )
        self._check_order(
            document,
            [*prefix, "multipliers"],
            multipliers,
            *(partial(_factor_on, meter) for meter in METERS),
        )

    def load_prices(self, document: Document, name: str | None) -> dict[str, ModelRecord]:
        """The models of a file of prices, whose own source is the file."""
        read = document.structure(PricesFile)
        title = name or (read.title if read is not None and read.title else document.path)
        self.own_source = Source(id=title, title=title, kind="caller")
        records: dict[str, ModelRecord] = {}
        for index, row in enumerate(read.models if read else ()):
            where: list[str | int] = ["models", index]
            if row.id in records:
                document.fault([*where, "id"], f"the model {row.id!r} is there twice")
            prices = [self._price(document, [*where, "prices", number], of) for number, of in enumerate(row.prices)]
            self._check_price_order(document, row.prices, row.multipliers, where)
            records[row.id] = ModelRecord(
                id=row.id,
                name=row.name,
                vendor=row.vendor,
                aliases=tuple(
                    self._alias(document, [*where, "aliases", number], of) for number, of in enumerate(row.aliases)
                ),
                prices=tuple(price for price in prices if price is not None),
                multipliers=self._multipliers(document, row.multipliers, where),
            )
        if document.faults:
            raise CatalogError(document.faults)
        return records

    def _price(self, document: Document, where: Sequence[str | int], row: PriceRow) -> Price | None:
        source = self._source(document, where, row.source)
        if row.meter not in METERS:
            document.fault([*where, "meter"], f"unknown meter {row.meter!r}; known: {', '.join(METERS)}")
            return None
        if (row.usd is None) != (row.per is None):
            document.fault(where, "usd and per go together: usd = 10.00, per = 1_000")
            return None
        unit = 1 if row.meter in FEE_METERS else PER_MTOK
        stated = [
            (amount, per)
            for amount, per in ((row.usd_per_mtok, PER_MTOK), (row.usd_each, 1), (row.usd, row.per))
            if amount is not None and per is not None
        ]
        if len(stated) != 1 or (stated[0][1] != unit and row.usd is None):
            wanted = "usd_each" if unit == 1 else "usd_per_mtok"
            document.fault(where, f"the price of {row.meter} is stated once, as {wanted} (or as usd and per)")
            return None
        self._check_dated(document, where, row, source)
        try:
            return Price(
                meter=row.meter,
                usd=Usd(stated[0][0]),
                per=stated[0][1],
                service_tier=row.service_tier,
                region=row.region,
                above_input_tokens=row.above_input_tokens,
                from_input_tokens=row.from_input_tokens,
                above_quantity=row.above_quantity,
                minimum_quantity=row.minimum_quantity,
                usd_low=None if row.usd_low is None else Usd(row.usd_low),
                window=None if row.window is None else _window(row.window),
                effective_from=row.effective_from,
                effective_until=_end(row),
                source=source,
                place=row.place,
                note=row.note,
            )
        except TradeoffsError as problem:
            document.fault(where, str(problem))
            return None

    def _multiplier(self, document: Document, where: Sequence[str | int], row: MultiplierRow) -> Multiplier | None:
        source = self._source(document, where, row.source)
        self._check_dated(document, where, row, source)
        try:
            return Multiplier(
                factor=row.factor,
                service_tier=row.service_tier,
                region=row.region,
                **({} if row.meters is None else {"meters": row.meters}),
                effective_from=row.effective_from,
                effective_until=_end(row),
                source=source,
                place=row.place,
                note=row.note,
            )
        except TradeoffsError as problem:
            document.fault(where, str(problem))
            return None

    def _check_dated(self, document: Document, where: Sequence[str | int], row: Any, source: Source) -> None:
        # Only what a caller wrote by hand holds on every day.
        if row.effective_from is None and source.kind != "caller":
            document.fault([*where, "effective_from"], "required key is missing: the first day on which it holds")

    def _score(self, document: Document, index: int, row: ScoreRow, model: str) -> Fact:
        where: list[str | int] = ["scores", index]
        benchmark = self.benchmarks.get(row.benchmark)
        value: Range | None = None
        if benchmark is None:
            document.fault([*where, "benchmark"], f"unknown benchmark {row.benchmark!r}; define it in benchmarks.toml")
        elif benchmark.scale is None:
            if row.judgement is None or row.value is not None:
                document.fault(where, f"{row.benchmark} has no number: state judgement, and no value")
        elif row.value is None or row.judgement is not None:
            document.fault(where, f"{row.benchmark} has a number: state value, and no judgement")
        else:
            try:
                value = Range.of(row.value, benchmark.unit)
            except TradeoffsError as problem:
                document.fault([*where, "value"], str(problem))
            else:
                if not (benchmark.scale[0] <= value.low and value.high <= benchmark.scale[1]):
                    low, high = benchmark.scale
                    document.fault(
                        [*where, "value"], f"{value} is outside the scale of {row.benchmark}, {low} to {high}"
                    )
                    value = None
        source = self._source(document, where, row.source)
        self._check_dated(document, where, row, source)
        return Fact(
            subject=model,
            field=f"scores.{row.benchmark}",
            value=Score(row.benchmark, value, row.judgement),
            source=source,
            effective_from=row.effective_from,
            effective_until=row.effective_until,
            place=row.place,
            note=row.note,
        )

    def _fact(self, document: Document, where: Sequence[str | int], subject: str, row: FactRow, value: object) -> Fact:
        source = self._source(document, where, row.source)
        return Fact(
            subject=subject,
            field=row.field,
            value=value,
            source=source,
            effective_from=row.effective_from,
            effective_until=row.effective_until,
            place=row.place,
            note=row.note,
        )

    def _check_order(
        self, document: Document, where: Sequence[str | int], rows: Sequence[Any], *keys: Callable[[Any], object]
    ) -> None:
        """
        Rows about one thing by one source stand oldest first, do not overlap and do not end before they start.

        Args:
            keys: What a row is about; several where one row may be about several things, None where it is not.
        """
        last: dict[object, Any] = {}
        for index, row in enumerate(rows):
            place = [*where, index, "effective_from"]
            start, end = row.effective_from, row.effective_until
            if start is not None and end is not None and end <= start:
                document.fault([*where, index, "effective_until"], f"ends on {end}, not after its start on {start}")
            about = [found for key in keys if (found := key(row)) is not None]
            rivals = [last[one] for one in about if one in last]
            before = max(rivals, key=lambda rival: rival.effective_from or date.min, default=None)
            if before is not None:
                if (start or date.min) <= (before.effective_from or date.min):
                    document.fault(place, f"date out of order: {start} does not come after {before.effective_from}")
                elif before.effective_until is not None and start is not None and start < before.effective_until:
                    document.fault(
                        place, f"starts on {start}, before the row above it ends on {before.effective_until}"
                    )
            last |= dict.fromkeys(about, row)

    def _load_workloads(self) -> dict[str, Workload]:
        found: dict[str, Workload] = {}
        for name, path in _toml_files(self.root / "workloads", "workloads"):
            document = self._document(name, path)
            read = document.structure(WorkloadFile)
            if read is None:
                continue
            if name != f"workloads/{read.id}.toml":
                document.fault(["id"], f"expected this file at workloads/{read.id}.toml, found {name}")
            if read.source is not None:
                self._source(document, [], read.source)
            if read.task is not None and read.task not in self.tasks:
                document.fault(["task"], f"unknown task {read.task!r}; define it in tasks.toml")
            workload = _workload(document, read)
            if workload is not None:
                found[read.id] = workload
        return found

    def _check_policies(self) -> None:
        from llm_tradeoffs.policy._read import policy_of  # a later layer: only who brings policies waits for it

        for name, path in _toml_files(self.root / "policies", "policies"):
            policy_of(self._document(name, path), _stem(name))

    def _check_claims(self) -> None:
        # Claims are read against a catalog, so here they only have to be TOML.
        for name, path in _toml_files(self.root / "claims", "claims"):
            self._document(name, path)

    def _texts(self, folder: str) -> dict[str, str]:
        """The files of a folder as they stand; they are read when they are asked for."""
        return {_stem(name): path.read_text("utf-8") for name, path in _toml_files(self.root / folder, folder)}


def _bound(row: PriceRow) -> int | None:
    """The strict bound of a row on the length of a request: from 200 tokens on is above 199."""
    return row.above_input_tokens if row.from_input_tokens is None else row.from_input_tokens - 1


def _comparable(row: WindowRow | None) -> object:
    """Hours as they are compared, however they are written; a faulty window, which is reported elsewhere, as it is."""
    try:
        return None if row is None else _window(row)
    except TradeoffsError:
        return row


def _factor_on(meter: str, row: MultiplierRow) -> object:
    """What a factor is about as far as *meter* goes; None if it is not for that."""
    held = TOKEN_METERS if row.meters is None else row.meters
    return (meter, row.service_tier, row.region, row.source) if meter in held else None


def _end(row: PriceRow | MultiplierRow) -> date | None:
    """The end of a row, or none where it lies before its start: the order of the rows is checked, and says so."""
    start, end = row.effective_from, row.effective_until
    return None if start is not None and end is not None and end <= start else end


def _window(row: WindowRow) -> TimeWindow:
    days = {} if row.weekdays is None else {"weekdays": row.weekdays}
    return TimeWindow(start=row.start, end=row.end, zone=row.zone, **days)


INDEX: Final = "index.json"
"""What is asked of all models at once: generated, so that one question reads the file of one model."""


@attrs.frozen
class IndexEntry:
    """Where a model's file stands, the model's other names, and the digest of all that is said about it."""

    path: str
    aliases: tuple[Alias, ...]
    digest: str


def read_index(root: Traversable) -> dict[str, IndexEntry] | None:
    """The index of a catalog by the models' ids; None where the folder has none."""
    import json

    path = root / INDEX
    if not path.is_file():
        return None
    rows: dict[str, tuple[str, list[list[str]], str]] = json.loads(path.read_bytes())
    return {
        name: IndexEntry(file, tuple(_indexed_alias(*alias) for alias in aliases), digest)
        for name, (file, aliases, digest) in rows.items()
    }


def _indexed_alias(name: str, start: str | None = None, end: str | None = None) -> Alias:
    if start is None and end is None:
        return Alias(name)
    return Alias(
        name, None if start is None else date.fromisoformat(start), None if end is None else date.fromisoformat(end)
    )


def index_text(catalog: Catalog) -> str:
    """The index of a catalog's models, a line each."""
    import json

    def alias(row: Alias) -> list[str | None]:
        days = [None if day is None else day.isoformat() for day in (row.effective_from, row.effective_until)]
        while days and days[-1] is None:
            days.pop()
        return [row.name, *days]

    def line(name: str) -> str:
        record = catalog.records[name]
        entry = [
            model_path(record.id, record.vendor),
            [alias(row) for row in record.aliases],
            record_digest(catalog.records, name),
        ]
        return f"{json.dumps(name)}: {json.dumps(entry, ensure_ascii=False)}"

    return "{\n" + ",\n".join(line(name) for name in sorted(catalog.records)) + "\n}\n"


class _RecordsOnDemand(Mapping[str, ModelRecord]):
    """The records of an indexed catalog, each read from its file when it is first asked for."""

    def __init__(self, loader: _Loader, index: Mapping[str, IndexEntry]) -> None:
        self._loader = loader
        self._index = index
        self._held: dict[str, ModelRecord] = {}

    def digest(self, name: str) -> str:
        return self._index[name].digest

    def __getitem__(self, name: str) -> ModelRecord:
        found = self._held.get(name)
        if found is None:
            found = self._held[name] = self._loader.record_at(self._index[name].path)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


def _stem(name: str) -> str:
    """The path of a file inside its folder, without ending."""
    return name.partition("/")[2].removesuffix(".toml")


def _fact_value(field: attrs.Attribute[Any], value: object) -> object:
    if isinstance(value, list):
        value = tuple(cast("list[object]", value))
    convert = field.metadata["fact"]
    if field.metadata.get("unit") and not isinstance(value, str):
        raise WrongTypeError(f"expected a range as text such as '150-250 {field.metadata['unit']}', got {_said(value)}")
    return convert(value, field)


def _workload(document: Document, read: WorkloadFile) -> Workload | None:
    """The workload, or None with its faults noted: every field is tried by itself, so that all are reported."""
    values: dict[str, Any] = {
        field.name: getattr(read, field.name)
        for field in attrs.fields(WorkloadFile)
        if field.name not in {"id", "name", "error_cost_usd"}
    }
    values["error_cost"] = read.error_cost_usd
    values["title"] = read.name
    needed: dict[str, Any] = {"input_tokens": 0, "output_tokens": 0}
    faults = 0
    for name, value in values.items():
        try:
            Workload(**{**needed, name: value})
        except TradeoffsError as problem:
            document.fault(["error_cost_usd" if name == "error_cost" else name], str(problem))
            faults += 1
    if faults or document.faults:
        return None
    try:
        return Workload(name=read.id, **values)
    except TradeoffsError as problem:
        document.fault([], str(problem))
        return None


def load_catalog(root: Traversable, *, checked: bool = True) -> Catalog:
    """
    Read a catalog folder. Raises ``CatalogError`` with every fault of every file.

    Args:
        root: The folder.
        checked: Whether policies and claims are looked at, too. The tests do that for the bundled ones,
            which spares the first call of every process the decision layer.
    """
    return _Loader(root).load(checked=checked)


def load_prices(path: Path, name: str | None) -> tuple[Source, dict[str, ModelRecord]]:
    """Read one file of prices by hand. Raises ``CatalogError`` with every fault."""
    loader = _Loader(path.parent)
    records = loader.load_prices(open_document(path), name)
    assert loader.own_source is not None  # the file's
    return loader.own_source, records


def load_workload(path: str | PathLike[str]) -> Workload:
    """Read one workload file. Raises ``CatalogError`` with every fault."""
    document = open_document(path)
    read = document.structure(WorkloadFile)
    workload = None if read is None else _workload(document, read)
    if workload is None:
        raise CatalogError(document.faults)
    return workload


def open_document(path: str | PathLike[str]) -> Document:
    """A TOML file. Raises ``CatalogError`` if it cannot be read at all."""
    try:
        return Document(str(path), Path(path).read_bytes())
    except OSError as problem:
        raise CatalogError([Fault(str(path), None, "", f"cannot be read: {problem.strerror}")]) from problem
