"""
Charts, as Altair objects: the extra ``plot``.

Nobody calls these classes by name: ``comparison.plot.cost_vs_volume()``, ``sensitivity.plot.tornado()``,
``catalog.plot.price_history("gpt-4.1-mini")``. What a chart shows was computed exactly; floats only place the ink.
"""

from llm_tradeoffs.plot._catalog import CatalogPlots
from llm_tradeoffs.plot._comparison import ComparisonPlots
from llm_tradeoffs.plot._sensitivity import SensitivityPlots

__all__ = ["CatalogPlots", "ComparisonPlots", "SensitivityPlots"]
