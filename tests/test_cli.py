"""The command line: exit codes, nothing written on bad input, help that starts quickly."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pmstats.cli import main

SAMPLE = Path(__file__).parents[1] / "data/synthetic/scs_2024_25.csv"


def written(folder: Path) -> list[str]:
    """Every file below a folder."""
    return [str(path) for path in folder.rglob("*") if path.is_file()]


def test_a_clean_export_has_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """The sample passes the check with exit code 0, and no value of a row is printed."""
    assert main(["check", str(SAMPLE)]) == 0
    printed = capsys.readouterr()
    assert "errors: 0." in printed.err
    assert "P000" not in printed.out + printed.err


def test_rules_without_their_columns_are_named_once_and_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On one line, whatever parts a rule has: the sample has none of the columns of R19."""
    assert main(["check", str(SAMPLE)]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "want of columns" in line]
    rules = re.findall(r"(R\d+) \(", line)
    assert "R19 (substantive_grade, assessed_grade, tp_start)" in line
    assert rules == sorted(set(rules), key=lambda rule: int(rule[1:]))


def test_a_check_in_json_can_be_read_by_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    """Every problem has its rule, weight, rows and fix."""
    main(["check", str(SAMPLE), "--json"])
    problems = json.loads(capsys.readouterr().out)
    assert {"rule", "severity", "rows", "fix"} <= set(problems[0])


def test_a_broken_export_stops_with_ten_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rating nobody knows and a person twice: both named, by row, and no pack."""
    export = tmp_path / "broken.csv"
    export.write_text(
        "person_id,department,grade,rating_midyear,sex\n"
        "P1,Ministry,SCS1,Achieving,Female\n"
        "P1,Ministry,SCS1,Achieving,Female\n"
        "P2,Ministry,SCS1,Splendid,Male\n"
    )
    assert main(["pack", str(export), "--out", str(tmp_path / "out")]) == 10
    printed = capsys.readouterr()
    assert "DQ1" in printed.err
    assert "R2" in printed.err
    assert "row 4" in printed.err
    assert "P1" not in printed.err
    assert not written(tmp_path / "out")


def test_an_unknown_department_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt department is exit code 11 with the ones there are, not an empty pack."""
    asked = ["pack", str(SAMPLE), "--department", "Lighthouse Ministy", "--out", str(tmp_path)]
    assert main(asked) == 11
    assert "Lighthouse Ministry" in capsys.readouterr().err
    assert not written(tmp_path)


def test_a_misspelt_parameter_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Papermill would only warn and run on with the default."""
    notebook = SAMPLE.parents[2] / "notebooks/90_consistency_check_pack.ipynb"
    asked = ["run", str(notebook), "--export", str(SAMPLE), "-p", "stagee=final"]
    assert main([*asked, "--out", str(tmp_path)]) == 11
    assert "unknown parameter 'stagee': did you mean 'stage'?" in capsys.readouterr().err
    assert not written(tmp_path)


def test_an_unknown_scheme_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt scheme is exit code 11 with the nearest one."""
    assert main(["check", str(SAMPLE), "--scheme", "scs"]) == 11
    said = capsys.readouterr().err
    assert "Known schemes: " in said
    assert "scs_2024_25" in said


def test_an_export_that_is_not_there_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file is a problem of the export, in words."""
    assert main(["pack", "nowhere.csv"]) == 10
    assert "nowhere.csv" in capsys.readouterr().err


def test_every_scheme_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The list gives edition, unit, scale and source."""
    assert main(["schemes"]) == 0
    printed = capsys.readouterr().out
    assert "Exceeding > High Performing > Achieving > Partially Met" in printed
    assert "Cabinet Office, Performance management framework" in printed


def test_a_reader_who_has_read_enough_is_no_error() -> None:
    """`pmstats schemes | head -1` ends without a traceback."""
    program = Path(sys.executable).with_name("pmstats")
    done = subprocess.run(
        f"{program} schemes | head -n 1", shell=True, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_the_same_seed_makes_the_same_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs give the same bytes, and the committed sample is what the README's command makes."""
    assert main(["synthesise", str(tmp_path), "--seed", "2024"]) == 0
    made = [Path(line) for line in capsys.readouterr().out.split()]
    assert (tmp_path / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()
    assert all(path.exists() for path in made)


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has loaded after running some code."""
    heavy = (
        *("plotly", "statsmodels", "scipy.stats", "pandas", "numpy", "papermill", "jinja2"),
        "pyarrow",
        "rfc3987_syntax",  # a second of CPU, behind the check of notebooks
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; {code}; print(*[m for m in {heavy} if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split("\n")[-2].split())


def test_help_and_import_load_no_heavy_library() -> None:
    """Start-up cost is a feature: neither needs plotly, statsmodels, scipy.stats or pandas."""
    assert loaded_by("import pmstats") == set()
    assert loaded_by("from pmstats.cli import parser; parser().format_help()") == set()


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        (["schemes"], set()),
        (["prune", ".", "--keep", "9"], set()),
        (["check", str(SAMPLE)], {"pandas", "numpy", "pyarrow"}),
        # a run reads and makes packs in processes of their own
        (
            ["pack", str(SAMPLE), "--department", "Sundial Office"],
            {"papermill", "jinja2"},
        ),
    ],
    ids=lambda command: command[0] if isinstance(command, list) else "",
)
def test_a_command_loads_only_what_it_uses(
    command: list[str], allowed: set[str], tmp_path: Path
) -> None:
    """Statistics and charts where they are made, and nowhere else."""
    out = ["--out", str(tmp_path), "--quiet"] if command[0] == "pack" else []
    loaded = loaded_by(f"from pmstats.cli import main; main({[*command, *out]})")
    assert loaded <= allowed


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in Linux's /proc")
def test_a_command_keeps_its_libraries_to_one_thread() -> None:
    """Whatever the environment asks for: a second thread costs more than it saves."""
    source = (
        "import os, sys; from pmstats.cli import main; sys.argv[1:] = ['schemes']; main(); "
        "import numpy, scipy.linalg; print(len(os.listdir('/proc/self/task')), end='')"
    )
    several = os.environ | {"OPENBLAS_NUM_THREADS": "4", "OMP_NUM_THREADS": "4"}
    ran = subprocess.run(
        [sys.executable, "-c", source], env=several, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "1"


def test_a_suggested_mapping_reads_the_export_it_was_made_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `check --suggest` prints is a mapping file that the next check takes."""
    assert main(["check", str(SAMPLE), "--suggest"]) == 0
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(capsys.readouterr().out)
    assert main(["check", str(SAMPLE), "--mapping", str(mapping)]) == 0


def test_a_check_writes_its_report_and_its_marked_copy_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Page, workbook and marked copy are named on stdout, one a line."""
    export = tmp_path / "export.csv"
    export.write_text("person_id,department,grade,rating_midyear\nP1,Ministry,SCS1,Splendid\n")
    asked = ["check", str(export), "--report", str(tmp_path / "report"), "--mark-up"]
    assert main(asked) == 10
    named = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert named == ["check_report.html", "check_report.xlsx", "export.marked.csv"]


def test_an_answer_to_a_query_is_read_like_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A DuckDB file and a query give the same check as the export itself."""
    import duckdb

    database = tmp_path / "hr.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"CREATE TABLE hr AS SELECT * FROM read_csv('{SAMPLE}', all_varchar = true)"
        )
    query = tmp_path / "people.sql"
    query.write_text("SELECT * FROM hr ORDER BY person_id")
    assert main(["check", f"duckdb:///{database}", "--query", str(query)]) == 0
    assert "errors: 0." in capsys.readouterr().err


def test_packs_are_made_below_the_folder_a_person_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A relative `--out`, as `make packs` gives it, leads where the person expects."""
    monkeypatch.chdir(tmp_path)
    asked = ["pack", str(SAMPLE), "--department", "Sundial Office", "--out", "here", "--quiet"]
    assert main(asked) == 0
    named = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert Path("here/2024-25-mid-year/sundial-office/consistency_check_pack.html") in named
    assert all((tmp_path / path).exists() for path in named)


def test_a_release_is_audited_and_its_ledger_knows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A small department is released into a new ledger, and the audit finds nothing to undo."""
    ledger = ["--ledger", str(tmp_path / "ledger.jsonl")]
    asked = ["release", str(SAMPLE), "--department", "Sundial Office", "--out", str(tmp_path)]
    assert main([*asked, *ledger]) == 12
    assert not list(tmp_path.rglob("*.html"))
    assert main([*asked, *ledger, "--new-ledger"]) == 0
    assert main(["audit", str(tmp_path), *ledger]) == 0
    assert "0 given away" in capsys.readouterr().out


def test_a_pack_can_be_kept_and_shown_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--record` keeps a snapshot, `record list` names it and `record show` gives it back."""
    record = ["--record", str(tmp_path / "record.sqlite")]
    asked = ["pack", str(SAMPLE), "--department", "Sundial Office", "--quiet"]
    assert main([*asked, "--out", str(tmp_path), *record]) == 0
    assert main(["record", "list", *record]) == 0
    assert main(["record", "show", "1", *record]) == 0
    assert capsys.readouterr().out.count("Sundial Office") >= 2
    assert main(["record", "compare", "1", *record]) == 11


def test_a_meeting_is_entered_by_day_and_roles_beside_the_pack_it_was_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who met by role, when, and what was asked (para 88); the figures stay as they were kept."""
    record = ["--record", str(tmp_path / "record.sqlite")]
    asked = ["pack", str(SAMPLE), "--department", "Sundial Office", "--quiet"]
    assert main([*asked, "--out", str(tmp_path), *record]) == 0
    meeting = ["record", "meeting", "1", *record, "--role", "HR", "--role", "Panel chair"]
    assert main(meeting) == 11
    assert main([*meeting, "--held-on", "2024-11-12", "--role", "Ada Lovelace"]) == 11
    assert "Lovelace" not in capsys.readouterr().err
    question = ["--question", "Was the evidence read alike?"]
    assert main([*meeting, "--held-on", "2024-11-12", *question]) == 0
    assert main(["record", "show", "2", *record]) == 0
    shown = capsys.readouterr().out
    assert "Meeting held on 12 November 2024; present: HR, Panel chair." in shown
    assert "- Was the evidence read alike?" in shown
    assert main(["record", "compare", "1", "2", *record]) == 0


def test_the_annual_return_is_written_for_a_department(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A workbook and a CSV for each department asked for, named on stdout."""
    year = SAMPLE.parent / "year"
    asked = ["return", str(year / SAMPLE.name), "--mapping", str(year / "mapping.toml")]
    assert main([*asked, "--department", "Puddle Office", "--out", str(tmp_path)]) == 0
    named = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert named == ["annual_return.xlsx", "annual_return.csv"]


def test_a_kept_key_gives_people_the_same_record_ids_in_every_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--key` a record keeps its id from check to check; without, no two checks agree."""
    export, key = tmp_path / "export.csv", tmp_path / "key"
    export.write_text("Staff ID,Department,Mid-year rating\nP1,A,Splendid\nP2,A,HP\n")
    key.write_text("0123456789abcdef" * 2)

    def ids(*more: str) -> list[str]:
        main(["check", str(export), "--json", *more])
        found = json.loads(capsys.readouterr().out)
        return next(each["record_ids"] for each in found if each["rule"] == "R2")

    assert main(["check", str(export), "--key", str(key)]) == 11  # others can read it
    key.chmod(0o600)
    assert ids("--key", str(key)) == ids("--key", str(key))
    assert ids() != ids()
    assert len(ids()[0]) == 16
    assert "PMSTATS_KEY_FILE" not in os.environ


def test_a_key_in_place_of_its_file_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The option takes a path; a key typed there by mistake is not echoed into a log."""
    key = "0123456789abcdef0123456789abcdef"
    assert main(["check", str(SAMPLE), "--key", key]) == 11
    assert key not in capsys.readouterr().err
