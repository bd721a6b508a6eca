"""Which model, and why: compare, assess, recommend, explain and what would change the answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.cli._later import saved
from llm_tradeoffs.cli._options import Candidates, Choice, Facts, Work, is_saved, named, number, pairs, spans, whole
from llm_tradeoffs.cli._output import Output, print_json
from llm_tradeoffs.cli._run import NO, OK, verb
from llm_tradeoffs.errors import InvalidValueError

if TYPE_CHECKING:
    from llm_tradeoffs.recommendation import Mix, Recommendation
    from llm_tradeoffs.workload import Workload

__all__ = ["verbs"]

PANEL = "Which model"

Models = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL...", help="Ids or listed aliases.", show_default=False, autocompletion=_complete.models
    ),
]
Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="Its id or a listed alias.", show_default=False, autocompletion=_complete.models
    ),
]
WorkloadName = Annotated[
    str | None,
    typer.Argument(
        metavar="[PRESET|FILE|ANSWER]",
        help="The workload, as for --workload; or a saved answer (answer.json, - for stdin), asked as it is.",
        show_default=False,
        autocompletion=_complete.presets,
    ),
]


verbs = typer.Typer()


def _each(answer: Recommendation | Mix) -> list[Recommendation]:
    from llm_tradeoffs.recommendation import Recommendation

    return [answer] if isinstance(answer, Recommendation) else [part.recommendation for part in answer.parts]


def _decided(answer: Recommendation | Mix) -> int:
    """1 where nobody can be named."""
    return OK if all(each.status in {"selected", "tie"} for each in _each(answer)) else NO


def _answered(
    work: Work, candidates: Candidates, choice: Choice, facts: Facts, preset: str | None = None
) -> Recommendation:
    if preset is not None and is_saved(preset):
        return saved(preset)
    held = facts.held()
    return _each(choice.recommend(work.asked(held, preset), candidates, held, facts.as_of))[0]


@verb(
    verbs,
    "compare",
    panel=PANEL,
    examples=[
        "compare gpt-4.1-mini claude-haiku-4.5 --workload support-chatbot",
        "compare gpt-4.1-mini claude-haiku-4.5 --input-tokens 200 --output-tokens 150 --requests-per-day 10000",
        "compare gpt-4.1-mini claude-haiku-4.5 -w work.toml --as-of 2026-03-15 --json",
    ],
)
def compare(models: Models, work: Work, facts: Facts, output: Output) -> None:
    """Models side by side on a workload: one row a property, one column a model, and which is better."""
    from llm_tradeoffs.comparison import compare as ask

    held = facts.held()
    output.print(ask(*models, workload=work.asked(held), catalog=held, as_of=facts.as_of))


@verb(verbs, "assess", panel=PANEL, examples=["assess gpt-4.1-mini --workload long-document"])
def assess(model: Model, work: Work, facts: Facts, output: Output) -> int:
    """
    What one model costs, takes and can do for a workload.

    Ends with 1 if it certainly cannot do the work.
    """
    from llm_tradeoffs.assessment import assess as ask

    held = facts.held()
    answer = ask(model, work.asked(held), catalog=held, as_of=facts.as_of)
    output.print(answer)
    return NO if answer.feasible is False else OK


@verb(
    verbs,
    "recommend",
    panel=PANEL,
    examples=[
        "recommend support-chatbot",
        "recommend --input-tokens 900 --output-tokens 60 --error-cost 0.05 --objective expected-cost",
        "recommend work.toml -c gpt-4.1-mini -c claude-haiku-4.5 --max-cost-per-month 500",
        "recommend support-chatbot long-document --quiet",
    ],
)
def recommend(
    *,
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    output: Output,
    workloads: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PRESET|FILE]...",
            help="The workload, as for --workload; several for a mix of models.",
            show_default=False,
            autocompletion=_complete.presets,
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="Print the id of the chosen model alone; of each that ties.", rich_help_panel="Output"
        ),
    ] = False,
) -> int:
    """
    Which model for this work, and why.

    Ends with 1 if no model can do the work, or if that hangs on facts that nobody has stated.
    """
    held = facts.held()
    asked: Any = None
    if workloads is None or len(workloads) < 2:
        asked = work.asked(held, workloads[0] if workloads else None)
    elif work.workload is not None or work.stated:
        raise InvalidValueError("several workloads were named, so options that describe one have no meaning here.")
    else:
        asked = [named(name, held) for name in workloads]
    answer = choice.recommend(asked, candidates, held, facts.as_of)
    if quiet:
        for each in _each(answer):
            for model in each.tied if each.chosen is None else (each.chosen,):
                typer.echo(model)
    else:
        output.print(answer)
    return _decided(answer)


@verb(
    verbs,
    "explain",
    panel=PANEL,
    examples=[
        "explain support-chatbot",
        "explain gpt-4.1-mini --as-of 2026-03-15",
        "explain guide",
        "recommend support-chatbot --json > answer.json; llm-tradeoffs explain answer.json",
    ],
)
def explain(
    *,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[SUBJECT]",
            help="A model, preset, policy, task, benchmark or source of the catalog; a TOML file with a workload; "
            "or a saved answer (answer.json, or - for stdin).",
            show_default=False,
            autocompletion=_complete.subjects,
        ),
    ] = None,
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    output: Output,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="model|preset|policy|task|benchmark|source",
            help="What the subject is, where a name is that of several things.",
            show_default=False,
            autocompletion=_complete.words("model", "preset", "policy", "task", "benchmark", "source"),
        ),
    ] = None,
) -> None:
    """
    Say all that is known of something, with sources.

    Of a workload: the recommendation as prose, why not each of the others, and what would change it.
    Of a model: every fact and price, who says so since when, and who disagrees.
    Of a policy: its questions. Of a saved answer: the same prose again.
    """
    from llm_tradeoffs.cli._explain import explained

    document, plain = explained(subject, kind, work=work, candidates=candidates, choice=choice, facts=facts)
    output.print(document, plain)


@verb(
    verbs,
    "flips",
    panel=PANEL,
    examples=["flips support-chatbot", "flips support-chatbot --objective expected-cost --variable error_cost"],
)
def flips(
    *,
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    output: Output,
    preset: WorkloadName = None,
    variable: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only this number, such as output_tokens, error_cost or price; once for each.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """At which values another answer would hold, one number at a time, exactly."""
    found = _answered(work, candidates, choice, facts, preset).flips(*(variable or ()))
    output.print(found)


@verb(verbs, "why-not", panel=PANEL, examples=["why-not claude-haiku-4.5 support-chatbot"])
def why_not(
    *,
    model: Model,
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    output: Output,
    preset: WorkloadName = None,
) -> None:
    """Why a candidate was not chosen, what it lacks, and what would make it win."""
    found = _answered(work, candidates, choice, facts, preset).why_not(facts.held().resolve(model, facts.as_of))
    output.print(found)


@verb(verbs, "pareto", panel=PANEL, examples=["pareto support-chatbot --all-models --by cost --by quality"])
def pareto(
    *,
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    output: Output,
    preset: WorkloadName = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CRITERION",
            help="A criterion; once for each. (Default: cost, quality, response_time.)",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Which candidates no other one dominates, and who dominates whom."""
    found = _answered(work, candidates, choice, facts, preset).pareto(*(by or ()))
    output.print(found)


@verb(verbs, "information", panel=PANEL, examples=["information image-documents --all-models"])
def information(
    *,
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    output: Output,
    preset: WorkloadName = None,
    undone_cost: Annotated[
        str | None,
        typer.Option(metavar="USD", help="What a request costs that no model does.", show_default=False),
    ] = None,
    prior: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FACT=LOW:HIGH|VALUE@P,...",
            help="How likely the values of a fact are; once for each.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Which open facts would decide, where each of their values leads, and what it is worth to know them."""
    from llm_tradeoffs.analysis._information import information as ask

    answer = _answered(work, candidates, choice, facts, preset)
    output.print(
        ask(
            answer,
            prior={name: _prior(text) for name, text in pairs(prior, "--prior", "FACT=yes@0.3,no@0.7").items()},
            undone_cost=None if undone_cost is None else number(undone_cost, "--undone-cost"),
        )
    )


def _prior(text: str) -> Any:
    """How likely the values of a fact are, from ``LOW:HIGH`` or ``VALUE@P,VALUE@P``."""
    if "@" not in text:
        return next(iter(spans([f"prior={text}"], "--prior", "FACT=70:80").values()))
    found: dict[Any, Any] = {}
    for part in text.split(","):
        value, _, share = part.strip().rpartition("@")
        known: Any = {"yes": True, "no": False}.get(value, value)
        if value[:1].isdigit():
            known = number(value, "a value of --prior")
        found[known] = number(share, f"the probability of {value}")
    return found


@verb(
    verbs,
    "optimize",
    panel=PANEL,
    examples=[
        "optimize chat=support-chatbot code-completion --budget-per-month 500",
        "optimize chat=chat.toml maths=maths.toml --max-vendors 1 --quality-floor maths=85",
    ],
)
def optimize(
    *,
    work: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]PRESET|FILE...",
            help="The works, each by a name of your own.",
            show_default=False,
            autocompletion=_complete.presets,
        ),
    ],
    candidates: Candidates,
    facts: Facts,
    output: Output,
    budget_per_month: Annotated[
        str | None, typer.Option(metavar="USD", help="What may be paid in a month of 30 days.", show_default=False)
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            metavar="expected-cost|cost",
            help="What is to be least.",
            autocompletion=_complete.words("expected-cost", "cost"),
        ),
    ] = "expected-cost",
    splits: Annotated[bool, typer.Option("--splits", help="A work may be shared out among models.")] = False,
    min_quality_percent: Annotated[
        str | None,
        typer.Option(metavar="PERCENT", help="Least share of right answers over all.", show_default=False),
    ] = None,
    quality_floor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PERCENT", help="The same of one work; once for each.", show_default=False),
    ] = None,
    max_vendors: Annotated[
        str | None, typer.Option(metavar="N", help="How many vendors there may be.", show_default=False)
    ] = None,
    rate_limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=N", help="Requests per minute, by model or vendor; once for each.", show_default=False
        ),
    ] = None,
    end: Annotated[
        str,
        typer.Option(
            metavar="low|high",
            help="Which end of each accuracy's interval to plan with.",
            autocompletion=_complete.words("low", "high"),
        ),
    ] = "low",
) -> int:
    """
    Which model should do which work, so that all of it costs least and keeps within the limits.

    Ends with 1 if no plan keeps within them.
    """
    from llm_tradeoffs.portfolio import optimize as ask

    held = facts.held()
    described: dict[str, Workload | str] = {}
    for text in work:
        name, _, source = text.rpartition("=")
        name = name or Path(source).stem
        if name in described:
            raise InvalidValueError(f"two works are called {name!r}. Name one of them otherwise: other={source}.")
        described[name] = named(source, held)

    def numbers(texts: list[str] | None, option: str, example: str) -> dict[str, Any] | None:
        return {name: number(text, option) for name, text in pairs(texts, option, example).items()} or None

    kind: Any = objective  # any text: optimize() refuses what it does not know
    which: Any = end
    plan = ask(
        described,
        candidates.among(held, facts.as_of),
        budget_per_month=None if budget_per_month is None else number(budget_per_month, "--budget-per-month"),
        objective=kind,
        splits=splits,
        min_quality_percent=None
        if min_quality_percent is None
        else number(min_quality_percent, "--min-quality-percent"),
        quality_floors=numbers(quality_floor, "--quality-floor", "maths=85"),
        max_vendors=None if max_vendors is None else whole(max_vendors, "--max-vendors"),
        rate_limits=numbers(rate_limit, "--rate-limit", "gpt-4.1-mini=500"),
        end=which,
        catalog=held,
        as_of=facts.as_of,
    )
    output.print(plan)
    return OK if plan.status in {"optimal", "feasible"} else NO


@verb(
    verbs,
    "report",
    panel=PANEL,
    examples=[
        "report -w support-chatbot -o decision.html",
        "report gpt-4.1-mini claude-haiku-4.5 -w support-chatbot -o comparison.md",
    ],
)
def report(
    *,
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help="The models to compare; none for the recommendation.",
            show_default=False,
            autocompletion=_complete.models,
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write it: .html, .md or .json says the form.",
            show_default=False,
        ),
    ],
    work: Work,
    candidates: Candidates,
    choice: Choice,
    facts: Facts,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> int:
    """
    Write a report in one file, with tables, charts, reasons, flips and sources; the HTML opens offline.

    With models it compares them, else it recommends one. Ends with 1 if it recommends and no model can be named.
    """
    from llm_tradeoffs.comparison import compare as ask

    held = facts.held()
    code = OK
    if models:
        ask(*models, workload=work.asked(held), catalog=held, as_of=facts.as_of).save(output)
    else:
        answer = _answered(work, candidates, choice, facts)
        answer.save(output)
        code = _decided(answer)
    about = "comparison" if models else "recommendation"
    if json:
        print_json({"written": str(output), "report": about, "bytes": output.stat().st_size})
    else:
        print(f"the {about} was written to {output}", file=sys.stderr)
    return code
