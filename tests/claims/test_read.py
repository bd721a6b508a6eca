"""Claims files: what they may hold, and that every fault is in one report with its line."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

import pytest

import llm_tradeoffs.claims._read as reading
from llm_tradeoffs import Catalog, Claim, Claims, audit
from llm_tradeoffs.errors import CatalogError, InvalidTypeError, UnknownNameError

HEAD = """\
id = "x"
title = "A text"
[models]
mini = "gpt-4.1-mini"
haiku = "claude-haiku-4.5"
"""
CLAIM = """\
[[claims]]
id = "a"
text = "One."
"""


def faults_of(text: str, folder: Path) -> list[str]:
    """What is said about a file, without its name."""
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        Claims.from_toml(path)
    return [str(fault).removeprefix(str(path)).removeprefix(":") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('id = "x"\n', ["required key is missing @ title", "required key is missing @ claims"]),
        ('id = "x"\ntitle = "x"\nclaims = 5\n', ["3: expected a list, got 5"]),
        (
            HEAD.replace("[models]", "modles = 1\n[models]") + CLAIM + 'undecidable = "no"\n',
            ["3: unknown key 'modles'"],
        ),
        (
            HEAD.replace("4.1-mini", "4.1-mimi") + CLAIM + 'undecidable = "no"\n',
            ["4: unknown model 'gpt-4.1-mimi'; did you mean"],
        ),
        (
            HEAD.replace("mini =", '"m-i" =') + CLAIM + 'undecidable = "no"\n',
            ["4: 'm-i' cannot stand in an expression"],
        ),
        (HEAD.replace('"gpt-4.1-mini"', "5") + CLAIM + 'undecidable = "no"\n', ["4: expected text in quotes, got 5"]),
        ('models = 5\nid = "x"\ntitle = "y"\nclaims = []\n', ["1: expected a table of names and texts, got 5"]),
        (
            'source = "nobody"\n' + HEAD + CLAIM + 'undecidable = "no"\n',
            ["1: unknown source 'nobody' of the catalog; known:"],
        ),
        (HEAD + CLAIM, ["6: nothing here can be checked"]),
        (HEAD + CLAIM + 'says = "1"\n', ["6: expression is missing: one is held against the other"]),
        (HEAD + CLAIM + 'expression = "1"\n', ["6: says is missing: one is held against the other"]),
        (HEAD + CLAIM + "says = 96\n" + 'expression = "1"\n', ["9: expected text in quotes, got 96"]),
        (
            HEAD + CLAIM + 'says = "96 ms"\nexpression = "1"\n',
            ["9: '96 ms' is in seconds, and the expression gives a plain number"],
        ),
        (HEAD + CLAIM + 'says = "x"\nexpression = "1"\n', ["9: 'x' is no number"]),
        (HEAD + CLAIM + 'says = "5"\nexpression = "1 < 2"\n', ["9: the expression is answered by yes or no, got '5'"]),
        (HEAD + CLAIM + 'says = " "\nexpression = "\'a\'"\n', ["9: the expression gives a text, and nothing is said"]),
        (HEAD + CLAIM + 'says = "5"\nexpression = "windo(mini)"\n', ["10: unknown function 'windo'"]),
        (HEAD + CLAIM + 'says = "5"\nexpression = "window(mimi)"\n', ["10: unknown model 'mimi'"]),
        (HEAD + CLAIM + 'says = "5"\nexpression = "__import__(\'os\')"\n', ["10: unknown function '__import__'"]),
        (HEAD + CLAIM + 'says = "5"\nexpression = "score(mini, mlu)"\n', ["10: unknown benchmark 'mlu'"]),
        (HEAD + CLAIM + 'says = "5"\nexpression = "1 +"\n', ["10: expected a number, a name or '('"]),
        (HEAD + CLAIM + 'says = "1"\nexpression = "1"\ndigits = 0\n', ["6: digits is 0; write 1 to 50"]),
        (
            HEAD + CLAIM + 'says = "1"\nexpression = "1"\ndigits = 2\nwithin = "5 %"\n',
            ["6: digits and within are two ways"],
        ),
        (HEAD + CLAIM + 'says = "1"\nexpression = "1"\nwithin = "x"\n', ["9: 'x' is no number"]),
        (HEAD + CLAIM + 'undecidable = "no"\ndigits = 2\n', ["6: digits and within go with says"]),
        (
            HEAD + CLAIM + 'undecidable = "no"\ninput_tokens = "5"\n',
            ["6: input_tokens and output_tokens go with costs"],
        ),
        (
            HEAD + CLAIM + 'undecidable = "no"\ncosts = { mini = "$1" }\n',
            ["6: what is undecidable has neither costs nor"],
        ),
        (
            HEAD + CLAIM + 'says = "1"\nexpression = "1"\ncosts = { mini = "$1" }\n',
            ["6: says and expression are one kind of claim"],
        ),
        (
            HEAD + CLAIM + 'costs = { mimi = "$1", haiku = "1 ms", mini = "x" }\n',
            ["9: no model is named 'mimi'", "9: '1 ms' is no amount of dollars", "9: 'x' is no number"],
        ),
        (
            HEAD + CLAIM + 'costs = { mini = "$1", "gpt-4.1-mini" = "$1" }\n',
            ["9: the cost of gpt-4.1-mini is stated twice"],
        ),
        (HEAD + CLAIM + 'costs = { mini = "at most $1" }\n', ["9: 'at most $1' is no amount of dollars"]),
        (HEAD + CLAIM + "costs = 5\n", ["9: expected a table of names and texts"]),
        (
            HEAD + CLAIM + 'costs = { mini = "$1" }\ninput_tokens = "5 ms"\noutput_tokens = "few"\n',
            ["10: '5 ms' is no number of tokens", "11: 'few' is no number"],
        ),
        (
            HEAD + CLAIM + 'inconsistent_with = ["b", "a"]\n',
            [
                "6: inconsistent_with and why go together",
                "9: 'b' is no claim of this file",
                "9: 'a' is the claim itself",
            ],
        ),
        (HEAD + CLAIM + 'undecidable = "no"\n' + CLAIM + 'undecidable = "no"\n', ["11: the claim 'a' is there twice"]),
        (
            HEAD + '[[claims]]\nid = ""\ntext = ""\nundecidable = "no"\n',
            ["7: the id is empty", "8: the text is empty; quote the sentence"],
        ),
        (
            HEAD + '[values]\nwindow = "1"\n"a-b" = "1"\nc = "1 +"\n' + CLAIM + 'undecidable = "no"\n',
            ["7: 'window' has a meaning already", "8: 'a-b' cannot stand in an expression", "9: expected a number"],
        ),
        (
            HEAD + '[values]\na = "b + 1"\nb = "c"\nc = "a"\nd = "a"\n' + CLAIM + 'says = "1"\nexpression = "d"\n',
            ["7: values in a circle: a needs b needs c needs a"],
        ),
        (HEAD + '[values]\na = "a"\n' + CLAIM + 'says = "1"\nexpression = "a"\n', ["7: values in a circle: a needs a"]),
        (
            HEAD + '[values]\na = "1 + $1"\nb = "a"\n' + CLAIM + 'says = "1"\nexpression = "a + b"\n',
            ["7: cannot add a plain number and USD"],
        ),
        (
            HEAD
            + '[values]\nv0 = "1"\n'
            + "".join(f'v{i} = "v{i - 1}"\n' for i in range(1, 22))
            + CLAIM
            + 'says = "1"\nexpression = "v21"\n',
            ["27: v20 builds on values 20 deep; at most 20 will do"],
        ),
        (
            "id = 5\n",
            [
                "1: expected text in quotes, got 5",
                "required key is missing @ title",
                "required key is missing @ claims",
            ],
        ),
        ("id = [\n", ["not valid TOML"]),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, expected: list[str], tmp_path: Path) -> None:
    """One row a fault; what follows from a fault is not a fault of its own."""
    found = faults_of(text, tmp_path)
    assert len(found) == len(expected), found
    for words in expected:
        assert any(words in fault for fault in found), f"{words!r} is not in {found}"


def test_all_faults_of_a_file_are_in_one_report(tmp_path: Path) -> None:
    """Nobody has to run it twice to find the second one."""
    bad = [
        'says = "$0.80"\nexpression = "price(mini, imput)"\n',
        'says = 5\nexpresion = "1"\n',
        'costs = { mini = "cheap" }\n',
        'inconsistent_with = ["nothing"]\nwhy = "x"\n',
    ]
    text = HEAD + '[values]\nv = "w"\n' + "".join(CLAIM.replace('"a"', f'"a{i}"') + part for i, part in enumerate(bad))
    found = faults_of(text, tmp_path)
    assert [fault.partition(":")[0] for fault in found] == ["7", "12", "16", "17", "21", "25"]


def test_a_fault_that_only_another_catalog_brings_out_still_has_its_line(tmp_path: Path) -> None:
    """Claims that were read against one catalog and are audited against another."""
    path = tmp_path / "claims.toml"
    path.write_text(HEAD + CLAIM + 'says = "1.05M tokens"\nexpression = "window(mini)"\n')
    claims = Claims.from_toml(path)
    assert audit(claims)["a"].verdict == "rounded"
    poor = Catalog(edition="x", as_of=Catalog.bundled().as_of, trust=(), sources={}, records={})
    with pytest.raises(CatalogError) as caught:
        audit(claims, poor)
    assert {fault.line for fault in caught.value.faults} == {4, 5, 10}


def test_claims_can_be_given_by_id_path_or_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else."""
    (tmp_path / "claims.toml").write_text(HEAD + CLAIM + 'undecidable = "no"\n')
    monkeypatch.chdir(tmp_path)
    for given in (
        "claims.toml",
        tmp_path / "claims.toml",
        str(tmp_path / "claims.toml"),
        Claims.from_toml("claims.toml"),
    ):
        assert len(audit(given)) == 1
    assert len(audit("article")) == len(Claims.named("article"))
    with pytest.raises(UnknownNameError, match=r"no claims file is named 'artcle'\. Did you mean 'article'"):
        audit("artcle")
    with pytest.raises(UnknownNameError, match="no claims file"):
        Claims.named("artcle")
    with pytest.raises(CatalogError, match="cannot be read"):
        audit("nowhere.toml")
    with pytest.raises(InvalidTypeError, match="expected claims, got 5 of type int"):
        audit(5)  # type: ignore[arg-type]


def test_values_may_stand_anywhere_in_other_values() -> None:
    """Behind a minus, a not, in a call."""
    values = {"d": "not c", "c": "b < 1", "b": "low(-a)", "a": "2"}
    claims = Claims(id="x", title="x", values=values, claims=[Claim(id="a", text="t", says="no", expression="d")])
    assert audit(claims)["a"].steps == ("c: -2 < 1: yes", "d: not yes: no")


def test_claims_are_a_sequence_that_knows_its_ids() -> None:
    """In the order of the text."""
    claims = Claims(
        id="x", title="x", claims=[Claim(id=name, text=name, undecidable="no") for name in ("b", "a")], models={}
    )
    assert [claim.id for claim in claims] == ["b", "a"]
    assert len(claims) == 2
    assert claims["a"].text == "a"
    with pytest.raises(UnknownNameError, match="no claim is named 'c'"):
        claims["c"]
    with pytest.raises(UnknownNameError):
        claims[0]  # type: ignore[index]
    assert eval(repr(claims), {"Claims": Claims, "Claim": Claim}) == claims


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"says": 5}, "says of a claim is 5"),
        ({"id": None}, "id of a claim is None"),
        ({"note": None}, "note of a claim is None"),
        ({"digits": "3"}, "digits of a claim are '3'"),
        ({"digits": True}, "digits of a claim are True"),
        ({"costs": {"mini": 5}}, "expected a mapping from names to texts"),
        ({"costs": "mini"}, "expected a mapping from names to texts"),
        ({"costs": 5}, "expected a mapping from names to texts"),
        ({"inconsistent_with": "a"}, "expected several names"),
    ],
)
def test_a_claim_by_hand_is_checked_where_it_is_made(values: dict[str, Any], words: str) -> None:
    """A number where a text is meant, one text where several are."""
    with pytest.raises(InvalidTypeError, match=words):
        Claim(**{"id": "a", "text": "b", **values})


def test_claims_by_hand_hold_claims() -> None:
    """And nothing else."""
    for wrong in (5, ["a"], [None]):
        with pytest.raises(InvalidTypeError, match="expected several Claim"):
            Claims(id="x", title="x", claims=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Claim", "Claims"])
def test_the_signature_for_type_checkers_is_the_real_one(name: str) -> None:
    """Names and defaults of the parameters are those of the constructor that runs."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(reading, name))))
    [shown] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    real = list(inspect.signature(getattr(reading, name)).parameters.values())
    assert [argument.arg for argument in shown.args.kwonlyargs] == [parameter.name for parameter in real]
    optional = [default is not None for default in shown.args.kw_defaults]
    assert optional == [parameter.default is not inspect.Parameter.empty for parameter in real]


def test_the_claims_of_a_catalog_are_written_and_read_again(tmp_path: Path) -> None:
    """They travel with the catalog, as policies do."""
    catalog = Catalog.bundled()
    assert "article" in catalog.claims_texts
    catalog.to_path(tmp_path / "copy")
    again = Catalog.from_path(tmp_path / "copy")
    assert again.claims_texts == catalog.claims_texts
    assert again == catalog
    assert audit("article", again).counts == audit("article").counts
