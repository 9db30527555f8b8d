"""Loads the DAG file that is named and prints what it declares as JSON."""

import json
import runpy
import sys

import airflow

runpy.run_path(sys.argv[1])
print(
    json.dumps(
        [
            {
                "id": dag.options["dag_id"],
                "cron": dag.options["schedule"].cron if dag.options["schedule"] else None,
                "timeZone": dag.options["schedule"].timezone if dag.options["schedule"] else None,
                "catchup": dag.options["catchup"],
                "parallel": dag.options["max_active_tasks"],
                "timeoutMs": dag.options["dagrun_timeout"].total_seconds() * 1000,
                "tasks": [
                    {
                        "name": task.options["task_id"],
                        "command": task.options["bash_command"],
                        "after": task.before,
                        "retries": task.options["retries"],
                        "backOffMs": task.options["retry_delay"].total_seconds() * 1000,
                        "longestBackOffMs": task.options["max_retry_delay"].total_seconds() * 1000,
                        "timeoutMs": task.options["execution_timeout"].total_seconds() * 1000,
                    }
                    for task in dag.tasks
                ],
            }
            for dag in airflow.dags
        ]
    )
)
