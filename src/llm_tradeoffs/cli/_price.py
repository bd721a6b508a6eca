"""What it costs: one call, many tokens, and where one model becomes cheaper than another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.cli._options import Facts, Work, number, pairs, spans, whole
from llm_tradeoffs.cli._output import Output
from llm_tradeoffs.cli._run import verb
from llm_tradeoffs.errors import InvalidValueError

__all__ = ["verbs"]

PANEL = "What it costs"

verbs = typer.Typer()

FirstModel = Annotated[
    str, typer.Argument(metavar="A", help="A model.", show_default=False, autocompletion=_complete.models)
]
SecondModel = Annotated[
    str, typer.Argument(metavar="B", help="Another one.", show_default=False, autocompletion=_complete.models)
]
By = Annotated[
    str | None,
    typer.Option(
        metavar="cost|expected_cost|cost_per_right_answer",
        help="What is compared. (Default: expected_cost where an error cost is stated, else cost.)",
        show_default=False,
        autocompletion=_complete.words("cost", "expected_cost", "cost_per_right_answer"),
    ),
]
Spans = Annotated[
    list[str] | None,
    typer.Option(
        "--range",
        metavar="FACTOR=LOW:HIGH",
        help="The range of a factor, such as output_tokens=100:300; once for each.",
        show_default=False,
    ),
]


def _count(help_: str) -> Any:
    return typer.Option(metavar="N", help=help_, show_default=False, rich_help_panel="The call")


@verb(
    verbs,
    "cost",
    panel=PANEL,
    examples=[
        "cost gpt-4.1-mini --input-tokens 200 --output-tokens 150",
        "cost claude-haiku-4.5 --input-tokens 9000 --output-tokens 400 --cache-read-tokens 8000 --service-tier batch",
        "cost gpt-4.1-mini --input-tokens 200 --output-tokens 150 --count web_searches=2 --json",
        "cost --response response.json",
    ],
)
def cost(
    *,
    facts: Facts,
    output: Output,
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]", help="Its id or a listed alias.", show_default=False, autocompletion=_complete.models
        ),
    ] = None,
    input_tokens: Annotated[str | None, _count("All input, cached or not.")] = None,
    output_tokens: Annotated[str | None, _count("All output, reasoning included.")] = None,
    cache_read_tokens: Annotated[str | None, _count("The part of the input read from a cache.")] = None,
    cache_write_5m_tokens: Annotated[str | None, _count("The part written to a cache for 5 minutes.")] = None,
    cache_write_1h_tokens: Annotated[str | None, _count("The part written to a cache for an hour.")] = None,
    reasoning_tokens: Annotated[str | None, _count("The part of the output that is reasoning.")] = None,
    count: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=N",
            help="Any other count, such as web_searches=2; once for each.",
            show_default=False,
            autocompletion=_complete.counts,
            rich_help_panel="The call",
        ),
    ] = None,
    response: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Instead: a provider's response as JSON, or - for stdin, which says itself what it used.",
            show_default=False,
            rich_help_panel="The call",
        ),
    ] = None,
    service_tier: Annotated[
        str | None,
        typer.Option(
            metavar="TIER",
            help="standard, batch, flex, priority ...",
            show_default=False,
            autocompletion=_complete.tiers,
            rich_help_panel="The call",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION",
            help="Where it was processed, if that has a price of its own.",
            show_default=False,
            rich_help_panel="The call",
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuse a rate that is only known to lie between two.", rich_help_panel="The call"
        ),
    ] = False,
) -> None:
    """
    The exact cost of one call.

    Ends with 1 if a price is not known: it is never taken as $0.
    """
    from llm_tradeoffs.costing import cost as ask
    from llm_tradeoffs.usage import Usage

    named = {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cache_read_tokens": cache_read_tokens,
        "cache_write_5m_tokens": cache_write_5m_tokens,
        "cache_write_1h_tokens": cache_write_1h_tokens,
        "reasoning_tokens": reasoning_tokens,
    }
    counts: dict[str, Any] = {
        name: whole(text, f"--{name.replace('_', '-')}") for name, text in named.items() if text is not None
    }
    for name, text in pairs(count, "--count", "web_searches=2").items():
        if name in counts:
            raise InvalidValueError(f"{name} is stated twice. Keep one of them.")
        counts[name] = (number if name.endswith(("_seconds", "_hours")) else whole)(text, name)
    question: dict[str, Any] = {
        "service_tier": service_tier,
        "region": region,
        "catalog": facts.held(),
        "as_of": facts.as_of,
        "strict": strict,
    }
    if response is not None:
        if model is not None or counts:
            raise InvalidValueError("a response says itself which model answered and what it used. State it alone.")
        output.print(ask(_response(response), **question))
        return
    if model is None:
        raise InvalidValueError("no model is named. Name one, or pass a response with --response FILE.")
    missing = [name for name in ("input_tokens", "output_tokens") if name not in counts]
    if missing and (not count or len(missing) == 1):
        options = " and no ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise InvalidValueError(f"the call has no {options}. State both, 0 if there was none.")
    output.print(ask(model, Usage(**counts), **question))


def _response(path: str) -> object:
    """A JSON value from a file or stdin. Raises ``InvalidValueError`` for what is none."""
    import json

    text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    try:
        return json.loads(text)
    except ValueError as problem:
        place = "stdin" if path == "-" else path
        raise InvalidValueError(f"{place} is no JSON: {problem}. Pass one response as its API sent it.") from None


@verb(
    verbs,
    "tokens",
    panel=PANEL,
    examples=['tokens gpt-4.1-mini --text "Which model for this work?"', "tokens claude-haiku-4.5 < prompt.txt"],
)
def tokens(
    *,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="Its id or a listed alias.", show_default=False, autocompletion=_complete.models
        ),
    ],
    facts: Facts,
    output: Output,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="A text file in UTF-8, or - for stdin.", show_default=False)
    ] = "-",
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="The text itself.", show_default=False)] = None,
) -> None:
    """How many tokens a text is for a model: counted exactly where its encoding is known, else estimated."""
    from llm_tradeoffs.show.document import Document, Paragraph
    from llm_tradeoffs.tokens import count_tokens

    if text is None:
        text = _text(file)
    elif file != "-":
        raise InvalidValueError("a text and a file were both stated. Keep one of them.")
    found = count_tokens(text, model, catalog=facts.held())
    plain = {"low": found.low, "high": found.high, "is_exact": found.is_exact, "method": found.method}
    output.print(Document("", [Paragraph(str(found))]), lambda: plain)


def _text(path: str) -> str:
    data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        place = "stdin" if path == "-" else path
        raise InvalidValueError(f"{place} is not in UTF-8: {problem}. Convert it first.") from None


@verb(
    verbs,
    "break-even",
    panel=PANEL,
    examples=[
        "break-even gpt-4.1-mini claude-haiku-4.5 --of error_cost -w support-chatbot",
        "break-even gpt-4.1-mini claude-haiku-4.5 --of price:output_tokens --input-tokens 200 --output-tokens 150",
        "break-even gpt-4.1-mini claude-haiku-4.5 --of requests --fixed-costs 0,500 -w support-chatbot",
    ],
)
def break_even(
    *,
    a: FirstModel,
    b: SecondModel,
    of: Annotated[
        str,
        typer.Option(
            metavar="QUANTITY",
            help="input_tokens, output_tokens, in_out_ratio, turns, cached_share, batch_share, error_cost, requests, "
            "escalation_rate, token_ratio, output_token_ratio, accuracy or price:<meter>; the last four of B, or "
            "'accuracy of <model>'.",
            show_default=False,
            autocompletion=_complete.quantities,
        ),
    ],
    work: Work,
    facts: Facts,
    output: Output,
    by: By = None,
    check_cost: Annotated[
        str, typer.Option(metavar="USD", help="What deciding whether to escalate costs per request.")
    ] = "0",
    fixed_costs: Annotated[
        str, typer.Option(metavar="USD,USD", help="What each costs once, whatever the volume: for requests.")
    ] = "0,0",
) -> None:
    """At which value of one quantity two models cost the same, and who is cheaper on either side."""
    from llm_tradeoffs.analysis._break_even import break_even as ask

    each = fixed_costs.split(",")
    if len(each) != 2:
        raise InvalidValueError(f"--fixed-costs is {fixed_costs!r}; write what A and B cost, such as 0,500.")
    held = facts.held()
    output.print(
        ask(
            a,
            b,
            work.asked(held),
            of,
            by=by,
            check_cost=number(check_cost, "--check-cost"),
            fixed_costs=(number(each[0], "--fixed-costs"), number(each[1], "--fixed-costs")),
            catalog=held,
            as_of=facts.as_of,
        )
    )


@verb(
    verbs,
    "sensitivity",
    panel=PANEL,
    examples=[
        "sensitivity gpt-4.1-mini -w support-chatbot",
        "sensitivity gpt-4.1-mini claude-haiku-4.5 -w support-chatbot --range output_tokens=100:300",
    ],
)
def sensitivity(
    *,
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="One: its cost. Two: their difference. More: the least.",
            show_default=False,
            autocompletion=_complete.models,
        ),
    ],
    work: Work,
    facts: Facts,
    output: Output,
    ranges: Spans = None,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="cost|difference|least",
            help="What is varied, if not what the number of models says.",
            show_default=False,
            autocompletion=_complete.words("cost", "difference", "least"),
        ),
    ] = None,
    by: By = None,
    share: Annotated[
        str, typer.Option(metavar="SHARE", help="How far factors without a range go up and down.")
    ] = "0.2",
) -> None:
    """How far each factor alone can move the cost, the widest swing first."""
    from llm_tradeoffs.analysis._sensitivity import sensitivity as ask

    held = facts.held()
    answer = ask(
        models,
        work.asked(held),
        spans(ranges, "--range", "output_tokens=100:300"),
        of=of,
        by=by,
        share=number(share, "--share"),
        catalog=held,
        as_of=facts.as_of,
    )
    output.print(answer)


@verb(
    verbs,
    "probability-cheaper",
    panel=PANEL,
    examples=["probability-cheaper gpt-4.1-mini claude-haiku-4.5 -w support-chatbot --error-cost 0.02"],
)
def probability_cheaper(
    *,
    a: FirstModel,
    b: SecondModel,
    work: Work,
    facts: Facts,
    output: Output,
    ranges: Spans = None,
    by: By = None,
    samples: Annotated[str, typer.Option(metavar="N", help="How many to draw where it is simulated.")] = "100000",
    seed: Annotated[str, typer.Option(metavar="N", help="Where the draws start.")] = "0",
) -> None:
    """How likely A is cheaper than B, with every uncertain fact anywhere in its range."""
    from llm_tradeoffs.analysis._sensitivity import probability_cheaper as ask
    from llm_tradeoffs.show.document import Document, Paragraph

    held = facts.held()
    answer = ask(
        a,
        b,
        work.asked(held),
        spans(ranges, "--range", "output_tokens=100:300"),
        by=by,
        samples=whole(samples, "--samples"),
        seed=whole(seed, "--seed"),
        catalog=held,
        as_of=facts.as_of,
    )
    output.print(Document("", [Paragraph(str(answer))]), answer.to_dict)


@verb(
    verbs,
    "value-of-information",
    panel=PANEL,
    examples=["value-of-information --option cheap=1,9 --option dear=4,4 --probability 0.5 --probability 0.5"],
)
def value_of_information(
    *,
    option: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=USD,USD...",
            help="What an option costs in each state, - where it cannot be chosen; once for each.",
            show_default=False,
        ),
    ],
    probability: Annotated[
        list[str], typer.Option(metavar="P", help="How likely a state is, 0 to 1; once for each.", show_default=False)
    ],
    output: Output,
) -> None:
    """What it is worth to know which state holds before one chooses."""
    from llm_tradeoffs.analysis._information import value_of_information as ask
    from llm_tradeoffs.costing import usd_text
    from llm_tradeoffs.show.document import Document, Paragraph

    costs = {
        name: [None if cell.strip() == "-" else number(cell, f"a cost of {name}") for cell in cells.split(",")]
        for name, cells in pairs(option, "--option", "cheap=1,9").items()
    }
    found = ask(costs, [number(text, "--probability") for text in probability])
    output.print(Document("", [Paragraph(f"Knowing it is worth {found}.")]), lambda: {"worth_usd": usd_text(found)})
