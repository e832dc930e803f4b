"""Where figures come from: every file that was read, by its hash."""

from __future__ import annotations

import hashlib

from pmstats import load_scheme, read_export
from pmstats.cohort import Mapping
from pmstats.cohort.mapping import Files
from pmstats.release import provenance


def test_every_file_read_is_named_with_its_hash(tmp_path):
    """Ratings and awards decide figures as the export does; two packs can be told apart by them."""
    files = {
        "export.csv": "Staff ID,Department\nP1,A\n",
        "ratings.csv": "Staff ID,Stage,Rating\nP1,final,E\n",
        "awards.csv": "Staff ID,Type,Amount\nP1,in_year,5\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    mapping = Mapping(files=Files(ratings="ratings.csv", awards="awards.csv"))
    cohort = read_export(tmp_path / "export.csv", scheme=load_scheme(), mapping=mapping)
    said = dict(row[:2] for row in provenance(cohort, stage="final").rows)
    for name, text in files.items():
        label = "the export" if name == "export.csv" else name
        assert said[f"SHA-256 of {label}"] == hashlib.sha256(text.encode()).hexdigest()
