"""Where balances are kept: in memory, in a SQLite file, in Redis."""
