"""Measured, not asserted: where time goes, and how our own methods behave."""
