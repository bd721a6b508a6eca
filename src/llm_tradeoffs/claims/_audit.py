"""
The audit: every claim of a text recomputed, with a verdict.

Facts are read in two worlds. In the text's own, its statements answer, so that its arithmetic is judged
by its own figures. In the other one everybody else answers first, so that it is seen where another
source says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from os import PathLike
from typing import TYPE_CHECKING, Final, Literal, cast

import attrs

from llm_tradeoffs._version import __version__
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.claims._costs import weigh
from llm_tradeoffs.claims._evaluate import Evaluator, value_text
from llm_tradeoffs.claims._functions import Value, World
from llm_tradeoffs.claims._quantities import Quantity, Undefined, number_text
from llm_tradeoffs.claims._read import Claim, Claims, Prepared, Stated, read
from llm_tradeoffs.claims._report import AuditedClaim, AuditReport, Opinion, Verdict, fact_text
from llm_tradeoffs.claims._says import Said, same_day, same_text, same_texts
from llm_tradeoffs.facts import Fact, as_day, most_trusted
from llm_tradeoffs.model import price_fact
from llm_tradeoffs.money import Exact, divide
from llm_tradeoffs.ranges import Range

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["audit"]

Match = Literal["exact", "rounded", "no"]


def audit(
    claims: Claims | str | PathLike[str], catalog: Catalog | None = None, *, as_of: date | str | None = None
) -> AuditReport:
    """
    Recompute every claim of a text, and say which hold.

    >>> report = audit("article")
    >>> print(report["conversation-mini"].because)
    it comes to $0.016, and what is stated is too low by a factor of 10

    Args:
        claims: The id of a claims file of the catalog, such as ``"article"``, the path of one, or :class:`Claims`.
        catalog: Whose facts are used; None for the bundled catalog. Its trust order says who is heard:
            where the claims name their own source, its statements are used first, to judge the text by its
            own figures, and those of the others are held against them.
        as_of: The day whose facts hold; None for the catalog's own day.

    Raises:
        UnknownNameError: There is no claims file of that id.
        CatalogError: The claims are wrong; every fault with its line.
    """
    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    stated, prepared = read(claims, held)
    bench = _Bench(held, day, stated.source)
    found = [_judged(each, bench) for each in prepared]
    return AuditReport(
        title=stated.title,
        entries=tuple(_with_conflicts(found)),
        source=None if stated.source is None else held.sources[stated.source],
        as_of=day,
        catalog_edition=held.edition,
        catalog_hash=held.content_hash,
        trust=held.trust,
        library_version=__version__,
    )


# The worlds.


class _Bench:
    """The worlds in which claims are worked out, each made once."""

    def __init__(self, catalog: Catalog, day: date, source: str | None) -> None:
        self.catalog, self.day, self.source = catalog, day, source
        self.others = tuple(name for name in catalog.trust if name != source)
        self._evaluators: dict[tuple[str, ...], Evaluator] = {}
        self._rows: dict[str, dict[str, list[Fact]]] = {}
        self._statements: dict[tuple[str, str], dict[str, Fact]] = {}

    def world(self, trust: tuple[str, ...]) -> Evaluator:
        """An evaluator that hears *trust*."""
        if trust not in self._evaluators:
            self._evaluators[trust] = Evaluator(World(self.catalog.trusting(*trust), self.day))
        return self._evaluators[trust]

    @property
    def own(self) -> tuple[tuple[str, ...], ...]:
        """Whom to hear about the text's own figures: itself alone, then itself first."""
        if self.source is None:
            return (self.catalog.trust,)
        return ((self.source,), (self.source, *self.others))

    def first(self, source: str) -> Evaluator:
        """The world in which *source* is heard before everybody else."""
        rest = (*(() if self.source is None else (self.source,)), *self.others)
        return self.world((source, *(name for name in rest if name != source)))

    @property
    def elsewhere(self) -> Evaluator:
        """The world in which everybody else is heard before the text."""
        return self.world((*self.others, *(() if self.source is None else (self.source,))))

    def statements(self, subject: str, field: str) -> dict[str, Fact]:
        """What every source other than the text says of a fact, most trusted first."""
        key = (subject, field)
        if key not in self._statements:
            rows = self._rows_of(subject).get(field, ())
            said = {name: most_trusted(rows, self.day, (name,)) for name in self.others}
            self._statements[key] = {name: fact for name, fact in said.items() if fact is not None}
        return self._statements[key]

    def _rows_of(self, subject: str) -> dict[str, list[Fact]]:
        if subject not in self._rows:
            record = self.catalog.records.get(subject)
            rows: Sequence[Fact]
            if record is None:
                rows = self.catalog.benchmarks[subject].facts
            else:
                rows = (*(price_fact(subject, price) for price in record.prices), *record.facts, *record.scores)
            by_field: dict[str, list[Fact]] = {}
            for row in rows:
                by_field.setdefault(row.field, []).append(row)
            self._rows[subject] = by_field
        return self._rows[subject]


# One claim.


@attrs.frozen(kw_only=True)
class _Outcome:
    """What a claim comes to in one world."""

    match: Match
    shown: str
    steps: tuple[str, ...]
    facts: Mapping[tuple[str, str], Fact]
    value: Value | None = None
    because: str = ""
    instead: str = ""


@attrs.frozen(kw_only=True)
class _Judged:
    """An entry, and what is needed to hold it against the others."""

    entry: AuditedClaim
    prepared: Prepared
    quantity: Quantity | None = None


def _judged(prepared: Prepared, bench: _Bench) -> _Judged:
    claim = prepared.claim
    if prepared.part is None and prepared.costs is None:
        # Nothing to work out. Where another claim speaks against it, which one is filled in with the pairs.
        verdict: Verdict = "undecidable" if claim.undecidable else "inconsistent"
        entry = AuditedClaim(claim=claim, verdict=verdict, because=claim.undecidable or claim.why)
        return _Judged(entry=entry, prepared=prepared)
    outcome: _Outcome | None = None
    reason = ""
    for trust in bench.own:
        try:
            outcome = _outcome(prepared, bench.world(trust))
        except Undefined as missing:
            reason = missing.reason
        else:
            break
    if outcome is None:
        verdict = "undecidable" if claim.undecidable else "not derivable"
        entry = AuditedClaim(claim=claim, verdict=verdict, because=claim.undecidable or reason)
        return _Judged(entry=entry, prepared=prepared)
    value, stated = outcome.value, prepared.stated
    quantity = value if isinstance(value, Quantity) else None
    entry = AuditedClaim(
        claim=claim,
        verdict="undecidable",
        because=claim.undecidable,
        exact=outcome.shown,
        value=_public(value, stated),
        factor=_factor(quantity, stated),
        steps=outcome.steps,
        facts=tuple(outcome.facts.values()),
        opinions=_opinions(prepared, outcome, bench),
    )
    if not claim.undecidable:
        entry = _decided(entry, prepared, outcome, bench)
    return _Judged(entry=entry, prepared=prepared, quantity=quantity)


def _decided(entry: AuditedClaim, prepared: Prepared, outcome: _Outcome, bench: _Bench) -> AuditedClaim:
    """The entry with its verdict, as far as the claim by itself goes."""
    if outcome.match == "no":
        if prepared.costs is not None:
            return attrs.evolve(entry, verdict="not derivable", because=outcome.because, instead=outcome.instead)
        theirs = [fact for fact in entry.facts if fact.source.id != bench.source]
        instead = _instead(prepared.stated, outcome)
        if prepared.part is not None and prepared.part.is_lookup and theirs:
            because = f"another source says otherwise: {'; '.join(map(_said_by, theirs))}"
            return attrs.evolve(entry, verdict="contradicted", because=because, instead=instead)
        because = _wrong(prepared.stated, outcome)
        return attrs.evolve(entry, verdict="wrong", because=because, instead=instead)
    against = _contradiction(prepared, entry, bench)
    if against is not None:
        said = "; ".join(map(_said_by, _other_statements(outcome, against)))
        because = f"another source says otherwise: {said}"
        return attrs.evolve(entry, verdict="contradicted", because=because, instead=_instead(prepared.stated, against))
    own = bool(entry.facts) and not entry.opinions and all(fact.source.id == bench.source for fact in entry.facts)
    if outcome.match == "exact":
        because = outcome.because or "exactly as stated"
        return attrs.evolve(entry, verdict="reproduced", because=because, own_word=own)
    words = "is about" if isinstance(prepared.stated, Said) and prepared.stated.about else "rounds to"
    because = outcome.because or f"it comes to {outcome.shown}, which {words} what is stated"
    return attrs.evolve(entry, verdict="rounded", because=because, own_word=own)


def _outcome(prepared: Prepared, evaluator: Evaluator) -> _Outcome:
    """
    What a claim comes to.

    Raises:
        Undefined: A fact that it needs is not known.
    """
    if prepared.costs is not None:
        weighed = weigh(prepared.costs, evaluator.world)
        return _Outcome(
            match=weighed.match,
            shown="",
            steps=weighed.arithmetic,
            facts=weighed.facts,
            because=weighed.because,
            instead=weighed.instead,
        )
    assert prepared.part is not None
    answer = evaluator.answer(prepared.part)
    stated = prepared.stated
    return _Outcome(
        match="no" if stated is None else _match(stated, answer.value),
        shown=_shown(answer.value, stated),
        steps=answer.arithmetic,
        facts=answer.facts,
        value=answer.value,
    )


def _match(stated: Stated, value: Value) -> Match:
    if isinstance(stated, Said):
        assert isinstance(value, Quantity)
        return stated.matches(value)
    if isinstance(stated, bool):
        return "exact" if stated is value else "no"
    if isinstance(value, tuple):
        return "exact" if same_texts(stated, value) else "no"
    if isinstance(value, date):
        return same_day(stated, value)
    assert isinstance(value, str)
    return "exact" if same_text(stated, value) else "no"


def _shown(value: Value, stated: Stated | None) -> str:
    if isinstance(value, Quantity):
        return value.shown(stated.unit if isinstance(stated, Said) else None)
    return value_text(value)


def _public(value: Value | None, stated: Stated | None) -> Range | bool | str | tuple[str, ...] | date | None:
    if isinstance(value, Quantity):
        return value.in_unit(stated.unit if isinstance(stated, Said) else value.unit)
    return value


def _factor(quantity: Quantity | None, stated: Stated | None) -> Range | None:
    ends = stated.factor(quantity) if quantity is not None and isinstance(stated, Said) else None
    return None if ends is None else Range(*ends)


# What others say.


def _opinions(prepared: Prepared, outcome: _Outcome, bench: _Bench) -> tuple[Opinion, ...]:
    """What the other sources that state the facts of a claim make of it, most trusted first."""
    stated: dict[str, list[Fact]] = {}
    differs: set[str] = set()
    for (subject, field), fact in outcome.facts.items():
        for name, theirs in bench.statements(subject, field).items():
            if theirs == fact:
                continue  # the very statement that the claim rests on
            stated.setdefault(name, []).append(theirs)
            if _comparable(theirs.value) != _comparable(fact.value):
                differs.add(name)
    return tuple(
        _opinion(prepared, outcome, bench, name=name, facts=tuple(stated[name]), differs=name in differs)
        for name in bench.others
        if name in stated
    )


def _opinion(
    prepared: Prepared, outcome: _Outcome, bench: _Bench, *, name: str, facts: tuple[Fact, ...], differs: bool
) -> Opinion:
    """What one source makes of a claim; *differs* if it states one of its facts in another way."""
    theirs: _Outcome | None = outcome
    if differs:
        try:
            theirs = _outcome(prepared, bench.first(name))
        except Undefined:
            theirs = None
    # What is undecidable says nothing that could be agreed with; there the figures themselves are compared.
    same = not differs if prepared.claim.undecidable else theirs is not None and theirs.match != "no"
    shown = "" if theirs is None else theirs.shown
    return Opinion(source=bench.catalog.sources[name], agrees=same, value=shown, facts=facts)


def _comparable(value: object) -> object:
    # Order of lists does not make a disagreement.
    return frozenset(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def _contradiction(prepared: Prepared, entry: AuditedClaim, bench: _Bench) -> _Outcome | None:
    """
    What a claim comes to where everybody else is heard first, if it does not hold there.

    Where the others disagree among themselves, the trust order says who answers; the rest are opinions.
    """
    if all(opinion.agrees for opinion in entry.opinions):
        return None
    try:
        found = _outcome(prepared, bench.elsewhere)
    except Undefined:
        return None
    return found if found.match == "no" else None


def _other_statements(outcome: _Outcome, against: _Outcome) -> list[Fact]:
    """The facts in which two worlds differ, as the second one has them."""
    mine = outcome.facts
    return [
        fact
        for key, fact in against.facts.items()
        if key not in mine or _comparable(mine[key].value) != _comparable(fact.value)
    ]


def _said_by(fact: Fact) -> str:
    since = "" if fact.effective_from is None else f", from {fact.effective_from} on"
    return f"{fact.source.id} says {fact.subject} {fact.field} = {fact_text(fact)} ({fact.place}{since})"


# Words.


def _instead(stated: Stated | None, outcome: _Outcome) -> str:
    """What to believe: in fewer digits than the arithmetic where there are endlessly many."""
    value = outcome.value
    if not isinstance(value, Quantity):
        return outcome.instead or outcome.shown
    unit = stated.unit if isinstance(stated, Said) else value.unit
    return unit.text(value.low, value.high, INSTEAD_DIGITS).replace("≈ ", "about ")


def _wrong(stated: Stated | None, outcome: _Outcome) -> str:
    value = outcome.value
    if not (isinstance(stated, Said) and isinstance(value, Quantity)):
        return f"the answer is {outcome.shown}" if isinstance(value, bool) else f"it is {outcome.shown}"
    head = f"it comes to {outcome.shown}"
    if stated.relation != "=":
        return f"{head}, which is not {stated.text}"
    if stated.low == stated.high and not value.is_point:
        return f"{head}, and {_beside(stated, value)}"
    ends = [("low", stated.low, value.low, stated.low_reach), ("high", stated.high, value.high, stated.high_reach)]
    off = [
        _off("what is stated is" if stated.low == stated.high else f"the {name} end is", said, exact)
        for name, said, exact, reach in (ends[:1] if stated.low == stated.high else ends)
        if not said - reach <= exact <= said + reach
    ]
    return f"{head}, and {' and '.join(off)}"


def _beside(stated: Said, value: Quantity) -> str:
    """One number was stated where there is a range."""
    if stated.high + stated.high_reach < value.low:
        return _off("what is stated is", stated.high, value.low, " or more")
    if stated.low - stated.low_reach > value.high:
        return _off("what is stated is", stated.low, value.high, " or more")
    return "what is stated is only a part of that"


def _off(what: str, said: Exact, exact: Exact, more: str = "") -> str:
    side = "too low" if said < exact else "too high"
    if said <= 0 or exact <= 0:
        return f"{what} {side}"
    factor = max(divide(exact, said), divide(said, exact))
    digits = 0 if factor >= THREE_DIGITS else 1 if factor >= TWO_DIGITS else 2
    while round(factor * 10**digits) == 10**digits:
        digits += 1  # "by a factor of 1" would say that nothing is off
    shown = number_text(divide(round(factor * 10**digits), 10**digits))[0]
    return f"{what} {side} by a factor of {shown}{more}"


INSTEAD_DIGITS: Final = 3
THREE_DIGITS: Final = 100
TWO_DIGITS: Final = 10


# Claims of one text against each other.


def _with_conflicts(judged: Sequence[_Judged]) -> Iterator[AuditedClaim]:
    """The entries, with the pairs that cannot hold together."""
    conflicts: dict[str, dict[str, None]] = {}
    loses: dict[str, str] = {}

    def pair(one: _Judged, other: _Judged) -> None:
        conflicts.setdefault(one.entry.id, {})[other.entry.id] = None
        conflicts.setdefault(other.entry.id, {})[one.entry.id] = None

    for group in _groups(judged):
        best = min(group, key=_distance)
        for each in group:
            if each is not best and not _compatible(each.prepared.stated, best.prepared.stated):
                pair(each, best)
                loses.setdefault(each.entry.id, best.entry.id)
                if best.quantity is None and not isinstance(best.entry.value, bool | str | tuple | date):
                    loses.setdefault(best.entry.id, each.entry.id)
    by_id = {each.entry.id: each for each in judged}
    for each in judged:
        for other in each.prepared.claim.inconsistent_with:
            pair(each, by_id[other])
    for each in judged:
        entry = attrs.evolve(each.entry, conflicts_with=tuple(conflicts.get(each.entry.id, ())))
        claim = entry.claim
        if claim.inconsistent_with:
            others = " and ".join(_quoted(by_id[other].entry.claim) for other in claim.inconsistent_with)
            because = f"it cannot hold beside {others}: {claim.why}"
            entry = attrs.evolve(entry, verdict="inconsistent", because=because, own_word=False)
        elif entry.id in loses and not entry.holds and entry.verdict != "contradicted":
            rival = by_id[loses[entry.id]].entry.claim
            reason = "" if entry.verdict == "not derivable" else f"; {entry.because}"
            entry = attrs.evolve(
                entry, verdict="inconsistent", because=f"it cannot hold beside {_quoted(rival)}{reason}"
            )
        yield entry


def _quoted(claim: Claim) -> str:
    said = f" ({claim.says})" if claim.says is not None else ""
    return f"{claim.id!r}{said}"


def _groups(judged: Sequence[_Judged]) -> Iterator[list[_Judged]]:
    """Claims about the same quantity: by the same expression, or by their own word."""
    groups: dict[object, list[_Judged]] = {}
    for each in judged:
        stated, part, claim = each.prepared.stated, each.prepared.part, each.prepared.claim
        if stated is None or part is None:
            continue
        kind = (type(stated), part.type)
        groups.setdefault((claim.about, kind) if claim.about else (part.number, kind), []).append(each)
    yield from (group for group in groups.values() if len(group) > 1)


def _distance(each: _Judged) -> tuple[bool, Exact]:
    """How far a claim is from what was recomputed; those that hold come first."""
    stated = each.prepared.stated
    far = stated.distance(each.quantity) if isinstance(stated, Said) and each.quantity is not None else 0
    return (not each.entry.holds, far)


def _compatible(one: Stated | None, other: Stated | None) -> bool:
    if isinstance(one, Said) and isinstance(other, Said):
        return one.meets(other)
    if isinstance(one, str) and isinstance(other, str):
        return same_text(one, other)
    return one == other
