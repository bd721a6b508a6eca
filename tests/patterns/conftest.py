"""Makes what the laws are tried on, and held against, importable by its own name."""

from __future__ import annotations

import sys
from pathlib import Path

# pytest's importlib mode adds no path by itself.
sys.path.insert(0, str(Path(__file__).parent))
