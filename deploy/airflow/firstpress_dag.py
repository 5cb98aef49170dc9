"""firstpress once a day: on the Airflow worker, or on ECS where the variable `firstpress_ecs` is set.

On the worker the settings are the worker's environment. The variable is a JSON object as `aws ecs run-task` takes it
by --cli-input-json: cluster, taskDefinition, launchType, networkConfiguration.
"""

import json
from datetime import timedelta

import pendulum
from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Variable, dag, task

# The next run goes on from there; until then trying again changes nothing.
TRY_AGAIN_LATER = 75


@dag(
    schedule="17 6 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5), "execution_timeout": timedelta(hours=3)},
)
def firstpress():
    """Spotify's new releases into Postgres, and the trend tables anew."""
    ecs_task = Variable.get("firstpress_ecs", default=None, deserialize_json=True)
    if ecs_task:
        run_on_ecs(ecs_task)
    else:
        loaded(run_on_worker().output)


def run_on_worker():
    return BashOperator(task_id="run", bash_command="firstpress run", skip_on_exit_code=TRY_AGAIN_LATER)


def run_on_ecs(ecs_task: dict):
    return EcsRunTaskOperator(
        task_id="run",
        cluster=ecs_task["cluster"],
        task_definition=ecs_task["taskDefinition"],
        launch_type=ecs_task["launchType"],
        network_configuration=ecs_task["networkConfiguration"],
        overrides={},
        reattach=True,
        skip_on_exit_code=TRY_AGAIN_LATER,
    )


@task
def loaded(summary: str) -> dict[str, int]:
    """Rows loaded per table, from the JSON object that a run prints last."""
    return json.loads(summary)["loaded"]


firstpress()
