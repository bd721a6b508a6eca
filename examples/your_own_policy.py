"""Choose by a rule of your own: a small TOML file that a person can read aloud."""

from pathlib import Path

import llm_tradeoffs as lt

RULE = Path(__file__).with_name("your_own_policy.toml")


def main() -> None:
    policy = lt.Policy.from_toml(RULE)
    print(policy, end="\n\n")

    mail = lt.Workload(title="Answers by mail", input_tokens=900, output_tokens=300, requests_per_day=800)
    for workload in (
        mail,
        mail.with_(title="Answers in a chat", max_response_ms=10_000),
        mail.with_(title="Answers about contracts", error_cost="0.40"),
    ):
        ours = lt.recommend(workload, policy=policy)
        guide = lt.recommend(workload)
        print(f"{workload.title}: {ours.chosen}, because {ours.because}")
        print(f"    the guide: {guide.chosen or guide.status}")
        for step in ours.trace:
            if step.kind == "question" and step.asked:
                print(f"    {step.question} {step.answer} ({'; '.join(step.facts)})")


if __name__ == "__main__":
    main()
