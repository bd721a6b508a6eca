"""
Whose name is whose, across the layers of a registry.

Price lists spell one model in many ways. Two records are about one model where one of them lists a name of
the other. Names are settled from the top down, as prices are: a layer may join what the layers above it do
not tell apart, and never takes a name away from them.

A moving name belongs to different models on different days, so all of this is worked out for a day, once
for each stretch of days on which no name moves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final

from llm_tradeoffs.errors import AmbiguousNameError, NoFactOnDateError, UnknownNameError
from llm_tradeoffs.facts import Alias
from llm_tradeoffs.pricing._layers import Layer

__all__ = ["Naming", "NamingByDay"]

# Whose spelling becomes the id: those who describe models, before those who only change their prices.
_SPELLING_ORDER: Final = ("bundled", "upstream", "private", "negotiated", "what-if")


class _Group:
    """Records that are about one model, as far as is known."""

    __slots__ = ("layers", "merged_into", "records")

    def __init__(self) -> None:
        self.records: list[tuple[Layer, str]] = []
        self.layers: set[str] = set()
        self.merged_into: _Group | None = None

    def add(self, layer: Layer, record: str) -> None:
        self.records.append((layer, record))
        self.layers.add(layer.name)

    def absorb(self, other: _Group) -> None:
        self.records += other.records
        self.layers |= other.layers
        other.merged_into = self

    @property
    def root(self) -> _Group:
        found = self
        while found.merged_into is not None:
            found = found.merged_into
        return found

    def spelling(self) -> str:
        """The id: of the layers that describe models first, the plainest one."""
        return min(self.records, key=_plainness)[1]


def _plainness(record: tuple[Layer, str]) -> tuple[int, int, str]:
    layer, name = record
    return (_SPELLING_ORDER.index(layer.kind), len(name), name)


class Naming:
    """
    Whose name is whose on one day.

    Attributes:
        records: For each model the id of the record that speaks for it in each layer, by the layer's name;
            where a layer has several, the one that is called like the model, or else the plainest.
        owner: For each name the model.
        contested: For each name that belongs to several models, these; sorted.
    """

    def __init__(self, layers: Iterable[Layer], day: date) -> None:
        self._groups: dict[str, _Group] = {}
        self._claimed: dict[str, list[_Group]] = {}
        for layer in layers:
            names = {name: [alias.name for alias in of if alias.holds(day)] for name, of in layer.names.items()}
            self._add(layer, names)
        ids: dict[_Group, str] = {}
        self.owner: dict[str, str] = {}
        for name, group in self._groups.items():
            root = group.root
            if root not in ids:
                ids[root] = root.spelling()
            self.owner[name] = ids[root]
        groups = {model: group for group, model in ids.items()}
        self.records = {model: _speakers(groups[model], model) for model in sorted(groups)}
        self.contested: dict[str, tuple[str, ...]] = {
            name: tuple(sorted({ids[group.root] for group in claimed})) for name, claimed in self._claimed.items()
        }

    def _add(self, layer: Layer, names: Mapping[str, list[str]]) -> None:
        """Take in one layer, below all that were taken in before."""
        # A record's own id is a name of it alone, whatever another record of the same list calls itself.
        claims: dict[str, list[str]] = {}
        for record, aliases in names.items():
            for alias in dict.fromkeys(aliases):
                if alias not in names:
                    claims.setdefault(alias, []).append(record)
        homes = self._homes(layer, names, self._links(claims))
        for record in names:
            self._groups.setdefault(record, homes[record])
            self._claimed.pop(record, None)  # an id settles what aliases leave open
        for alias in claims.keys() - self._groups.keys() - self._claimed.keys():
            owners = list(dict.fromkeys(homes[record].root for record in claims[alias]))
            if len(owners) == 1:
                self._groups[alias] = owners[0]
            else:
                self._claimed[alias] = owners

    def _links(self, claims: Mapping[str, list[str]]) -> dict[str, list[_Group]]:
        """For each record the models above that it calls by an alias. An alias that two records claim joins nothing."""
        links: dict[str, list[_Group]] = {}
        for alias, records in claims.items():
            if len(records) == 1 and alias in self._groups:
                links.setdefault(records[0], []).append(self._groups[alias])
        return links

    def _homes(self, layer: Layer, names: Iterable[str], links: Mapping[str, list[_Group]]) -> dict[str, _Group]:
        """The model of each record."""
        homes: dict[str, _Group] = {}
        # First those whose own id is known above: what the layer tells apart, an alias in it cannot join.
        for record in names:
            known = self._groups.get(record)
            if known is not None:
                homes[record] = known.root
                known.root.add(layer, record)
        for record in sorted(names, key=lambda name: (len(name), name)):
            linked = links.get(record, [])
            if record not in homes:
                homes[record] = _joined(linked) or _Group()
                homes[record].add(layer, record)
            else:
                for other in linked:
                    _joined([homes[record], other])
        return homes

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """For each model every name of it, its id first."""
        found: dict[str, list[str]] = {model: [model] for model in self.records}
        for name, model in self.owner.items():
            if name != model:
                found[model].append(name)
        return {model: tuple(names) for model, names in found.items()}

    def meant_by(self, name: str) -> tuple[str, ...]:
        """The models that *name* may mean: one, several, or none."""
        owner = self.owner.get(name)
        return self.contested.get(name, ()) if owner is None else (owner,)


def _joined(groups: Iterable[_Group]) -> _Group | None:
    """The groups as one, unless there is none or some layer tells two of them apart."""
    roots = list(dict.fromkeys(group.root for group in groups))
    layers = [name for group in roots for name in group.layers]
    if not roots or len(set(layers)) < len(layers):
        return None
    first, *others = roots
    for other in others:
        first.absorb(other)
    return first


def _speakers(group: _Group, model: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for layer, record in sorted(group.records, key=lambda held: (held[1] != model, len(held[1]), held[1])):
        found.setdefault(layer.name, record)
    return found


class NamingByDay:
    """The :class:`Naming` of every day, worked out when it is asked for."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers
        self._made: dict[int, Naming] = {}

    @cached_property
    def turns(self) -> list[date]:
        """The days on which some name begins or ceases to mean a model."""
        return sorted(
            {
                day
                for alias in self._aliases()
                for day in (alias.effective_from, alias.effective_until)
                if day is not None
            }
        )

    def _aliases(self) -> Iterator[Alias]:
        for layer in self._layers:
            for aliases in layer.names.values():
                yield from aliases

    def stretch(self, day: date) -> int:
        """The number of the stretch of days in which *day* lies; within one, no name moves."""
        return bisect_right(self.turns, day)

    def on(self, day: date) -> Naming:
        """Whose name is whose on *day*."""
        stretch = self.stretch(day)
        found = self._made.get(stretch)
        if found is None:
            found = self._made[stretch] = Naming(self._layers, day)
        return found

    def owner(self, name: str, day: date) -> str:
        """
        The model that is called *name* on *day*.

        Raises:
            UnknownNameError: No model is called that; near misses are listed.
            AmbiguousNameError: Several are.
            NoFactOnDateError: Some model is, but not on that day.
        """
        naming = self.on(day)
        meant = naming.meant_by(name) if isinstance(name, str) else ()
        if len(meant) > 1:
            raise AmbiguousNameError(name, meant)
        if meant:
            return meant[0]
        moving = [alias for alias in self._aliases() if alias.name == name]
        if not moving:
            raise UnknownNameError("model", name, naming.owner)
        begins = [alias.effective_from for alias in moving if alias.effective_from is not None]
        ends = [alias.effective_until for alias in moving if alias.effective_until is not None]
        later = [first for first in begins if first > day]
        last = None if later else max(ends).isoformat()
        raise NoFactOnDateError(
            f"model behind the name {name!r}", day.isoformat(), min(later).isoformat() if later else last, last
        )

    def knows(self, name: object, day: date) -> bool:
        """Whether *name* means one model on *day*, or some model on some other day."""
        if not isinstance(name, str):
            return False
        return name in self.on(day).owner or any(
            alias.name == name and not (alias.effective_from is None and alias.effective_until is None)
            for alias in self._aliases()
        )
