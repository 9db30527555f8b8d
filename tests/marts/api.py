"""Reads what the API gave as Arrow with pyarrow, and compares it with what ClickHouse's own client reads."""

import datetime
import json
import sys
from decimal import Decimal

import clickhouse_connect
import pyarrow as pa

asked = json.load(sys.stdin)
client = clickhouse_connect.get_client(
    host="127.0.0.1", port=asked["port"], username=asked["username"], password=asked["password"]
)


def plain(value):
    """Instants as milliseconds; money stays a decimal."""
    if isinstance(value, datetime.datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, Decimal):
        return str(value.normalize() + 0)
    return value


def arrow_rows(paths, columns):
    for path in paths:
        with pa.OSFile(path) as file:
            table = pa.ipc.open_stream(file).read_all()
        assert table.column_names == columns, table.column_names
        for row in table.to_pylist():
            yield tuple(map(plain, row.values()))


seen = {}
for table in asked["tables"]:
    columns = table["columns"]
    found = sorted(map(repr, arrow_rows(table["files"], columns)))
    rows = client.query(f"SELECT {', '.join(columns)} FROM gold.{table['name']}").result_rows
    wanted = sorted(repr(tuple(map(plain, row))) for row in rows)
    apart = [pair for pair in zip(found, wanted) if pair[0] != pair[1]]
    seen[table["name"]] = [len(found), len(wanted), apart[:2]]
print(json.dumps(seen))
