"""
Which candidates no other one dominates.

One candidate dominates another if it is at least as good in every respect and better in one, for every
value that facts stated as intervals may take. What is unknown neither dominates nor is dominated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.analysis._numbers import Runner
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.money import Exact
from llm_tradeoffs.policy import CRITERIA

__all__ = ["RESPECTS", "Pareto", "pareto"]

RESPECTS: Final = ("cost", "quality", "response_time")
"""In which respects candidates are compared unless others are named."""


@attrs.frozen(kw_only=True)
class Pareto(Tabular):
    """
    The candidates that no other one dominates.

    Attributes:
        by: In which respects they were compared.
        front: Ids of those whom nobody dominates, the least costly first.
        dominated: For each of the others, by id, those of the front that dominate it.
        unknown: For each candidate that could not be compared, by id, in which respects it is unknown.
    """

    by: tuple[str, ...]
    front: tuple[str, ...]
    dominated: Mapping[str, tuple[str, ...]] = attrs.field(hash=False)
    unknown: Mapping[str, tuple[str, ...]] = attrs.field(hash=False)

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import pareto_text

        return pareto_text(self)


_Ends = tuple[tuple[Exact, Exact], ...]


def dominates(one: _Ends, other: _Ends) -> bool:
    """Whether *one* is at least as good as *other* in every respect and better in one, wherever in their intervals."""
    better = False
    for (_, worst), (best, _) in zip(one, other, strict=True):
        if worst > best:
            return False
        better = better or worst < best
    return better


def pareto(runners: Sequence[Runner], by: Sequence[str] = ()) -> Pareto:
    """
    The Pareto set of *runners*.

    Raises:
        UnknownNameError: A criterion is not known.
    """
    names = tuple(by) or RESPECTS
    for name in names:
        if name not in CRITERIA:
            raise UnknownNameError("criterion", name, CRITERIA)
    known: dict[str, _Ends] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    for runner in runners:
        ends = {name: runner.ends(name) for name in names}
        missing = tuple(name for name, found in ends.items() if found is None)
        if missing:
            unknown[runner.id] = missing
        else:
            known[runner.id] = tuple(found for found in ends.values() if found is not None)
    # Whoever dominates another one comes before it in this order, so each is held against the front so far.
    front: list[str] = []
    dominated: list[str] = []
    for name in sorted(known, key=lambda name: (known[name], name)):
        beaten = any(dominates(known[better], known[name]) for better in front)
        (dominated if beaten else front).append(name)
    return Pareto(
        by=names,
        front=tuple(front),
        dominated={
            name: tuple(better for better in front if dominates(known[better], known[name])) for name in dominated
        },
        unknown=unknown,
    )
