"""An Airflow DAG with the papermill operator: one notebook, in a fork where that is safe."""

from __future__ import annotations

from datetime import datetime

from airflow import DAG
from airflow.providers.papermill.operators.papermill import PapermillOperator

with DAG(
    dag_id="one_department",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    catchup=False,
) as dag:
    PapermillOperator(
        task_id="disparities",
        input_nb="/srv/pmstats/notebooks/30_disparities.ipynb",
        output_nb="/srv/pmstats/reports/disparities.ipynb",
        parameters={
            "export": "/srv/pmstats/data/synthetic/scs_2024_25.csv",
            "department": "Lighthouse Ministry",
        },
        engine_name="pmstats",
    )
