"""Check a vendor's slides: recompute every number in them, and say what to believe instead."""

from pathlib import Path

import llm_tradeoffs as lt

DECK = Path(__file__).with_name("check_a_vendor_deck.toml")


def main() -> None:
    report = lt.audit(DECK)
    print(report, end="\n\n")

    print("To ask about before the meeting:")
    for claim in report.by_verdict("wrong", "inconsistent", "contradicted", "not derivable"):
        print(f"  {claim.claim.section}: {claim.claim.text} -> {claim.instead}")


if __name__ == "__main__":
    main()
