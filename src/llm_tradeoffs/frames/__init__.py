"""
A usage log in a frame, priced exactly by the engine that holds it.

Group first, price after: the engine sorts calls into cells and adds up counts; the cells are priced by the same
arithmetic as one call. Needs the extra ``frames`` (narwhals alone); the engine is the user's.
"""

from __future__ import annotations

from llm_tradeoffs.frames._cells import Cell, Cells
from llm_tradeoffs.frames._change import Change, Effects, GroupChange, change
from llm_tradeoffs.frames._columns import MissingColumnError
from llm_tradeoffs.frames._engine import WrongColumnError
from llm_tradeoffs.frames._insight import (
    Driver,
    Drivers,
    Forgone,
    ForgoneGroup,
    Savings,
    between,
    drivers,
    rollup,
    savings,
)
from llm_tradeoffs.frames._price import WhatIf, cells, price, price_cells, reprice
from llm_tradeoffs.frames._project import Projection, project
from llm_tradeoffs.frames._results import FrameCost, GroupCost, InexactFrameError, Repriced
from llm_tradeoffs.frames._rows import SlowRowsWarning, price_rows
from llm_tradeoffs.frames._sql import cells_sql
from llm_tradeoffs.frames._workload import MeasuredWorkload

__all__ = [
    # Questions.
    "price",
    "reprice",
    "price_rows",
    "price_cells",
    "cells",
    "cells_sql",
    "WhatIf",
    # Questions about money.
    "rollup",
    "drivers",
    "savings",
    "change",
    "between",
    "project",
    # Answers.
    "FrameCost",
    "GroupCost",
    "Repriced",
    "Driver",
    "Drivers",
    "Savings",
    "Forgone",
    "ForgoneGroup",
    "Change",
    "GroupChange",
    "Effects",
    "Projection",
    "MeasuredWorkload",
    # Cells.
    "Cell",
    "Cells",
    # Errors.
    "InexactFrameError",
    "MissingColumnError",
    "WrongColumnError",
    "SlowRowsWarning",
]
