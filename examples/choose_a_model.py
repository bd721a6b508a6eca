"""Choose a model for a piece of work, print why, and keep the answer so that it can be checked later."""

import tempfile
from pathlib import Path

import llm_tradeoffs as lt

SUPPORT_DESK = lt.Workload(
    title="Support desk",
    input_tokens=600,
    output_tokens=200,
    requests_per_day=2_000,
    task="instruction-following",
    error_cost="0.05",  # a wrong answer costs a colleague a few seconds
    max_ttft_ms=500,
)


def main() -> None:
    answer = lt.recommend(SUPPORT_DESK)
    if answer.chosen is None:
        raise SystemExit(f"{answer.status}: {answer.because}\n" + "\n".join(answer.missing))

    print(f"use {answer.chosen}: {answer.because}\n")
    for candidate in answer.candidates:
        figures = candidate.figures
        print(f"{candidate.name}: ${figures.cost_per_month:,.2f} a month, {figures.quality} right")
        print("".join(f"  + {reason}\n" for reason in candidate.reasons_for), end="")
        print("".join(f"  - {reason}\n" for reason in candidate.reasons_against))

    # The file holds the question, the facts and the reasons; it can be read without the catalog.
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "decision.json"
        record.write_text(answer.to_json(), encoding="utf-8")
        again = lt.Recommendation.from_json(record.read_text(encoding="utf-8"))
    print(f"{again!r}\nthe same answer, read back: {again == answer}")


if __name__ == "__main__":
    main()
