"""A model on one day: a plain value, from the catalog or written by hand."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from decimal import Decimal

import attrs
import pytest

from llm_tradeoffs import Catalog, Fact, Model, Price, Range, RateCard, Score, Source, Usd
from llm_tradeoffs.model import FACT_FIELDS

ONE = Model("acme/one", usd_per_mtok=(0.25, "1.25"), context_window=128_000)


def test_three_lines_by_hand() -> None:
    """A model is written in three lines, and whatever they do not say is None."""
    assert ONE.context_window == 128_000
    assert str(ONE.price("input_tokens")) == "$0.25/MTok"
    unknown = {field for field in FACT_FIELDS if getattr(ONE, field) is None}
    assert unknown == FACT_FIELDS.keys() - {"context_window"}
    assert (ONE.name, ONE.vendor, ONE.aliases, ONE.scores) == (None, None, (), ())


def test_names_for_people() -> None:
    """The name for people is the id where there is none."""
    assert ONE.label == "acme/one"
    assert Model("acme/one", name="Acme One").label == "Acme One"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"ttft": "150-250 ms"}, Range(150, 250, "ms")),
        ({"ttft": 200}, Range(200, unit="ms")),
        ({"ttft": Range(1, 2)}, Range(1, 2, "ms")),
        ({"output_tokens_per_second": Decimal("45.5")}, Range("45.5", unit="tokens/s")),
        ({"batch_tokens_per_second": "50-65"}, Range(50, 65, "tokens/s")),
    ],
)
def test_quantities(written: dict[str, object], meant: Range) -> None:
    """A quantity is a range in the unit of its field, however it is written."""
    (field,) = written
    assert getattr(Model("acme/one", **written), field) == meant  # type: ignore[arg-type]


def test_scores() -> None:
    """Scores are a mapping of texts, numbers or ranges in per cent, or a list of Score values."""
    model = Model("acme/one", scores={"quiz": "72-75 %", "sums": 88, "style": Score("style", judgement="dry")})
    assert model.score("quiz") == Score("quiz", Range(72, 75, "%"))
    assert model.score("sums") == Score("sums", Range(88, unit="%"))
    assert model.score("style") == Score("style", None, "dry")
    assert model.score("songs") is None
    assert Model("acme/one", scores=list(model.scores)) == Model("acme/one", scores=model.scores)
    assert [str(score) for score in model.scores] == ["72-75 %", "88 %", "dry"]
    assert str(Score("quiz")) == "unknown"


def test_names_are_kept_as_tuples() -> None:
    """Lists of names become tuples, so that a model can be hashed."""
    model = Model("acme/one", languages=["english"], input_modalities=iter(("text", "image")), aliases=["one"])
    assert (model.languages, model.input_modalities, model.aliases) == (("english",), ("text", "image"), ("one",))
    assert isinstance(hash(model), int)


class TestSources:
    """model.sources says where each field came from."""

    def test_by_hand(self) -> None:
        """What was written by hand comes from the caller: prices, scores and fields alike."""
        model = Model("acme/one", usd_per_mtok=(1, 2), context_window=5, scores={"quiz": 50}, name="One")
        assert {field: fact.source.id for field, fact in model.sources.items()} == {
            "context_window": "caller",
            "rates.standard.input_tokens": "caller",
            "rates.standard.output_tokens": "caller",
            "scores.quiz": "caller",
        }
        assert model.sources["scores.quiz"].value == Range(50, unit="%")

    def test_from_the_catalog(self) -> None:
        """Every known field of a catalog's model has its fact, with source, place and first day."""
        model = Catalog.bundled()["gpt-4.1-mini"]
        known = {field for field in FACT_FIELDS if getattr(model, field) is not None}
        assert known <= model.sources.keys()
        fact = model.sources["context_window"]
        assert (fact.value, fact.source.id, fact.effective_from) == (1_047_576, "litellm", date(2026, 11, 22))
        assert "caller" not in {fact.source.id for fact in model.sources.values()}

    def test_prices_above_a_threshold_and_in_tiers_have_their_own_names(self) -> None:
        """Each price row is a field of its own."""
        card = RateCard(
            (
                Price(meter="input_tokens", usd=Usd(1)),
                Price(meter="input_tokens", usd=Usd(2), above_input_tokens=200_000),
                Price(meter="input_tokens", usd=Usd("0.5"), service_tier="batch", note="half", place="table 2"),
            )
        )
        sources = Model("acme/one", usd_per_mtok=card).sources
        assert set(sources) == {
            "rates.standard.input_tokens",
            "rates.standard.input_tokens.above_200000",
            "rates.batch.input_tokens",
        }
        batch = sources["rates.batch.input_tokens"]
        assert (batch.value, batch.note, batch.place) == ("$0.50/MTok", "half", "table 2")

    def test_citations(self) -> None:
        """Citations are the same facts in plain text, under the same names."""
        model = Catalog.bundled()["claude-haiku-4.5"]
        assert model.citations.keys() == model.sources.keys()
        assert all(citation.field == field for field, citation in model.citations.items())
        assert {citation.source for citation in model.citations.values()} == model.cited_sources.keys()
        assert model.cited_sources["article"].title == "GPT-4.1 Mini vs Claude Haiku 4.5"

    def test_who_said_it_is_not_what_is_said(self) -> None:
        """Two models with equal facts are equal, whoever states them."""
        rumour = Source(id="rumour", title="A rumour", kind="article")
        fact = Fact(subject="acme/one", field="context_window", value=5, source=rumour)
        by_rumour, by_hand = (
            Model("acme/one", context_window=5, sources={"context_window": fact}),
            Model("acme/one", context_window=5),
        )
        assert by_rumour == by_hand
        assert by_rumour.sources["context_window"] is fact
        assert by_hand.sources["context_window"].source.id == "caller"


def test_the_same_model_with_some_fields_changed() -> None:
    """What is changed comes from the caller, everything else from where it came before."""
    mini = Catalog.bundled()["gpt-4.1-mini"]
    cheaper = mini.with_(usd_per_mtok=("0.10", "0.40"), context_window=500_000)
    assert (cheaper.context_window, cheaper.max_output_tokens) == (500_000, mini.max_output_tokens)
    said_by = {field: fact.source.id for field, fact in cheaper.sources.items()}
    assert (said_by["context_window"], said_by["rates.standard.input_tokens"]) == ("caller", "caller")
    assert (said_by["ttft"], said_by["scores.mmlu"]) == ("article", "article")
    assert "rates.batch.input_tokens" not in said_by, "the whole card is replaced"
    assert mini.context_window == 1_047_576
    assert mini.with_() == mini


def test_prices_are_looked_up_like_on_the_card() -> None:
    """price() and blended_usd_per_mtok() are those of the rate card."""
    assert ONE.price("output_tokens") == ONE.rates.price("output_tokens")
    assert ONE.blended_usd_per_mtok(3, 1) == Usd("0.50")
    assert ONE.price("output_tokens", "batch") is None


@pytest.mark.parametrize(
    "model",
    [
        ONE,
        Model("acme/blank"),
        Model(
            "acme/full",
            usd_per_mtok={"input_tokens": "1/24", "web_searches": "0.01"},
            name="Full",
            vendor="acme",
            aliases=("full",),
            ttft="150-250 ms",
            output_tokens_per_second=50,
            languages=("english",),
            supports_vision=False,
            released_on=date(2026, 1, 1),
            scores={"quiz": "72-75 %", "style": Score("style", None, "dry")},
        ),
    ],
    ids=lambda model: model.id,
)
def test_models_are_values(model: Model) -> None:
    """repr() can be pasted back; pickles and copies are equal."""
    import datetime  # noqa: F401 - named in the repr of a date

    assert eval(repr(model)) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert copy.deepcopy(model) == model
    assert attrs.evolve(model) == model


def test_the_repr_is_short() -> None:
    """repr() says what is known and nothing else."""
    assert (
        repr(ONE)
        == "Model('acme/one', usd_per_mtok={'input_tokens': '0.25', 'output_tokens': '1.25'}, context_window=128000)"
    )
    assert repr(Model("acme/blank")) == "Model('acme/blank')"


def test_a_repr_with_tiers_spells_the_card_out() -> None:
    """Prices that a plain mapping could not say are shown row by row."""
    card = RateCard((Price(meter="input_tokens", usd=Usd(1), service_tier="batch"),))
    assert "RateCard(prices=(Price(meter='input_tokens'" in repr(Model("acme/one", usd_per_mtok=card))
