"""The DAG runs on the worker to success, is skipped by exit code 75, and takes the form for ECS."""

import json
import os

from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
from firstpress_dag import firstpress

TASK = {
    "cluster": "firstpress",
    "taskDefinition": "firstpress-job",
    "launchType": "FARGATE",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}},
}


def main():
    assert states_of_a_run() == {"run": "success", "loaded": "success"}
    os.environ["SPOTIFY_DAILY_BUDGET"] = "1"
    assert states_of_a_run() == {"run": "skipped", "loaded": "skipped"}
    os.environ["AIRFLOW_VAR_FIRSTPRESS_ECS"] = json.dumps(TASK)
    (run,) = firstpress().tasks
    assert isinstance(run, EcsRunTaskOperator)
    assert run.network_configuration == TASK["networkConfiguration"]


def states_of_a_run() -> dict[str, str]:
    return {task.task_id: str(task.state) for task in firstpress().test().get_task_instances()}


main()
