"""
Write ``catalog/index.json``: the names of all models and where each file stands.

    make catalog-index
"""

from pathlib import Path

from llm_tradeoffs import Catalog
from llm_tradeoffs._load import INDEX, index_text

ROOT = Path(__file__).parents[1] / "catalog"

if __name__ == "__main__":
    (ROOT / INDEX).write_text(index_text(Catalog.from_path(ROOT)), encoding="utf-8", newline="\n")
