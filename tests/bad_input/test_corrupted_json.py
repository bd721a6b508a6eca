"""A saved recommendation that was damaged is refused as a whole, with the place of every fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import InvalidTypeError, InvalidValueError, Recommendation, SchemaVersionError, Workload
from refusals import Refusal, check, table

Path = tuple[str | int, ...]


@cache
def answer() -> Recommendation:
    """An answer in which every kind of value occurs."""
    return lt.recommend(
        Workload(
            name="everything",
            input_tokens=Decimal("187.5"),
            output_tokens=150,
            requests_per_month=100,
            needs={"tools"},
            languages={"french"},
            error_cost="0.01",
            max_ttft_ms=1_000,
            assumptions=("a mean",),
        )
    )


@cache
def plain() -> dict[str, Any]:
    return answer().to_dict()


def saved() -> dict[str, Any]:
    return copy.deepcopy(plain())


def at(path: Path) -> Any:
    found: Any = saved()
    for part in path:
        found = found[part]
    return found


def with_(path: Path, value: object) -> dict[str, Any]:
    """The saved answer with another value at *path*."""
    data = saved()
    place: Any = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return data


def without(path: Path) -> dict[str, Any]:
    """The saved answer without what is at *path*."""
    data = saved()
    place: Any = data
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return data


def places(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every place of a document; of a list only the first entry, since the others are of the same kind."""
    if path:
        yield path, value
    if isinstance(value, dict):
        entries = list(value.items())
        for key, inner in entries[:1] if path[-1:] == ("stated_by",) else entries:  # a table of entries of one kind
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def refusal_of(data: dict[str, Any]) -> str | None:
    """The words in which a document is refused, or None if it is read."""
    try:
        Recommendation.from_dict(data)
    except lt.TradeoffsError as problem:
        return str(problem)
    return None


def test_the_undamaged_answer_is_read() -> None:
    """What the tests below damage is sound: JSON and back gives an equal answer."""
    assert Recommendation.from_json(answer().to_json()) == answer()
    assert Recommendation.from_json(answer().to_json(indent=None).encode()) == answer()


# The whole text.


def nested(opening: str) -> str:
    return opening * 100_000


TEXTS: dict[str, Refusal] = {
    "empty": Refusal(
        lambda: Recommendation.from_json(""),
        InvalidValueError,
        "this is not JSON",
        "line 1",
        do="Pass what to_json() wrote",
    ),
    "prose": Refusal(
        lambda: Recommendation.from_json(answer().explain()),
        InvalidValueError,
        "this is not JSON",
        "line 1",
        do="Pass what to_json() wrote",
    ),
    "cut off": Refusal(
        lambda: Recommendation.from_json(answer().to_json()[:-20]),
        InvalidValueError,
        "this is not JSON",
        "line",
        do="Pass what to_json()",
    ),
    "two documents": Refusal(
        lambda: Recommendation.from_json(answer().to_json() * 2),
        InvalidValueError,
        "this is not JSON",
        "Extra data",
        do="Pass what",
    ),
    "not UTF-8": Refusal(
        lambda: Recommendation.from_json(b"\xff{}"), InvalidValueError, "this is not JSON", "0xff", do="Pass what"
    ),
    "null": Refusal(
        lambda: Recommendation.from_json("null"), InvalidTypeError, "expected the dict of a Recommendation", "got None"
    ),
    "a list": Refusal(
        lambda: Recommendation.from_json("[]"), InvalidTypeError, "expected the dict of a Recommendation", "got []"
    ),
    "a number": Refusal(
        lambda: Recommendation.from_json("NaN"), InvalidTypeError, "expected the dict of a Recommendation", "got nan"
    ),
    "nesting without end": Refusal(
        lambda: Recommendation.from_json(nested("[")), InvalidValueError, "this JSON", "is nested beyond reading"
    ),
    "no version": Refusal(
        lambda: Recommendation.from_json("{}"),
        SchemaVersionError,
        asked="this Recommendation has schema version",
        value="None",
        known="this release reads version 2",
        do="Read it with the release that wrote it (see its library_version)",
    ),
}


@pytest.mark.parametrize("refusal", table(TEXTS))
def test_texts_that_are_no_recommendation(refusal: Refusal) -> None:
    """What is no JSON, or no recommendation at all, is refused at once."""
    check(refusal)


@pytest.mark.parametrize("version", [0, 1, 3, "2", 1.5, None, [], {}], ids=repr)
def test_other_schema_versions(version: object) -> None:
    """A document of another schema version is refused before anything in it is read."""
    check(
        Refusal(
            lambda: Recommendation.from_dict(with_(("schema_version",), version)),
            SchemaVersionError,
            asked="this Recommendation has schema version",
            value=repr(version),
            known="this release reads version 2",
        )
    )


@pytest.mark.parametrize("version", [2.0, Decimal(2)], ids=repr)
def test_versions_that_only_equal_the_right_one(version: object) -> None:
    """2.0 equals 2 and is no version."""
    with pytest.raises(InvalidValueError, match="schema"):
        Recommendation.from_dict(with_(("schema_version",), version))


# Every place of the document.


def test_a_missing_key_is_missed() -> None:
    """Whatever key is missing, the document is refused with its name, unless it is one with a default."""
    optional = {
        "effective_from",
        "checked_on",
        "place",
        "as_of",
        "url",
        "version",
        "publisher",
        "note",
        "threshold",
        "leads_to",
        "facts",
        "caps",  # none
        "cost_per_request",
        "cost_per_month",
        "robust",  # not asked
        "decided_by",
    }
    unnoticed = []
    for path, _ in places(saved()):
        if isinstance(path[-1], int) or "workload" in path or "figures" in path:
            continue
        if path[0] == "premises" and len(path) > 2:
            continue  # of a policy and of a model only that is written which was stated
        said = refusal_of(without(path))
        if said is None:
            unnoticed.append(path)
        else:
            assert "schema version None" in said if path == ("schema_version",) else str(path[-1]) in said, path
    assert {path[-1] for path in unnoticed} <= optional, unnoticed


def test_an_unknown_key_is_found_everywhere() -> None:
    """A key that no version knows is refused in every object of the document, with its place."""
    unnoticed = []
    objects: list[Path] = [(), *(path for path, value in places(saved()) if isinstance(value, dict))]
    assert len(objects) >= 7
    for path in objects:
        said = refusal_of(with_((*path, "surplus"), 1))
        if said is None:
            unnoticed.append(path)
        else:
            assert "surplus" in said, path
    assert unnoticed == []


WRONG: list[object] = [None, 5, True, 1.5, [5], {"a": 1}, [["x"]]]


def test_no_place_takes_a_value_of_another_type() -> None:
    """At every place a number for a text, a text for a number, and every other wrong type is refused."""
    unnoticed = []
    for path, value in places(saved()):
        # Of a model and a policy there are many places, all of which are read in the same few ways.
        for wrong in WRONG if path[0] != "premises" else WRONG[::3]:
            same_type = type(wrong) is type(value)
            if same_type or (wrong is None and _optional(path)) or (wrong == 5 and _whole(path)):
                continue
            said = refusal_of(with_(path, wrong))
            if said is None:
                unnoticed.append((path, wrong))
            else:
                assert "Recommendation" in said
    assert unnoticed == []


def _optional(path: Path) -> bool:
    last = path[-1]
    return (
        "figures" in path
        or "workload" in path
        or path[:4] == ("premises", "models", 0, "facts")  # whatever nobody states
        or last in {"task", "scale"}
        or last in {"chosen", "rank", "answer", "effective_from", "checked_on", "url", "version", "publisher", "note"}
    )


def _whole(path: Path) -> bool:
    return path[-1] in {"rank", "context_window"}


LISTS_OF_TEXTS: list[Path] = [
    ("tied",),
    ("assumptions",),
    ("missing",),
    ("trust",),
    ("candidates", 0, "reasons_for"),
    ("candidates", 0, "reasons_against"),
    ("trace", 0, "facts"),
]


@pytest.mark.parametrize("path", LISTS_OF_TEXTS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("wrong", ["text", {"a": 1}], ids=["text", "object"])
def test_a_text_is_no_list(path: Path, wrong: object) -> None:
    """Where a list of texts is meant, one text is refused and not taken apart into its letters."""
    with pytest.raises(InvalidValueError):
        Recommendation.from_dict(with_(path, wrong))


VALUES: dict[str, tuple[Path, object, str]] = {
    "status of another kind": (("status",), "probably", "status"),
    "standing of another kind": (("candidates", 0, "standing"), "maybe", "standing"),
    "answer of another kind": (("trace", 0, "answer"), "perhaps", "answer"),
    "kind of another kind": (("trace", 0, "kind"), "riddle", "kind"),
    "day that does not exist": (("as_of",), "2026-02-30", "as_of"),
    "day as a number": (("as_of",), 20260301, "as_of"),
    "money as a number": (("candidates", 0, "figures", "cost_per_request"), 0.32, "cost_per_request"),
    "money in words": (("candidates", 0, "figures", "cost_per_request"), "cheap", "cost_per_request"),
    "money NaN": (("candidates", 0, "figures", "cost_per_request"), "NaN", "cost_per_request"),
    "money over nothing": (("candidates", 0, "figures", "cost_per_request"), "1/0", "cost_per_request"),
    "range reversed": (("candidates", 0, "figures", "ttft"), {"low": "250", "high": "150", "unit": "ms"}, "ttft"),
    "range without a unit": (("candidates", 0, "figures", "ttft"), {"low": "150", "high": "250"}, "ttft"),
    "range with a note": (
        ("candidates", 0, "figures", "ttft"),
        {"low": "1", "high": "2", "unit": "ms", "note": ""},
        "ttft",
    ),
    "range of numbers": (("candidates", 0, "figures", "ttft"), {"low": 150, "high": 250, "unit": "ms"}, "ttft"),
    "range of a wrong unit": (("candidates", 0, "figures", "ttft"), {"low": "150", "high": "250", "unit": 5}, "ttft"),
    "window as a text": (("candidates", 0, "figures", "context_window"), "1047576", "context_window"),
    "window as a bool": (("candidates", 0, "figures", "context_window"), True, "context_window"),
    "negative tokens": (("workload", "input_tokens"), "-1", "workload"),
    "tokens as a number": (("workload", "input_tokens"), 187.5, "input_tokens"),
    "two volumes": (("workload", "requests_per_day"), "5", "workload"),
    "share above one": (("workload", "cached_share"), "80", "workload"),
    "no turns": (("workload", "turns"), 0, "workload"),
    "need of another kind": (("workload", "needs"), ["visions"], "workload"),
    "priority of another kind": (("workload", "priority"), "speed", "priority"),
}


@pytest.mark.parametrize(("path", "value", "shown"), [pytest.param(*row, id=name) for name, row in VALUES.items()])
def test_values_that_cannot_be_meant(path: Path, value: object, shown: str) -> None:
    """A value of the right type that cannot be meant is refused, and its place is named."""
    with pytest.raises(InvalidValueError) as caught:
        Recommendation.from_json(json.dumps(with_(path, value)))
    message = str(caught.value)
    assert message.startswith("this is no Recommendation; nothing was read:\n  - ")
    assert shown in message.splitlines()[1]


def test_all_faults_are_in_one_report() -> None:
    """Three faults in three places are one error of three lines."""
    data = with_(("candidates", 0, "figures", "context_window"), "many")
    data["as_of"] = "someday"
    del data["policy"]
    with pytest.raises(InvalidValueError) as caught:
        Recommendation.from_dict(data)
    lines = str(caught.value).splitlines()[1:]
    assert len(lines) == 3, lines
    places_named = "\n".join(lines)
    for place in (
        "Recommendation.candidates[0].figures.context_window",
        "Recommendation.as_of",
        "Recommendation.policy",
    ):
        assert place in places_named


INCONSISTENT: dict[str, Callable[[], dict[str, Any]]] = {
    "selected, and nothing chosen": lambda: with_(("chosen",), None) | {"status": "selected"},
    "chosen who is no candidate": lambda: with_(("chosen",), "nobody") | {"status": "selected"},
    "selected among nobody": lambda: with_(("candidates",), []) | {"status": "selected", "chosen": "gpt-4.1-mini"},
    "a tie of nobody": lambda: with_(("tied",), []) | {"status": "tie", "chosen": None},
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in INCONSISTENT.items()])
def test_answers_that_contradict_themselves(make: Callable[[], dict[str, Any]]) -> None:
    """A status that its own fields deny is damage like any other; such an answer cannot even be explained."""
    with pytest.raises(InvalidValueError):
        Recommendation.from_dict(make())
