"""The gallery of charts: each with the lines that draw it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import attrs

import llm_tradeoffs as lt


@attrs.frozen
class Chart:
    """
    A chart of the gallery.

    Attributes:
        about: The question that it answers.
        code: What draws it; the last line is the chart.
    """

    about: str
    code: str = attrs.field(converter=lambda text: dedent(text).strip())

    def draw(self, catalog: lt.Catalog) -> Any:
        """The chart, from the very lines that the page shows."""
        *lines, last = self.code.splitlines()
        names: dict[str, Any] = {"lt": lt, "catalog": catalog}
        exec("\n".join(lines), names)
        return eval(last, names)


CHAT: Final = (
    'chat = lt.Workload(title="Support chatbot", input_tokens=200, output_tokens=150, requests_per_day=10_000)'
)
TWO: Final = f"{CHAT}\ncomparison = lt.compare('gpt-4.1-mini', 'claude-haiku-4.5', workload=chat)"
MORE: Final = (
    f"{CHAT}\ncomparison = lt.compare(\n"
    "    'gpt-4.1-mini', 'claude-haiku-4.5', 'gpt-4.1', 'gemini-2.5-flash', 'gpt-5-mini', workload=chat\n)"
)

CHARTS: Final = {
    "cost-against-volume": Chart(
        "What does a month cost, and how far does a budget reach?",
        f"{MORE}\ncomparison.plot.cost_vs_volume(budget_per_month=200)",
    ),
    "break-even": Chart(
        "From which volume on does a model with a fixed price pay?",
        f"{TWO}\ncomparison.plot.cost_vs_volume(fixed_per_month={{'gpt-4.1-mini': 400}})",
    ),
    "cost-against-quality": Chart("What does a better answer cost?", f"{TWO}\ncomparison.plot.cost_vs_quality()"),
    "cost-breakdown": Chart("What is paid for?", f"{MORE}\ncomparison.plot.cost_breakdown()"),
    "latency": Chart("How long does an answer take?", f"{TWO}\ncomparison.plot.latency()"),
    "turns": Chart(
        "What does each turn of a conversation cost?",
        f"{CHAT}\ntalk = chat.with_(turns=12)\n"
        "lt.compare('gpt-4.1-mini', 'claude-haiku-4.5', workload=talk).plot.cost_by_turn()",
    ),
    "where-each-wins": Chart(
        "For which requests is which model the cheapest?",
        f"{CHAT}\nmodels = ('gpt-4.1-mini', 'gemini-2.5-flash', 'gpt-5-mini')\n"
        "lt.compare(*models, workload=chat).plot.cheapest_by_tokens()",
    ),
    "a-price-step": Chart(
        "The same where the price of long requests jumps.",
        "papers = lt.Workload(title='Papers', input_tokens=150_000, output_tokens=20_000)\n"
        "models = ('gemini-2.5-pro', 'gpt-4.1', 'claude-sonnet-4.5')\n"
        "lt.compare(*models, workload=papers).plot.cheapest_by_tokens()",
    ),
    "tornado": Chart(
        "Which number matters most?",
        f"{CHAT}\nlt.sensitivity(['gpt-4.1-mini', 'claude-haiku-4.5'], chat).plot.tornado()",
    ),
    "price-history": Chart(
        "What did a million tokens cost on which day?",
        "catalog.plot.price_history('o3', 'grok-4.20', 'claude-haiku-4.5', 'gpt-5.6-luna')",
    ),
}


def gallery_page(pages: Path) -> None:
    """Draws every chart and lays it beside its code."""
    catalog = lt.Catalog.bundled()
    folder = pages / "gallery-charts"
    folder.mkdir()
    lines = ["# A gallery of charts", "", "Each is an Altair chart; `chart.save('chart.png')` needs no browser.", ""]
    lines += ["`import llm_tradeoffs as lt` and, for the last one, `catalog = lt.Catalog.bundled()` come first.", ""]
    for name, chart in CHARTS.items():
        drawn = chart.draw(catalog)
        drawn.save(str(folder / f"{name}.svg"))
        finding = " ".join(drawn.to_dict()["title"]["text"])
        lines += [f"## {chart.about}", "", f"![{finding}](gallery-charts/{name}.svg)", ""]
        lines += ["```python", chart.code, "```", ""]
    (pages / "gallery.md").write_text("\n".join(lines), encoding="utf-8")
