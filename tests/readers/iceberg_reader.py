"""Reads an Iceberg table from its metadata with PyIceberg, and prints what it found as one line of JSON."""

import json
import sys

import pyarrow.compute as pc
from pyiceberg.expressions import GreaterThanOrEqual
from pyiceberg.table import StaticTable

asked = json.load(sys.stdin)
table = StaticTable.from_metadata(
    asked["metadata"],
    {
        "s3.endpoint": asked["endpoint"],
        "s3.region": asked["region"],
        "s3.access-key-id": asked["accessKeyId"],
        "s3.secret-access-key": asked["secretAccessKey"],
    },
)
whole = table.scan().to_arrow().sort_by([("_partition", "ascending"), ("_offset", "ascending")])
recent = table.scan(row_filter=GreaterThanOrEqual("tradedAt", asked["since"]))
snapshot = table.current_snapshot()
print(
    json.dumps(
        {
            "schema": [str(field) for field in table.schema().fields],
            "spec": [str(field) for field in table.spec().fields],
            "rows": whole.num_rows,
            "count": table.scan().count(),
            "sums": [str(pc.sum(whole[name]).as_py()) for name in ("price", "wide", "_offset")],
            "noNote": whole["note"].null_count,
            "first": [str(value) for value in whole.slice(0, 1).to_pylist()[0].values()],
            "files": len(list(table.scan().plan_files())),
            "recentFiles": len(list(recent.plan_files())),
            "recentRows": recent.to_arrow().num_rows,
            "operation": snapshot.summary.operation.value,
            "snapshots": [table.scan(snapshot_id=one.snapshot_id).count() for one in table.snapshots()],
        }
    )
)
