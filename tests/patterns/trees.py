"""
What the patterns are held against: every outcome, one by one, with its probability.

Naive and slow on purpose, and nothing here calls the library: amounts are fractions of a dollar, an outcome is a
tuple of its probability, its cost and whether the answer that is given is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from oracle import Tariff, call_cost

Outcome: TypeAlias = tuple[Fraction, Fraction, bool]
Stage: TypeAlias = tuple[Fraction, Fraction]  # what it costs, how often it is right
Checker: TypeAlias = tuple[Fraction, Fraction, Fraction]  # what it costs, false accepts, false rejects

ONE = Fraction(1)


def mean(outcomes: Sequence[Outcome]) -> tuple[Fraction, Fraction]:
    """Expected cost and share of right answers; the probabilities have to make one."""
    assert sum(probability for probability, _, _ in outcomes) == 1
    cost = sum((probability * paid for probability, paid, _ in outcomes), Fraction(0))
    right = sum((probability for probability, _, is_right in outcomes if is_right), Fraction(0))
    return cost, right


def with_errors(outcomes: Sequence[Outcome], error_cost: Fraction) -> Fraction:
    """Expected cost where each wrong answer costs something on top."""
    return sum((p * (paid + (0 if right else error_cost)) for p, paid, right in outcomes), Fraction(0))


def kinds(hopeless: Fraction) -> Iterator[tuple[Fraction, bool]]:
    """The two kinds of requests with their shares: those that are never answered right, and the rest."""
    yield hopeless, True
    yield 1 - hopeless, False


def among(right: Fraction, hopeless: Fraction, never: bool) -> Fraction:
    """How often one kind of requests is answered right, where *right* of all are."""
    return Fraction(0) if never or hopeless == 1 else right / (1 - hopeless)


def ladder(stages: Sequence[Stage], checks: Sequence[Checker], hopeless: Fraction = Fraction(0)) -> list[Outcome]:
    """Stage after stage until a check accepts; the last answer is given as it is."""

    def from_stage(index: int, never: bool) -> Iterator[Outcome]:
        cost, overall = stages[index]
        right = among(overall, hopeless, never)
        for is_right, chance in ((True, right), (False, 1 - right)):
            if index == len(checks):
                yield chance, cost, is_right
                continue
            fee, false_accept, false_reject = checks[index]
            accepted = 1 - false_reject if is_right else false_accept
            yield chance * accepted, cost + fee, is_right
            for probability, later, outcome in from_stage(index + 1, never):
                yield chance * (1 - accepted) * probability, cost + fee + later, outcome

    return [(share * p, paid, right) for share, never in kinds(hopeless) for p, paid, right in from_stage(0, never)]


def samples(right: Fraction, n: int, hopeless: Fraction) -> Iterator[tuple[Fraction, tuple[bool, ...]]]:
    """Every way in which n answers can be right or wrong."""
    for share, never in kinds(hopeless):
        chance = among(right, hopeless, never)
        for answers in product((True, False), repeat=n):
            probability = share
            for is_right in answers:
                probability *= chance if is_right else 1 - chance
            yield probability, answers


def vote(answers: Sequence[bool], *, agree: bool) -> Fraction:
    """How often the most frequent answer is the right one; ties by chance. Right answers are alike."""
    wrong = [0 if agree else 1 + index for index, is_right in enumerate(answers) if not is_right]
    ballots = ["right" for is_right in answers if is_right] + [f"wrong {each}" for each in wrong]
    counted = {ballot: ballots.count(ballot) for ballot in ballots}
    leaders = [ballot for ballot, count in counted.items() if count == max(counted.values())]
    return Fraction(leaders.count("right"), len(leaders))


def cached_conversations(
    tariff: Tariff,
    *,
    input_tokens: int,
    output_tokens: int,
    turns: int,
    history_resent: bool,
    expired: Fraction,
    shared_tokens: int,
    shared_found: Fraction,
    minimum: int,
    write_meter: str,
) -> list[tuple[Fraction, Fraction]]:
    """Every sequence of turns that find the cache, only the shared beginning, or nothing: probability and cost."""
    later = {
        "all": 1 - expired,
        "shared": expired * shared_found,
        "nothing": expired * (1 - shared_found),
    }
    first = {"shared": shared_found, "nothing": 1 - shared_found}
    found: list[tuple[Fraction, Fraction]] = []
    for states in product(first, *([later] * (turns - 1))):
        probability, owed, said, before = ONE, Fraction(0), 0, 0
        for number, state in enumerate(states):
            probability *= later[state] if number else first[state]
            sent = input_tokens + (said if history_resent else 0)
            keeps_history = history_resent and turns > 1
            marked = sent if keeps_history else shared_tokens  # what the request asks to be cached
            held = {"all": before if keeps_history else shared_tokens, "shared": shared_tokens, "nothing": 0}[state]
            read = held if held >= minimum else 0
            written = marked - read if marked >= minimum else 0
            counts = {
                "input_tokens": sent,
                "output_tokens": output_tokens,
                "cache_read_tokens": read,
                write_meter: written,
            }
            owed += call_cost(tariff, counts)
            before = sent
            said += input_tokens + output_tokens
        found.append((probability, owed))
    return found


def pieces(length: int, chunk: int, overlap: int) -> list[range]:
    """A document cut into pieces, each beginning *overlap* before the end of the one before."""
    found = [range(min(chunk, length))]
    while found[-1].stop < length:
        start = found[-1].stop - overlap
        found.append(range(start, min(start + chunk, length)))
    return found
