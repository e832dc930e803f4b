"""Exact group figures for the people named in a pack's handling note."""
