"""Kappa's flows as Airflow DAGs: one DAG a flow of deploy/flows.yml, one task a step, each task the same `kappa` command.

The file is read whenever Airflow parses this one, so both run the same steps. Who runs flows here sets `enabled: false` in
flows.yml (or does not run `kappa schedule run`), or else both do.

Environment:
  KAPPA_FLOWS    the file that declares the flows; default: ../flows.yml
  KAPPA_COMMAND  how `kappa` is called; default: node, and the cli/kappa.mjs of this repository

For Airflow 2.9 and later, and 3. Retries, pauses, time-outs, catch-up and days mean what they mean to `kappa flow`;
`catchUp: last` is Airflow's catchup=False.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from datetime import timedelta
from pathlib import Path

from airflow import DAG

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator
from airflow.timetables.trigger import CronTriggerTimetable

import pendulum

HERE = Path(__file__).resolve().parent
UNITS = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
NAMED = {"hourly": "0 * * * *", "daily": "0 0 * * *", "weekly": "0 0 * * 0", "monthly": "0 0 1 * *", "yearly": "0 0 1 1 *"}


def declared():
    """What the file says, with YAML only where it is not JSON."""
    path = Path(os.environ.get("KAPPA_FLOWS", HERE.parent / "flows.yml"))
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    import yaml

    return yaml.safe_load(text)


def seconds(text: str) -> timedelta:
    number, unit = re.fullmatch(r"(\d+(?:\.\d+)?) ([a-z]+?)s?", text).groups()
    return timedelta(seconds=float(number) * UNITS[unit])


def places(zone: str, offset: int) -> dict[str, str]:
    """Kappa's places as Airflow's templates: the run's moment, in the flow's time zone."""
    at = f"(logical_date or dag_run.run_after).in_timezone('{zone}')"
    return {
        "date": f"{{{{ {at}.add(days={offset}).strftime('%Y-%m-%d') }}}}",
        "day": f"{{{{ {at}.strftime('%Y-%m-%d') }}}}",
        "previousDay": f"{{{{ {at}.subtract(days=1).strftime('%Y-%m-%d') }}}}",
        "month": f"{{{{ {at}.strftime('%Y-%m') }}}}",
        "time": f"{{{{ {at}.in_timezone('UTC').strftime('%Y-%m-%dT%H:%M:%S.000Z') }}}}",
    }


def quoted(argument: str, filled: dict[str, str]) -> str:
    """One word of the shell; what a place is filled with has nothing that the shell would take as its own."""
    parts = re.split(r"\{\{(.*?)\}\}", argument)
    return "".join(filled[part] if i % 2 else (shlex.quote(part) if part else "") for i, part in enumerate(parts))


def command(run, filled: dict[str, str]) -> str:
    kappa = os.environ.get("KAPPA_COMMAND") or f"node {shlex.quote(str(HERE.parent.parent / 'cli' / 'kappa.mjs'))}"
    arguments = run.split() if isinstance(run, str) else run
    return " ".join([kappa, *(quoted(argument, filled) for argument in arguments)])


def dag_of(flow: dict, zone: str) -> DAG:
    zone = flow.get("timeZone", zone)
    filled = places(zone, flow.get("dateOffset", -1))
    cron = flow.get("cron")
    dag = DAG(
        dag_id=f"kappa_{flow['name'].replace('-', '_')}",
        description=flow.get("doc", ""),
        schedule=CronTriggerTimetable(NAMED.get(cron, cron), timezone=zone) if cron else None,
        start_date=pendulum.datetime(2025, 1, 1, tz=zone),
        catchup=flow.get("catchUp", "last") == "each",
        max_active_runs=1,
        max_active_tasks=flow.get("parallel", 2),
        dagrun_timeout=seconds(flow.get("timeout", "24 hours")),
        tags=["kappa"],
    )
    tasks = {}
    for step in flow["steps"]:
        tasks[step["name"]] = BashOperator(
            task_id=step["name"],
            dag=dag,
            bash_command=command(step["run"], filled),
            append_env=True,
            cwd=str(HERE.parent.parent),
            retries=step.get("retries", 0),
            retry_delay=seconds(step.get("backOff", "30 seconds")),
            retry_exponential_backoff=True,
            max_retry_delay=seconds(step.get("longestBackOff", "10 minutes")),
            execution_timeout=seconds(step.get("timeout", "1 hour")),
        )
    for step in flow["steps"]:
        for before in step.get("after", []):
            tasks[before] >> tasks[step["name"]]
    return dag


_file = declared()
for _flow in _file["flows"]:
    globals()[f"kappa_{_flow['name'].replace('-', '_')}"] = dag_of(_flow, _file.get("timeZone", "UTC"))
