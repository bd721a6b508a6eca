"""What is to be run: volumes, lengths, turns and limits."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

from llm_tradeoffs import Catalog, Usd, Workload

Period = Literal["day", "month", "year"]


def workload(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


class TestVolume:
    """A month has 30 days; a year is 365 days, or twelve such months, depending on how the volume is stated."""

    @pytest.mark.parametrize(
        ("stated", "day", "month", "year", "basis", "year_basis"),
        [
            ({"requests_per_day": 10_000}, 10_000, 300_000, 3_650_000, "day", "365 days"),
            ({"requests_per_month": 1_000}, Fraction(100, 3), 1_000, 12_000, "month", "12 months of 30 days"),
            (
                {"requests_per_year": 1_000_000},
                Fraction(25_000, 9),
                Fraction(250_000, 3),
                1_000_000,
                "year",
                "12 months of 30 days",
            ),
            ({"requests_per_day": Decimal("0.5")}, Fraction(1, 2), 15, Fraction(365, 2), "day", "365 days"),
            ({"requests_per_day": 0}, 0, 0, 0, "day", "365 days"),
        ],
    )
    def test_conversions(  # noqa: PLR0917 - a row of the table
        self,
        stated: dict[str, Any],
        day: int | Fraction,
        month: int | Fraction,
        year: int | Fraction,
        basis: str,
        year_basis: str,
    ) -> None:
        """Each volume is converted exactly, and says how a year was counted."""
        work = workload(**stated)
        assert [work.requests_in(period) for period in ("day", "month", "year")] == [day, month, year]
        assert (work.volume_basis, work.year_basis) == (basis, year_basis)

    def test_none(self) -> None:
        """Without a volume there is none in any period."""
        assert workload().volume_basis is None
        assert workload().requests_in("month") is None

    def test_a_new_volume_takes_the_place_of_the_old_one(self) -> None:
        """with_() keeps everything but the volume, which can be stated only once."""
        daily = workload(requests_per_day=5, task="math")
        yearly = daily.with_(requests_per_year=9)
        assert (yearly.volume_basis, yearly.requests_per_day, yearly.task) == ("year", None, "math")
        assert daily.with_(requests_per_day=None).volume_basis is None
        assert daily.with_(turns=3).requests_per_day == 5
        assert daily.with_() == daily


class TestTurns:
    """A conversation sends its history again with each turn, unless it does not."""

    def test_with_the_history(self) -> None:
        """Turn k sends k inputs and k-1 outputs; n turns send n·i + (i+o)·n(n-1)/2."""
        chat = workload(turns=50)
        sent = [chat.turn_input_tokens(turn) for turn in range(1, 51)]
        assert sent[:3] == [200, 550, 900]
        assert sum(sent) == chat.total_input_tokens == 50 * 200 + 350 * 50 * 49 // 2 == 438_750
        assert chat.total_output_tokens == 50 * 150
        assert chat.longest_request_tokens == sent[-1] == 17_350

    def test_without_the_history(self) -> None:
        """Without its history every turn is a single call."""
        chat = workload(turns=50, history_resent=False)
        assert {chat.turn_input_tokens(turn) for turn in (1, 25, 50)} == {200}
        assert chat.total_input_tokens == 10_000
        assert chat.longest_request_tokens == 200

    def test_means(self) -> None:
        """Means may be decimals, and stay exact."""
        chat = workload(input_tokens=Decimal("187.5"), output_tokens=Fraction(1, 3), turns=3)
        assert chat.total_input_tokens == 3 * Fraction(375, 2) + 3 * (Fraction(375, 2) + Fraction(1, 3))
        assert chat.total_output_tokens == 1
        assert type(chat.total_output_tokens) is int

    def test_one_turn(self) -> None:
        """A single request has no history."""
        assert workload().total_input_tokens == workload().turn_input_tokens(1) == 200


def test_the_longest_request() -> None:
    """The longest document counts with its instructions, if it is longer than the mean conversation."""
    assert workload(longest_tokens=100_000, instruction_tokens=500).longest_request_tokens == 100_500
    assert workload(longest_tokens=100).longest_request_tokens == 200
    assert workload(turns=50, longest_tokens=17_500).longest_request_tokens == 17_500


def test_fields_are_kept_exactly() -> None:
    """Numbers become exact, names become sets, and money becomes dollars."""
    work = workload(
        cached_share=0.8,
        batch_share=Decimal("0.5"),
        max_ttft_ms=500,
        error_cost="0.10",
        needs=["vision", "tools", "vision"],
        languages=["French", "GERMAN"],
        assumptions=["one", "two"],
        min_quality_percent=72.5,
    )
    assert (work.cached_share, work.batch_share, work.max_ttft_ms) == (Fraction(4, 5), Fraction(1, 2), 500)
    assert work.error_cost == Usd("0.10")
    assert workload(error_cost=Usd(2)).error_cost == Usd(2)
    assert work.needs == frozenset({"vision", "tools"})
    assert work.languages == frozenset({"french", "german"})
    assert work.assumptions == ("one", "two")
    assert work.min_quality_percent == Fraction(145, 2)


@pytest.mark.parametrize(
    "work",
    [
        workload(),
        workload(name="chat", title="Chat", requests_per_day=Decimal("0.1"), turns=3, history_resent=False),
        workload(needs={"vision", "tools"}, languages={"french"}, error_cost="1/3", cached_share=Fraction(1, 3)),
        workload(volume="high", complexity="low", priority="cost", task="math", assumptions=("a", "b")),
    ],
    ids=["bare", "conversation", "sets", "words"],
)
def test_workloads_are_values(work: Workload) -> None:
    """repr() can be pasted back, and pickles are equal."""
    names = {"Workload": Workload, "Usd": Usd, "Fraction": Fraction}
    assert eval(repr(work), names) == work
    assert pickle.loads(pickle.dumps(work)) == work
    assert hash(work) == hash(attrs.evolve(work))


def test_the_repr_says_what_was_stated() -> None:
    """repr() leaves out every default."""
    assert (
        repr(workload(needs={"vision"}, turns=2))
        == "Workload(input_tokens=200, output_tokens=150, turns=2, needs={'vision'})"
    )


def test_who_described_it_makes_no_difference() -> None:
    """A preset equals the same workload by hand, whoever the source is."""
    preset = Workload.preset("paper-8000")
    by_hand = Workload(name=preset.name, title=preset.title, input_tokens=8_000, output_tokens=300)
    assert preset == by_hand
    assert preset.source == "article"
    assert by_hand.source is None


def test_presets() -> None:
    """Presets are looked up by id, in the bundled catalog or another one, and listed in the order of their ids."""
    assert Workload.preset("support-chatbot").requests_per_day == 10_000
    names = [preset.name for preset in Workload.presets()]
    assert names == sorted(names)
    other = Catalog.from_path(Path(__file__).parent / "catalog" / "whole")
    assert [preset.name for preset in Workload.presets(other)] == ["chat"]
    assert Workload.preset("chat", other).title == "Chat"


def test_a_workload_from_a_file(tmp_path: Path) -> None:
    """A file in the form of catalog/workloads/ is read exactly, whether or not a catalog knows its task."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'id = "mine"\nname = "Mine"\ninput_tokens = 187.5\noutput_tokens = 150\nrequests_per_month = 3\n'
        'cached_share = 0.1\nneeds = ["vision"]\nlanguages = ["French"]\nerror_cost_usd = 0.05\n'
        'task = "riddles"\nturns = 2\n'
        'history_resent = false\npriority = "accuracy"\nassumptions = ["A mean."]\n'
    )
    assert (
        Workload.from_toml(path)
        == Workload.from_toml(str(path))
        == Workload(
            name="mine",
            title="Mine",
            input_tokens=Fraction(375, 2),
            output_tokens=150,
            requests_per_month=3,
            cached_share=Fraction(1, 10),
            needs={"vision"},
            languages={"french"},
            error_cost="0.05",
            task="riddles",
            turns=2,
            history_resent=False,
            priority="accuracy",
            assumptions=("A mean.",),
        )
    )
