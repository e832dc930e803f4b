"""An Airflow DAG that maps the papermill operator over the departments of the same plan file.

Each task starts a process of its own and reads the export again, so this costs many times what
one task with `--cluster` does (docs/cluster.md); it is for those who want a department to be a
task, with its own retries and log.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from airflow import DAG
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.providers.papermill.operators.papermill import PapermillOperator

ROOT = Path("/srv/pmstats")
PLAN = ROOT / "docs/schedules/nightly.toml"


@task
def packs() -> list[dict[str, object]]:
    """What the operator needs for each department of the plan's first run."""
    from pmstats import load_scheme, read_export  # noqa: PLC0415  # Airflow parses DAGs all day
    from pmstats.runs.plan import folder_names  # noqa: PLC0415
    from pmstats.runs.schedule import read_schedule  # noqa: PLC0415

    run = read_schedule(PLAN, root=ROOT)[0]
    scheme = load_scheme(run.scheme)
    cohort = read_export(run.export, scheme=scheme, mapping=run.mapping, stage=run.stage)
    made = []
    for department, name in folder_names(cohort.departments).items():
        folder = run.out / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        given = {**run.reading, **dict(run.extra), "department": department, "out": str(folder)}
        output = str(folder / run.notebook.name)
        made.append({"input_nb": str(run.notebook), "output_nb": output, "parameters": given})
    return made


with DAG(
    dag_id="a_task_for_each_department",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    catchup=False,
    max_active_tasks=8,
) as dag:
    PapermillOperator.partial(task_id="pack", engine_name="pmstats").expand_kwargs(packs())

with DAG(
    dag_id="packs_on_a_cluster",
    schedule="10 2 * * *",
    start_date=datetime(2025, 1, 1),
    catchup=False,
    max_active_runs=1,
) as on_a_cluster:
    BashOperator(
        task_id="make_the_packs",
        cwd="/srv/pmstats",
        bash_command=".venv/bin/pmstats schedule docs/schedules/nightly.toml --root . "
        "--cluster tls://scheduler.example.org:8786",
    )
