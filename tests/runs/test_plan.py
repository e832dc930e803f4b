"""Every department has a folder of its own that no name can lead out of."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pmstats.runs.plan import folder_names, plan

HOSTILE = [
    *("..", ".", "/", "/etc/passwd", "../../x", "a/../b", "C:\\x", "~root", "$HOME", "a\0b"),
    *("<script>alert(1)</script>", '"quoted"', "it's", "=1+1", "+1", "-rf", "@x", "{x}", "%s"),
    *("", " ", "nul", "CON", "a" * 300, "Ministère", "省", "a\nb", "A/B", "a b", "A-B", "a-b"),
]


def test_hostile_names_become_plain_distinct_folders():
    """Letters, digits and hyphens, never empty, never leading with a hyphen, never a device."""
    names = folder_names(HOSTILE)
    assert len(set(names.values())) == len(HOSTILE)
    for folder in names.values():
        assert re.fullmatch(r"[a-z0-9]([a-z0-9]|-{1,2})*", folder)
        assert len(folder) <= 80
        assert folder not in {"con", "nul"}


@given(st.lists(st.text(max_size=80), unique=True, max_size=20))
def test_any_names_at_all_stay_apart(names):
    """No two departments share a folder, whatever they are called."""
    folders = folder_names(names)
    assert len({folder.lower() for folder in folders.values()}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", folder) for folder in folders.values())


def test_a_name_made_to_look_like_another_s_folder_does_not_get_it():
    """The mark of a changed name holds a double hyphen, which no unchanged name keeps."""
    marked = folder_names(["A/B"])["A/B"]
    assert folder_names(["A/B", marked, marked.replace("-", " ")])[marked] != marked


def test_a_department_keeps_its_folder_whichever_others_run_with_it():
    """Choosing one of two look-alikes must not write over the other."""
    both = ["A B", "A-B"]
    whole = plan(Path("n.ipynb"), departments=both, among=both, parameters=(), folder=Path("o"))
    for job in whole:
        (alone,) = plan(
            Path("n.ipynb"),
            departments=[job.department],
            among=both,
            parameters=(),
            folder=Path("o"),
        )
        assert alone == job


def test_a_plan_is_in_alphabetical_order_and_gives_each_job_its_department():
    """The same departments in any order make the same plan."""
    jobs = plan(
        Path("n.ipynb"),
        departments=["Tides", "Clouds", "Tides"],
        among=["Tides", "Clouds", "Bells"],
        parameters=[("stage", "mid-year")],
        folder=Path("out"),
    )
    assert [(job.department, job.folder) for job in jobs] == [
        ("Clouds", Path("out/clouds")),
        ("Tides", Path("out/tides")),
    ]
    assert jobs[0].parameters == (("stage", "mid-year"), ("department", "Clouds"))
