"""The version, in the one place where it is written: hatchling reads it from here."""

__version__ = "0.1.0"
