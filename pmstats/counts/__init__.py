"""Takes a `Cohort`; gives tables of counts."""
