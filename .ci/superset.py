"""Superset's data sets must be answered by the database for the BI login, and charts use what their data set has.

    superset.py postgres://firstpress_bi@HOST:PORT/firstpress

Superset itself is not started here: its own installation takes longer than everything that this checks.
"""

import json
import sys
from pathlib import Path

import psycopg2
import yaml

HOME = Path(__file__).parent.parent / "infra" / "superset"


def main(url: str) -> None:
    datasets = {dataset["uuid"]: dataset for dataset in read("datasets/firstpress")}
    charts = read("charts")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for dataset in datasets.values():
            ask(cursor, dataset)
    for chart in charts:
        dataset = datasets[chart["dataset_uuid"]]
        known = {column["column_name"] for column in dataset["columns"]} | metrics_of(dataset)
        unknown = set(used_by(chart["params"])) - known
        assert not unknown, f"{chart['slice_name']}: {dataset['table_name']} has no {unknown}"
    (dashboard,) = read("dashboards")
    parts = [part for part in dashboard["position"].values() if isinstance(part, dict)]
    shown = {part["meta"]["uuid"] for part in parts if part["type"] == "CHART"}
    assert shown == {chart["uuid"] for chart in charts}, "a chart is on no dashboard, or is not there"
    print(f"{len(datasets)} data sets answered, {len(charts)} charts use what they have")


def read(folder: str) -> list[dict]:
    return [yaml.safe_load(file.read_text()) for file in sorted((HOME / folder).glob("*.yaml"))]


def metrics_of(dataset: dict) -> set[str]:
    return {metric["metric_name"] for metric in dataset["metrics"]}


def ask(cursor, dataset: dict) -> None:
    """Columns with their types, and metrics, as Superset would ask for them."""
    source = f"({dataset['sql']}) as asked" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"
    for column in dataset["columns"]:
        cursor.execute(f"select pg_typeof({column['column_name']})::text from {source} limit 1")
        found = cursor.fetchone()
        assert found is None or found[0].upper() == column["type"], f"{dataset['table_name']}: {column} is {found}"
    for metric in dataset["metrics"]:
        cursor.execute(f"select {metric['expression']} from {source}")
    for chart in read("charts"):
        for condition in chart["params"]["adhoc_filters"] if chart["dataset_uuid"] == dataset["uuid"] else []:
            cursor.execute(f"select count(*) from {source} where {condition['sqlExpression']}")


def used_by(params: dict):
    yield from (params[name] for name in ("metric", "x_axis") if name in params)
    for name in ("metrics", "all_columns"):
        yield from params.get(name, [])
    groups = params.get("groupby", [])
    yield from [groups] if isinstance(groups, str) else groups
    yield from (json.loads(order)[0] for order in params.get("order_by_cols", []))


main(sys.argv[1])
