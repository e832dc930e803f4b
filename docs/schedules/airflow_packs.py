"""An Airflow DAG that makes the packs every night: one task for all departments.

One task for each department would spend its time on scheduling: a department takes less than a
second. Retries are cheap, for a plan resumes what is missing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="consistency_check_packs",
    schedule="10 2 * * *",
    start_date=datetime(2025, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
) as dag:
    check = BashOperator(
        task_id="check_the_export",
        cwd="/srv/pmstats",
        bash_command=".venv/bin/pmstats check data/synthetic/scs_2024_25.csv",
    )
    packs = BashOperator(
        task_id="make_the_packs",
        cwd="/srv/pmstats",
        bash_command=".venv/bin/pmstats schedule docs/schedules/nightly.toml --root .",
    )
    check >> packs
