"""Readers: one per format, all giving (row number, plain cells)."""
