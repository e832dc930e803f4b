"""The example schedules in docs/ say what the program and the schedulers understand."""

import ast
import configparser
import re
import shlex
from pathlib import Path

import pytest

from pmstats.cli.parser import parser
from pmstats.runs.parameters import check_parameters
from pmstats.runs.schedule import read_schedule

ROOT = Path(__file__).parents[2]
SCHEDULES = ROOT / "docs" / "schedules"


def commands():
    """Every pmstats command line in the examples."""
    for path in sorted(SCHEDULES.iterdir()):
        for found in re.findall(r"bin/pmstats ([^\"\n>]+)", path.read_text(encoding="utf-8")):
            yield path.name, found.strip()


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_in_the_examples_is_understood(name, command):
    """The parser takes it as it stands, and the files it names are in the repository."""
    given = parser().parse_args(shlex.split(command))
    assert callable(given.command), name
    for word in shlex.split(command):
        if word.endswith((".toml", ".csv")):
            assert (ROOT / word).is_file()


def test_the_example_plan_is_a_plan():
    """Its notebooks take its parameters."""
    requests = read_schedule(SCHEDULES / "nightly.toml", root=ROOT)
    assert len(requests) == 2
    for request in requests:
        given = {name: value for name, value in request.reading.items() if value}
        check_parameters(request.notebook, {**given, "department": "", **dict(request.extra)})


@pytest.mark.parametrize("name", ["airflow_packs.py", "airflow_papermill.py"])
def test_the_airflow_examples_are_python_with_a_dag(name):
    """They parse, name a DAG, and wait for no past date."""
    tree = ast.parse((SCHEDULES / name).read_text(encoding="utf-8"))
    (dag,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DAG"
    ]
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in dag.keywords}
    assert options["catchup"] == "False"
    assert options["dag_id"]


def test_the_systemd_examples_are_units():
    """One service that runs once, one timer with a time of day."""
    service, timer = configparser.ConfigParser(), configparser.ConfigParser()
    for unit in (service, timer):
        unit.optionxform = str
    service.read(SCHEDULES / "pmstats.service")
    timer.read(SCHEDULES / "pmstats.timer")
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["UMask"] == "0077"
    assert service["Service"]["ExecStart"].startswith("/")
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])


def test_the_cron_example_is_a_crontab():
    """Five fields of time, then a command in which every percent sign would be a new line."""
    for line in (SCHEDULES / "pmstats.cron").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or re.match(r"\w+=", line):
            continue
        fields = line.split(maxsplit=5)
        assert len(fields) == 6
        assert all(re.fullmatch(r"[\d*,/-]+", field) for field in fields[:5])
        assert "%" not in fields[5]
