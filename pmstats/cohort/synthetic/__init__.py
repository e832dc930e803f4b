"""Takes a seed; gives a made-up export with known truth, in real proportions."""

from pmstats.cohort.synthetic.year import SyntheticYear, synthesise, write_synthetic

__all__ = ["SyntheticYear", "synthesise", "write_synthetic"]
