"""Makes the table of recorded responses importable; `responses` is also the name of a package on PyPI."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
