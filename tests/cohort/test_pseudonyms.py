"""Identifiers become keyed hashes; a kept key links years and is never given away."""

import numpy as np
import pytest

from pmstats.cohort import load_key, read_export
from pmstats.cohort.pseudonyms import KEY_FILE, fresh_key, kept_key, pseudonyms
from pmstats.errors import ParameterError
from pmstats.scheme import load_scheme

KEY = "correct horse battery staple, and more"


def key_file(tmp_path, text=KEY, mode=0o600):
    """The path of a key file with this text and these permissions."""
    path = tmp_path / "pmstats.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_one_person_typed_in_two_ways_has_one_pseudonym():
    """Case and outer space do not make two people of one."""
    hashed = pseudonyms(["P1", " p1 ", "P2"], key=fresh_key())
    assert hashed[0] == hashed[1] != hashed[2]
    assert hashed.dtype == np.uint64


def test_without_the_key_nothing_can_be_linked():
    """Another key gives the same people entirely other pseudonyms."""
    names = [f"P{number}" for number in range(1000)]
    one, other = (pseudonyms(names, key=fresh_key()) for _ in range(2))
    assert len(set(one)) == 1000
    assert not set(one) & set(other)


def test_a_kept_key_links_two_exports(tmp_path):
    """The same key gives a person the same pseudonym in two years."""
    key = load_key(key_file(tmp_path))
    years = []
    for rating in ("A", "HP"):
        path = tmp_path / "export.csv"
        path.write_text(f"Employee No,Department,Final rating\nP1,D,{rating}\n", encoding="utf-8")
        years.append(read_export(path, scheme=load_scheme(), key=key).people["person_id"][0])
    assert years[0] == years[1]


def test_a_key_may_come_from_the_environment(tmp_path, monkeypatch):
    """The variable PMSTATS_KEY holds the same key as a file with the same text."""
    monkeypatch.setenv("PMSTATS_KEY", KEY)
    assert load_key() == load_key(key_file(tmp_path))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_others_can_read_is_refused(tmp_path, mode):
    """Group or world permission on the key file stops the run, without showing the key."""
    with pytest.raises(ParameterError, match="chmod 600") as raised:
        load_key(key_file(tmp_path, mode=mode))
    assert KEY not in str(raised.value)


def test_a_short_or_absent_key_is_refused(tmp_path, monkeypatch):
    """Thirty-one characters are too few, no file is no key, and no variable is none."""
    monkeypatch.delenv("PMSTATS_KEY", raising=False)
    assert load_key(key_file(tmp_path, "x" * 32))
    for given in (key_file(tmp_path, "x" * 31), tmp_path / "none.key", None):
        with pytest.raises(ParameterError):
            load_key(given)


def test_who_objects_to_equality_monitoring_stays_in_the_totals(tmp_path):
    """Protected characteristics become Undeclared, the person and the rating remain."""
    path = tmp_path / "export.csv"
    path.write_text(
        "Department,Final rating,Sex,Ethnicity,Work pattern,Objection to equality monitoring\n"
        "D,A,Female,Asian,Full-time,No\nD,HP,Male,Black,Part-time,Yes\n",
        encoding="utf-8",
    )
    cohort = read_export(path, scheme=load_scheme())
    people = cohort.people
    assert [p.rows for p in cohort.problems if p.rule == "F9"] == [()]  # who it is stays unsaid
    assert people["sex"].tolist() == ["Female", "Undeclared"]
    assert people["ethnicity"].tolist() == ["Asian", "Undeclared"]
    assert people["working_pattern"].tolist() == ["Full-time", "Part-time"]
    assert people["rating_final"].tolist() == ["Achieving", "High Performing"]


def test_a_key_the_environment_names_links_readings(tmp_path, monkeypatch):
    """With a kept key a person has one pseudonym in every reading; by default none is linked."""
    export = tmp_path / "export.csv"
    export.write_text("Employee ID,Department,Final rating\nP1,A,HP\n", encoding="utf-8")

    def pseudonym():
        return read_export(export, scheme=load_scheme()).people["person_id"].item()

    assert pseudonym() != pseudonym()
    monkeypatch.setenv(KEY_FILE, str(key_file(tmp_path)))
    assert pseudonym() == pseudonym()
    linked = pseudonym()
    monkeypatch.delenv(KEY_FILE)
    monkeypatch.setenv("PMSTATS_KEY", key_file(tmp_path).read_text(encoding="utf-8"))
    assert pseudonym() == linked
    assert kept_key() == load_key(key_file(tmp_path))
    monkeypatch.delenv("PMSTATS_KEY")
    assert kept_key() is None
