"""A mapping file is read strictly, and a fault names the nearest known word."""

import pytest

from pmstats.cohort.mapping import Layout, LeaveDate, Mapping, Numbers, load_mapping
from pmstats.errors import ParameterError
from pmstats.scheme import load_scheme


def write(tmp_path, text):
    """The path of a mapping file with this text."""
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_full_mapping_is_read_as_its_types(tmp_path):
    """Every key of a mapping file arrives as the type it names."""
    text = """
        layout = "published table"
        characteristic = "sex"
        stage = "final"
        day_first = true
        numbers = "1 is worst"
        leave_date = "first day out"
        [columns]
        group = "Gender"
        [fixed]
        department = "DWP"
        [values.rating]
        Outstanding = "Exceeding"
    """
    mapping = load_mapping(write(tmp_path, text), scheme=load_scheme())
    assert mapping == Mapping(
        layout=Layout.PUBLISHED_TABLE,
        characteristic="sex",
        stage="final",
        day_first=True,
        numbers=Numbers.ONE_IS_WORST,
        leave_date=LeaveDate.FIRST_DAY_OUT,
        columns={"group": "Gender"},
        fixed={"department": "DWP"},
        values={"rating": {"Outstanding": "Exceeding"}},
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day_frist = true", "did you mean 'day_first'?"),
        ('numbers = "1 is tops"', "expected one of 1 is best, 1 is worst"),
        ('day_first = "yes"', "expected true or false"),
        ('[columns]\npersn_id = "No"', "did you mean 'person_id'?"),
        ('[values.rating]\nTop = "Exceding"', "did you mean 'Exceeding'?"),
        ('[values.sex]\nX = "Other"', "'Other' is not a label of the scheme"),
        ('characteristic = "disabilty"', "did you mean 'disability'?"),
        ('stage = "end"', "the scheme has quarter-1"),
        ('layout = "published table"', "needs its stage"),
        ('[columns]\ngrade = "G"\n[fixed]\ngrade = "SCS1"', "keep one"),
        ("header_row = -1", "counts from 1"),
        ('[paybill]\n"Ministry of Examples" = -1.0', "needs an amount in pounds above 0"),
        ('[values.disability]\n"Prefer not to say" = "Unknown"', "means Undeclared, not Unknown"),
        ("day_first = ", "not a TOML file"),
    ],
)
def test_each_fault_of_a_mapping_is_named(tmp_path, text, said):
    """A mapping with a fault is refused in words that say what to change."""
    with pytest.raises(ParameterError, match="mapping") as raised:
        load_mapping(write(tmp_path, text), scheme=load_scheme())
    assert said in str(raised.value)


@pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/etc/passwd", "C:a.csv", "..\\a"])
def test_files_beside_an_export_stay_in_its_folder(tmp_path, name):
    """A mapping leads to no other place; a folder below is none."""
    with pytest.raises(ParameterError, match="in the export's folder"):
        load_mapping(write(tmp_path, f"[files]\nawards = '{name}'"), scheme=load_scheme())
    below = load_mapping(write(tmp_path, "[files]\nawards = 'x/a.csv'"), scheme=load_scheme())
    assert below.files.awards == "x/a.csv"


def test_all_faults_of_a_mapping_come_at_once(tmp_path):
    """Two wrong columns and a wrong stage are reported together."""
    text = 'stage = "end"\n[columns]\nfoo = "A"\nbar = "B"'
    with pytest.raises(ParameterError) as raised:
        load_mapping(write(tmp_path, text), scheme=load_scheme())
    assert str(raised.value).count("\n  - ") == 3


def test_a_mapping_that_is_not_there_is_refused_by_name(tmp_path):
    """A missing mapping file is a parameter error, not a traceback."""
    with pytest.raises(ParameterError, match=r"nowhere\.toml"):
        load_mapping(tmp_path / "nowhere.toml", scheme=load_scheme())
