"""What cannot be meant is refused, with the value, what is known instead, and what to do."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from llm_tradeoffs import (
    InvalidTypeError,
    InvalidValueError,
    Model,
    Range,
    UnitMismatchError,
    UnknownNameError,
    Workload,
)
from llm_tradeoffs.patterns import (
    BatchShare,
    BestOfN,
    Cascade,
    Check,
    Conversation,
    DraftThenReview,
    Judge,
    MapReduce,
    PromptCaching,
    Retries,
    SelfConsistency,
    Single,
    compare,
)
from refusals import Refusal, check, table

ONE, TWO = "gpt-4.1-mini", "claude-haiku-4.5"
CHAT = Workload(input_tokens=200, output_tokens=150)
TALK = CHAT.with_(turns=50)
FREE = Check.perfect()

REFUSED: dict[str, Refusal] = {
    # probabilities
    "above 1": Refusal(
        lambda: Retries(ONE, times=2, hopeless="1.5"),
        InvalidValueError,
        asked="hopeless",
        value="is 1.5",
        known="a probability is from 0 to 1",
        do="For 1.5 % say '1.5 %' or '0.015'",
    ),
    "above 100": Refusal(
        lambda: BatchShare(ONE, 101), InvalidValueError, asked="share", value="101", known="from 0 to 1"
    ),
    "below 0": Refusal(
        lambda: Check(usd=0, false_accept="-0.1", false_reject=0),
        InvalidValueError,
        asked="false_accept",
        value="is -0.1",
        known="from 0 to 1",
    ),
    "a range that goes above 1": Refusal(
        lambda: Check(usd=0, false_accept=0, false_reject=Range("0.5", "1.2")),
        InvalidValueError,
        asked="false_reject",
        value="0.5-1.2",
        known="from 0 to 1",
    ),
    "NaN": Refusal(
        lambda: Retries(ONE, times=2, hopeless=float("nan")),
        InvalidValueError,
        asked="hopeless",
        value="nan",
        known="must be finite",
    ),
    "a bool": Refusal(
        lambda: Retries(ONE, times=2, hopeless=True), InvalidTypeError, asked="hopeless", value="True of type bool"
    ),
    "None": Refusal(
        lambda: BatchShare(ONE, None),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="share",
        value="None of type NoneType",
        known="expected a number",
    ),
    "words": Refusal(
        lambda: Retries(ONE, times=2, hopeless="some"),
        InvalidValueError,
        asked="hopeless",
        value="'some'",
        known="not a number",
    ),
    "milliseconds": Refusal(
        lambda: Retries(ONE, times=2, hopeless=Range(5, 10, "ms")),
        UnitMismatchError,
        asked="hopeless",
        value="5-10 ms",
        known="a probability is a number from 0 to 1 without a unit",
    ),
    "milliseconds in a text": Refusal(
        lambda: Retries(ONE, times=2, hopeless="5-10 ms"), UnitMismatchError, asked="hopeless", value="5-10 ms"
    ),
    "a time in per cent": Refusal(
        lambda: Check(usd=0, false_accept=0, false_reject=0, time=Range(5, 10, "%")),
        UnitMismatchError,
        asked="5-10 %",
        value="'%'",
        known="expected 'ms'",
    ),
    "a negative time": Refusal(
        lambda: Judge(usd=0, time=-1), InvalidValueError, asked="time", value="-1 ms", known="cannot be negative"
    ),
    "accuracy above 1": Refusal(
        lambda: Single(ONE).assess(CHAT, accuracy={ONE: 72}),
        InvalidValueError,
        asked=f"the accuracy of {ONE}",
        value="is 72",
        do="For 72 % say '72 %' or '0.72'",
    ),
    "accuracy of somebody else": Refusal(
        lambda: Single(ONE).assess(CHAT, accuracy={TWO: "0.7"}),
        UnknownNameError,
        asked="no model that takes part",
        value=repr(TWO),
        known=repr(ONE),
    ),
    "accuracy twice": Refusal(
        lambda: Single(TWO).assess(CHAT, accuracy={TWO: "0.7", "claude-haiku-4-5": "0.8"}),
        InvalidValueError,
        asked=f"the accuracy of {TWO}",
        value="'claude-haiku-4-5'",
        do="Keep one",
    ),
    "accuracy that is no mapping": Refusal(
        lambda: Single(ONE).assess(CHAT, accuracy=0.7),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="accuracy",
        value="0.7",
        known="expected a mapping",
    ),
    "more right than is not hopeless": Refusal(
        lambda: Retries(ONE, times=3, hopeless="0.30").assess(CHAT, accuracy={ONE: "0.75"}),
        InvalidValueError,
        asked="a hopeless share of 30.0 %",
        value="gpt-4.1-mini is right in 75.0 %",
        known="leaves at most 70.0 % right answers",
        do="Lower the one or the other",
    ),
    "more right than is not hopeless, in a vote": Refusal(
        lambda: SelfConsistency(ONE, n=3, hopeless="0.30").assess(CHAT),
        InvalidValueError,
        asked="a hopeless share of 30.0 %",
        value="gpt-4.1-mini is right in 72-75 %, its score on mmlu",
        known="at most 70.0 %",
    ),
    # models
    "no such model": Refusal(
        lambda: Cascade(ONE, "claude-haiku-4.6", check=FREE).assess(CHAT),
        UnknownNameError,
        asked="no model is named",
        value="'claude-haiku-4.6'",
        known="Did you mean",
    ),
    "no such checker": Refusal(
        lambda: Retries(ONE, times=2, check=Check(model="nano", false_accept=0, false_reject=0)).assess(CHAT),
        UnknownNameError,
        asked="no model is named",
        value="'nano'",
    ),
    "a number for a model": Refusal(
        lambda: Single(5),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="model is 5",
        value="of type int",
        known="expected the name of a model",
    ),
    "an empty name": Refusal(lambda: Retries("", times=2), InvalidTypeError, asked="model is ''", value="''"),
    "a list for a stage": Refusal(
        lambda: Cascade([ONE, TWO], check=FREE),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="one of the models of a cascade",
        value="of type list",
    ),
    # cascades and checks
    "no stages": Refusal(
        lambda: Cascade(check=FREE), InvalidValueError, asked="stages", value="got 0", known="from 2 to 100"
    ),
    "one stage": Refusal(
        lambda: Cascade(ONE, check=FREE), InvalidValueError, asked="stages", value="got 1", do="say Single(...)"
    ),
    "too many stages": Refusal(
        lambda: Cascade(*[ONE] * 101, check=FREE), InvalidValueError, asked="stages", value="got 101", known="100"
    ),
    "too few checks": Refusal(
        lambda: Cascade(ONE, TWO, ONE, TWO, check=[FREE, FREE]),
        InvalidValueError,
        asked="2 checks for 4 stages",
        value="2",
        do="one for all, or one for each stage but the last: 3",
    ),
    "no check": Refusal(
        lambda: Cascade(ONE, TWO, check=None),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="check",
        value="None",
        known="expected a Check",
    ),
    "a check that costs nothing that is known": Refusal(
        lambda: Check(false_accept=0, false_reject=0),
        InvalidValueError,
        asked="usd=None",
        value="model=None",
        do="state one of them",
    ),
    "a check that is paid twice": Refusal(
        lambda: Check(usd=1, model=ONE, false_accept=0, false_reject=0),
        InvalidValueError,
        asked="usd=Usd('1.00')",
        value=f"model={ONE!r}",
        do="state one of them",
    ),
    "a check that pays": Refusal(
        lambda: Check(usd=-1, false_accept=0, false_reject=0),
        InvalidValueError,
        asked="usd",
        value="-$1.00",
        do="If it is free, say 0",
    ),
    "a check that errs in a way that nobody states": Refusal(
        lambda: Check(usd=0),
        InvalidValueError,
        asked="false_accept=None",
        value="escalation_rate=None",
        do="state the first two, or only the third",
    ),
    "a check of which half is stated": Refusal(
        lambda: Check(usd=0, false_accept=0),
        InvalidValueError,
        asked="false_reject=None",
        value="false_accept=Range('0')",
        do="state the first two",
    ),
    "a check of which all is stated": Refusal(
        lambda: Check(usd=0, false_accept=0, false_reject=0, escalation_rate=0),
        InvalidValueError,
        asked="escalation_rate=Range('0')",
        value="Range('0')",
        do="only the third",
    ),
    "two ways to say that the rest is harder": Refusal(
        lambda: Cascade(ONE, TWO, check=FREE, hopeless="0.1", accuracy_when_reached={TWO: "0.5"}),
        InvalidValueError,
        asked="accuracy_when_reached",
        value="hopeless is 0.1",
        do="Keep one",
    ),
    "an escalation rate for the hopeless": Refusal(
        lambda: Retries(ONE, times=2, hopeless="0.1", check=Check(usd=0, escalation_rate="0.2")),
        InvalidValueError,
        asked="escalation_rate",
        value="hopeless is 0.1",
        do="Keep one",
    ),
    "an escalation rate for the hopeless, in a cascade": Refusal(
        lambda: Cascade(ONE, TWO, hopeless="0.1", check=Check(usd=0, escalation_rate="0.2")),
        InvalidValueError,
        asked="escalation_rate",
        value="hopeless is 0.1",
        do="Keep one",
    ),
    "accuracy of later stages as a number": Refusal(
        lambda: Cascade(ONE, TWO, check=FREE, accuracy_when_reached=0.5),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="accuracy_when_reached",
        value="0.5",
        known="expected a mapping",
    ),
    "accuracy of the first stage when it is reached": Refusal(
        lambda: Cascade(ONE, TWO, check=FREE, accuracy_when_reached={ONE: "0.5"}),
        UnknownNameError,
        asked="no later stage",
        value=repr(ONE),
        known=repr(TWO),
    ),
    # counts
    "no tries": Refusal(lambda: Retries(ONE, times=0), InvalidValueError, asked="times", value="is 0", known="from 1"),
    "half a try": Refusal(
        lambda: Retries(ONE, times=2.5),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="times",
        value="2.5 of type float",
    ),
    "too many samples": Refusal(
        lambda: SelfConsistency(ONE, n=1_001), InvalidValueError, asked="n is 1001", value="1001", known="1,000"
    ),
    "no samples": Refusal(
        lambda: BestOfN(ONE, n=0, judge=Judge.perfect()), InvalidValueError, asked="n is 0", value="0", known="from 1"
    ),
    "no judge": Refusal(
        lambda: BestOfN(ONE, n=2, judge=FREE),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="judge",
        value="Check(",
        known="expected a Judge",
    ),
    "a judge without a price": Refusal(
        lambda: Judge(picks_right=1), InvalidValueError, asked="a judge", value="usd=None", do="state one of them"
    ),
    "another way to be wrong": Refusal(
        lambda: SelfConsistency(ONE, n=3, wrong_answers="scattered"),  # type: ignore[arg-type]
        UnknownNameError,
        asked="way in which wrong answers fall",
        value="'scattered'",
        known="'scatter'",
    ),
    # conversations
    "a review of a conversation": Refusal(
        lambda: DraftThenReview(ONE, TWO).assess(TALK),
        InvalidValueError,
        asked="a review is worked out for single requests",
        value="50 turns",
        do="Describe one turn as a workload of its own",
    ),
    "a checking model in a conversation": Refusal(
        lambda: Retries(ONE, times=2, check=Check(model=TWO, false_accept=0, false_reject=0)).assess(TALK),
        InvalidValueError,
        asked=f"the check by {TWO}",
        value="50 turns",
        do="Describe one turn",
    ),
    "history cut in two ways": Refusal(
        lambda: Conversation(ONE, last_turns=3, last_tokens=100),
        InvalidValueError,
        asked="the history is cut in 2 ways",
        value="last_turns=3, last_tokens=100",
        do="Keep one",
    ),
    "a summary of no length": Refusal(
        lambda: Conversation(ONE, summarise_every=3),
        InvalidValueError,
        asked="summarise_every is 3",
        value="summary_tokens is None",
        do="needs both",
    ),
    "a summary that is never written": Refusal(
        lambda: Conversation(ONE, summary_model=TWO),
        InvalidValueError,
        asked="a summary is described",
        value="never written",
        do="say summarise_every=...",
    ),
    "a summary every 0 turns": Refusal(
        lambda: Conversation(ONE, summarise_every=0, summary_tokens=10),
        InvalidValueError,
        asked="summarise_every",
        value="is 0",
        known="at least 1",
    ),
    "a negative summary": Refusal(
        lambda: Conversation(ONE, summarise_every=1, summary_tokens=-1),
        InvalidValueError,
        asked="summary_tokens",
        value="-1",
        known="cannot be negative",
    ),
    # caching
    "a cache whose expiry nobody states": Refusal(
        lambda: PromptCaching(ONE), InvalidValueError, asked="expired", value="None", do="state one of them"
    ),
    "a cache that expires in two ways": Refusal(
        lambda: PromptCaching(ONE, expired=0, every_minutes=3),
        InvalidValueError,
        asked="every_minutes is 3",
        value="expired is 0",
        do="state one of them",
    ),
    "a lifetime for nothing": Refusal(
        lambda: PromptCaching(ONE, expired=0, lives_minutes=3),
        InvalidValueError,
        asked="lives_minutes",
        value="says nothing without every_minutes",
    ),
    "a lifetime that nobody sells": Refusal(
        lambda: PromptCaching(ONE, expired=0, ttl="2h"),  # type: ignore[arg-type]
        UnknownNameError,
        asked="cache lifetime (ttl)",
        value="'2h'",
    ),
    "negative minutes": Refusal(
        lambda: PromptCaching(ONE, every_minutes=-1), InvalidValueError, asked="every_minutes", value="-1"
    ),
    "a cached share on top": Refusal(
        lambda: PromptCaching(ONE, expired=0).assess(TALK.with_(cached_share=Decimal("0.5"))),
        InvalidValueError,
        asked="cached_share",
        value="is 0.5",
        do="Say workload.with_(cached_share=0)",
    ),
    "more shared than sent": Refusal(
        lambda: PromptCaching(ONE, expired=0, shared_tokens=201).assess(TALK),
        InvalidValueError,
        asked="shared_tokens",
        value="is 201",
        known="200",
    ),
    # documents
    "chunks that only repeat": Refusal(
        lambda: MapReduce(ONE, chunk_tokens=10, overlap_tokens=10),
        InvalidValueError,
        asked="overlap_tokens is 10",
        value="chunk_tokens is 10",
        do="Take a smaller overlap",
    ),
    "chunks of nothing": Refusal(
        lambda: MapReduce(ONE, chunk_tokens=0),
        InvalidValueError,
        asked="chunk_tokens",
        value="is 0",
        known="at least 1",
    ),
    "joining one answer": Refusal(
        lambda: MapReduce(ONE, chunk_tokens=10, fan_in=1), InvalidValueError, asked="fan_in", value="is 1"
    ),
    "instructions without room": Refusal(
        lambda: MapReduce(ONE, chunk_tokens=10).assess(CHAT.with_(instruction_tokens=201)),
        InvalidValueError,
        asked="instruction_tokens",
        value="is 201",
        known="input_tokens",
    ),
    # comparing
    "twice the same": Refusal(
        lambda: compare(ONE, Single(ONE), workload=CHAT),
        InvalidValueError,
        asked=f"{ONE!r} is named twice",
        value=ONE,
        do="give one of them a name",
    ),
    "no pattern": Refusal(
        lambda: compare(5, workload=CHAT),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a pattern, or the name of a model",
        value="5 of type int",
        do="Say for example",
    ),
    "no workload": Refusal(
        lambda: Single(ONE).assess(None),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Workload or the id of a preset",
        value="None",
    ),
    "a name that is no text": Refusal(
        lambda: Single(ONE, name=5),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="the name of a pattern",
        value="5",
        known="expected a str",
    ),
    "no such column": Refusal(
        lambda: compare(ONE, workload=CHAT).best("price"),
        UnknownNameError,
        asked="no column",
        value="'price'",
    ),
    "no such row": Refusal(
        lambda: compare(ONE, workload=CHAT)[TWO], UnknownNameError, asked="no compared pattern", value=repr(TWO)
    ),
}


@pytest.mark.parametrize("refusal", table(REFUSED))
def test_bad_input_is_refused(refusal: Refusal) -> None:
    """Every row: the error, and the words of its message."""
    check(refusal)


@pytest.mark.parametrize(
    "value", [0.1, "0.1", "10 %", Decimal("0.1"), Fraction(1, 10), Range("0.1"), Range(10, unit="%")]
)
def test_a_probability_may_be_written_in_many_ways(value: float | str | Decimal | Fraction | Range) -> None:
    """A float means the decimal that it prints as; per cent are divided by a hundred."""
    assert Retries(ONE, times=2, hopeless=value) == Retries(ONE, times=2, hopeless="1/10")


def test_a_model_is_as_good_as_its_name() -> None:
    """A Model takes part as a name does, also one that no catalog holds."""
    acme = Model("acme/one", usd_per_mtok=("0.25", "1.25"))
    found = Retries(acme, times=2).assess(CHAT, accuracy={"acme/one": "0.5"})
    assert found.models == ("acme/one",)
    assert found.cost_per_request == Range(Fraction("0.0002375") * Fraction(3, 2), unit="USD")
