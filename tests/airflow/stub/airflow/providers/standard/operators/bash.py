class BashOperator:
    def __init__(self, dag, **options):
        self.options = options
        self.before = []
        dag.tasks.append(self)

    def __rshift__(self, other):
        other.before.append(self.options["task_id"])
        return other
