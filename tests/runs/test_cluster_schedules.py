"""The examples that docs/cluster.md names say what dask, Kubernetes and Airflow understand."""

import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import MagicMock

import pytest

from pmstats.cli.parser import parser
from pmstats.runs.parameters import check_parameters

ROOT = Path(__file__).parents[2]
SCHEDULES = ROOT / "docs" / "schedules"


@pytest.fixture(scope="module")
def manifests():
    """The objects of the Kubernetes example, by kind and name."""
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra `cluster`")
    held = yaml.safe_load_all((SCHEDULES / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {(each["kind"], each["metadata"]["name"]): each for each in held}


def pods(manifests):
    """Every pod template."""
    for (kind, _), held in manifests.items():
        if kind == "Deployment":
            yield held["spec"]["template"]
        elif kind == "CronJob":
            yield held["spec"]["jobTemplate"]["spec"]["template"]


def test_every_command_of_the_pods_is_understood(manifests):
    """Dask's and our own parsers take them as they stand."""
    scheduler = pytest.importorskip("distributed.cli.dask_scheduler", reason="the extra `cluster`")
    worker = pytest.importorskip("distributed.cli.dask_worker", reason="the extra `cluster`")
    seen = set()
    for pod in pods(manifests):
        (container,) = pod["spec"]["containers"]
        program, what, *words = container["command"]
        seen.add((program, what))
        if program == "dask":
            main = {"scheduler": scheduler, "worker": worker}[what].main
            assert main.make_context(what, words).params
        else:
            assert callable(parser().parse_args([what, *words]).command)
    assert seen == {("dask", "scheduler"), ("dask", "worker"), ("pmstats", "schedule")}


def test_the_pods_fit_each_other(manifests):
    """Selectors choose pods, mounts have volumes, addresses name the service, one image for all."""
    for (kind, _), held in manifests.items():
        if kind == "Deployment":
            labels = held["spec"]["template"]["metadata"]["labels"]
            assert held["spec"]["selector"]["matchLabels"] == labels
    labels = [pod["metadata"]["labels"] for pod in pods(manifests)]
    service = manifests["Service", "pmstats-scheduler"]["spec"]
    assert service["selector"] in labels
    policy = manifests["NetworkPolicy", "pmstats"]["spec"]["podSelector"]["matchLabels"]
    assert all(policy.items() <= each.items() for each in labels)
    images = set()
    for pod in pods(manifests):
        (container,) = pod["spec"]["containers"]
        images.add(container["image"])
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes
        addresses = [word for word in container["command"] if word.startswith("tls://")]
        assert set(addresses) <= {f"tls://pmstats-scheduler:{service['ports'][0]['port']}"}
        (source,) = container["envFrom"]
        assert ("ConfigMap", source["configMapRef"]["name"]) in manifests
    assert len(images) == 1


def test_dask_knows_every_setting_of_the_pods(manifests):
    """A misspelt one would leave the rows unencrypted."""
    config = pytest.importorskip("distributed.config", reason="the extra `cluster`").config
    for name in manifests["ConfigMap", "pmstats-dask"]["data"]:
        held = config
        for part in name.removeprefix("DASK_").lower().split("__"):
            assert part.replace("_", "-") in held, name
            held = held[part.replace("_", "-")]


def test_the_mapped_tasks_of_airflow_suit_the_notebook_of_the_plan(tmp_path, monkeypatch):
    """Run beside stand-ins for Airflow: a task for each department, with known parameters."""
    for name in (
        "airflow",
        "airflow.decorators",
        "airflow.operators.bash",
        "airflow.providers.papermill.operators.papermill",
    ):
        module = ModuleType(name)
        module.__getattr__ = MagicMock()
        monkeypatch.setitem(sys.modules, name, module)
    operator = MagicMock()
    sys.modules["airflow.providers.papermill.operators.papermill"].PapermillOperator = operator
    sys.modules["airflow.decorators"].task = lambda function: function
    plan = SCHEDULES / "nightly.toml"
    named = re.findall(r'= "((?:notebooks|data)/[^"]+)"', plan.read_text(encoding="utf-8"))
    for path in (plan, *(ROOT / name for name in named)):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    text = (SCHEDULES / "airflow_mapped.py").read_text(encoding="utf-8")
    exec(compile(text.replace("/srv/pmstats", str(tmp_path)), "airflow_mapped.py", "exec"), {})
    (tasks,) = operator.partial.return_value.expand_kwargs.call_args.args
    assert len(tasks) == 8
    assert len({each["output_nb"] for each in tasks}) == 8
    for each in tasks:
        check_parameters(Path(each["input_nb"]), each["parameters"])
    assert operator.partial.call_args.kwargs["engine_name"] == "pmstats"
    assert len(re.findall(r"with DAG\(", text)) == 2
