"""The arithmetic of one balance, the same for every store."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Final

from llm_tradeoffs.money import Exact, plain
from llm_tradeoffs.router.budget import Balance

__all__ = ["DAYS_KEPT", "Account", "parts_of"]

DAYS_KEPT: Final = 3
"""Days whose accounts are kept, counted by use: a clock that goes back finds what was spent."""


def parts_of(pico: Exact) -> tuple[int, int, int]:
    """Whole pico-dollars, and what is left over as numerator and denominator; 0 and 1 for nothing."""
    whole, over = divmod(pico.numerator, pico.denominator)
    return whole, over, pico.denominator if over else 1


class Account:
    """
    One balance. What is left over of a pico-dollar is kept by its denominator, each sum below one.

    Attributes:
        spent, reserved: [10^-12 USD]
        remainders: By denominator, the numerator of what is left over.
    """

    __slots__ = ("remainders", "reserved", "spent")

    def __init__(self, spent: int = 0, reserved: int = 0, remainders: dict[int, int] | None = None) -> None:
        self.spent = spent
        self.reserved = reserved
        self.remainders = remainders  # None as nearly always

    @property
    def used(self) -> int:
        """What no further reservation can have; every remainder counts as one. [10^-12 USD]"""
        return self.spent + self.reserved + (len(self.remainders) if self.remainders else 0)

    def add(self, pico: Exact) -> None:
        """Count what was spent. [10^-12 USD]"""
        if type(pico) is int:
            self.spent += pico
            return
        whole, over, denominator = parts_of(pico)
        remainders = self.remainders = self.remainders or {}
        carried, over = divmod(over + remainders.pop(denominator, 0), denominator)
        self.spent += whole + carried
        if over:
            remainders[denominator] = over

    @property
    def balance(self) -> Balance:
        """What it says."""
        spent: Exact = self.spent
        for denominator, over in (self.remainders or {}).items():
            spent += Fraction(over, denominator)
        return Balance.of(plain(spent), self.reserved)

    def dump(self) -> tuple[str, str, str]:
        """Its numbers as texts: no database has integers that are large enough for sure."""
        left = {str(denominator): str(over) for denominator, over in (self.remainders or {}).items()}
        return str(self.spent), str(self.reserved), json.dumps(left) if left else ""

    @classmethod
    def load(cls, spent: str, reserved: str, remainders: str) -> Account:
        """What :meth:`dump` gave."""
        left = {int(key): int(value) for key, value in json.loads(remainders).items()} if remainders else None
        return cls(int(spent), int(reserved), left)
