"""What deploy/airflow/kappa_dag.py takes from Airflow, so that its DAGs can be looked at where no Airflow is installed."""

dags = []


class DAG:
    def __init__(self, **options):
        self.options = options
        self.tasks = []
        dags.append(self)
