"""
The article's comparison, a recommendation for each of its workloads, and where the numbers come from.

`make demo` runs this. "The article" is the comparison that the library grew from: "GPT-4.1 Mini vs Claude
Haiku 4.5", March 2026. Its statements and today's facts are in one catalog; whom to believe is a parameter.
"""

import textwrap

import llm_tradeoffs as lt
from llm_tradeoffs.show.text import table

WIDTH = 100
MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
SHORT = {MINI: "Mini", HAIKU: "Haiku", None: "tie"}

TODAY = lt.Catalog.bundled()
ARTICLE = lt.Catalog.bundled(trust=("article",), as_of="2026-03-31")


def main() -> None:
    comparison_in_both_worlds()
    one_recommendation_for_each_workload()
    what_breaks_a_tie()
    the_right_model_for_each_job()
    where_a_number_comes_from()


def comparison_in_both_worlds() -> None:
    heading("1. The article's comparison")
    say("First in the article's world: only what the article says is believed.")
    then = lt.compare(MINI, HAIKU, workload="support-chatbot", catalog=ARTICLE)
    print(then, end="\n\n")

    now = lt.compare(MINI, HAIKU, workload="support-chatbot")
    changed = [
        [row.label, *row.texts, *now.row(row.id).texts] for row in then.rows if row.texts != now.row(row.id).texts
    ]
    say(f"With the facts of {now.as_of}, {len(changed)} rows of that table change:")
    head = ["", "Mini then", "Haiku then", "Mini now", "Haiku now"]
    print(table(head, changed, numeric=range(1, 5)), end="\n\n")


def one_recommendation_for_each_workload() -> None:
    heading("2. Which model for which work?")
    say(
        "The article's own decision tree, with the article's facts, beside the guide with today's facts. "
        "The guide asks for hard requirements first, and it says so when nothing decides."
    )
    print(f"{'workload':<29}  {'article':<7}  {'guide':<5}  why the guide says so")
    print(f"{'-' * 29}  {'-' * 7}  {'-' * 5}  {'-' * (WIDTH - 47)}")
    for workload in lt.Workload.presets():
        literal = lt.recommend(workload, policy="article", catalog=ARTICLE)
        guided = lt.recommend(workload)
        start = f"{workload.name:<29}  {SHORT[literal.chosen]:<7}  {SHORT[guided.chosen]:<5}  "
        print(textwrap.fill(why(guided), WIDTH, initial_indent=start, subsequent_indent=" " * 47))
    print()
    say(
        "For real-time chat the article's text recommends Mini; its tree never comes to its question about "
        "latency. The guide does. docs/explanation/the-tree.md goes through both trees, question by question."
    )


def why(answer: lt.Recommendation) -> str:
    """The reason in a few words: what rules the other model out, what a tie is between, or what decided."""
    ruled_out = [candidate for candidate in answer.candidates if candidate.standing == "ruled out"]
    if ruled_out:
        return f"{SHORT[ruled_out[0].model]} {'; '.join(ruled_out[0].reasons_against)}"
    if answer.status == "tie":
        mini, haiku = answer.candidate(MINI).figures, answer.candidate(HAIKU).figures
        times = haiku.cost_per_request / mini.cost_per_request
        points = haiku.quality.midpoint - mini.quality.midpoint
        return f"Haiku costs {float(times):.1f} times as much, scores {float(points):g} points more"
    return answer.because.rpartition(": ")[2]


def what_breaks_a_tie() -> None:
    heading("3. Say more, and the tie is broken")
    paper = lt.Workload.preset("paper-8000")
    variants = {
        "as the article states it": paper,
        "cost comes first": paper.with_(priority="cost"),
        "a wrong answer costs $0.10": paper.with_(error_cost="0.10"),
        "a wrong answer costs $0.50": paper.with_(error_cost="0.50"),
        "the whole answer within 7 s": paper.with_(max_response_ms=7_000),
    }
    rows = []
    for words, workload in variants.items():
        answer = lt.recommend(workload)
        rows.append([words, SHORT[answer.chosen], why(answer)])
    say("The summary of an 8,000-token research paper:")
    print(table(["", "guide", "why"], rows), end="\n\n")


def the_right_model_for_each_job() -> None:
    heading("4. The article's hybrid advice: a model for each job")
    volumes = {
        "inquiry-classification": 100_000,
        "post-sentiment": 500_000,
        "real-time-chat": 60_000,
        "legal-research-with-numbers": 2_000,
        "image-documents": 3_000,
    }
    jobs = [lt.Workload.preset(name).with_(requests_per_month=count) for name, count in volumes.items()]
    say(f"A month of {', '.join(f'{count:,} {name}' for name, count in volumes.items())}.")
    for world, catalog in (("In the article's world", ARTICLE), ("With today's facts", TODAY)):
        mix = lt.recommend(jobs, catalog=catalog)
        print(f"{world}:\n")
        print(textwrap.indent(str(mix), "    "), end="\n\n")
    more = mix.cost_per_month - mix.single[MINI]
    say(
        "Today both models read images, so the documents go where they cost less. "
        f"The ${more:,.2f} that the mix costs above Mini alone buy the better model for the legal research."
    )


def where_a_number_comes_from() -> None:
    heading("5. Where a number comes from")
    cost = lt.assess(MINI, "support-chatbot").cost
    say(f"${cost.per_month:,.2f} a month for the chatbot on GPT-4.1 Mini is 300,000 times {cost.per_request}:")
    for line in cost.lines:
        print(f"    {line}\n        {line.price.source}\n        {line.price.place}")
    print()
    say("Sources disagree; all of them are kept, and the most trusted one answers:")
    for conflict in TODAY.conflicts(MINI):
        if conflict.field in {"context_window", "supports_vision"}:
            print(f"    {conflict.field}")
            for fact in conflict.facts:
                print(f"        {fact.value!s:>9}  {fact.source}, since {fact.effective_from}")
    print()
    print("Next: README.md, then docs/tutorial.md, or the short scripts beside this one in examples/.")


def heading(text: str) -> None:
    print(f"{text}\n{'=' * len(text)}\n")


def say(text: str) -> None:
    print(textwrap.fill(text, WIDTH), end="\n\n")


if __name__ == "__main__":
    main()
