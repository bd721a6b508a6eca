"""
What all tests share: how hard Hypothesis tries, and the two worlds of facts.

    pytest                                    the profile "fast": the same examples every time
    HYPOTHESIS_PROFILE=thorough pytest        new examples every time, sixteen times as many
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from llm_tradeoffs import Catalog

# No deadline and no complaint about slow examples: the machines that run this are shared.
settings.register_profile(
    "fast",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
settings.register_profile(
    "thorough",
    max_examples=800,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(scope="session")
def bundled() -> Catalog:
    """The catalog that comes with the library, with its own trust order."""
    return Catalog.bundled()


@pytest.fixture(scope="session")
def article() -> Catalog:
    """The world as the article describes it."""
    return Catalog.bundled(trust=("article",))
