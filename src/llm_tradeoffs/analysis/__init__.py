"""What a decision hangs on: thresholds, trade-offs, and what knowing more is worth."""
