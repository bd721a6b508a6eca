"""Every chart becomes a picture, without a browser and without a warning."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import llm_tradeoffs as lt

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "site"))

pytestmark = pytest.mark.faces


def names() -> list[str]:
    from gallery import CHARTS

    return list(CHARTS)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_every_chart_becomes_a_picture(name: str, suffix: str, tmp_path: Path) -> None:
    from gallery import CHARTS

    picture = tmp_path / f"chart.{suffix}"
    CHARTS[name].draw(lt.Catalog.bundled()).save(str(picture))
    head = picture.read_bytes()[:8]
    assert head == b"\x89PNG\r\n\x1a\n" if suffix == "png" else head.startswith(b"<svg")
    assert picture.stat().st_size > 5_000
