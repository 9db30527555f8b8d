"""Asks Kappa's ClickHouse as an analyst's notebook would, and prints what it got as one line of JSON."""

import datetime
import json
import sys

import clickhouse_connect
import numpy
import pandas
import pyarrow
from clickhouse_connect.driver.exceptions import DatabaseError

host, port, username, password, reader, reader_password = sys.argv[1:]
seen = {}

for compress in (False, True, "lz4", "zstd", "gzip"):
    client = clickhouse_connect.get_client(
        host=host, port=int(port), username=username, password=password, compress=compress
    )
    client.command("CREATE DATABASE IF NOT EXISTS notebook")
    client.command("DROP TABLE IF EXISTS notebook.t SYNC")
    client.command(
        "CREATE TABLE notebook.t (id UInt64, name String, price Nullable(Decimal(18, 2)), at DateTime64(3), tags Array(String))"
        " ENGINE = MergeTree ORDER BY id"
    )
    first = [1, "ü", None, datetime.datetime(2025, 1, 1), ["x", "y'"]]
    columns = ["id", "name", "price", "at", "tags"]
    summary = client.insert("notebook.t", [first], column_names=columns)
    count = 100_000
    frame = pandas.DataFrame(
        {
            "id": numpy.arange(2, 2 + count, dtype="uint64"),
            "name": [f"n{i}" for i in range(count)],
            "at": pandas.Timestamp("2025-01-01") + pandas.to_timedelta(numpy.arange(count), unit="s"),
        }
    )
    framed = client.insert_df("notebook.t", frame)
    client.insert_arrow("notebook.t", pyarrow.table({"id": pyarrow.array([count + 2], pyarrow.uint64()), "name": ["last"]}))
    back = client.query_df("SELECT * FROM notebook.t ORDER BY id")
    with client.query_row_block_stream("SELECT number FROM numbers(1000000)") as blocks:
        streamed = sum(len(block) for block in blocks)
    client.command("CREATE TEMPORARY TABLE kept (a UInt8)")
    client.insert("kept", [[7]], column_names=["a"])
    errors = []
    for statement in ("SELECT * FROM notebook.none", "SELECT throwIf(number = 900000) FROM numbers(1000000)"):
        try:
            client.query(statement)
            errors.append("none")
        except DatabaseError as error:
            errors.append(str(error).split("code: ")[1].split(",")[0])
    seen[str(compress)] = {
        "written": [summary.written_rows, framed.written_rows],
        "rows": len(back),
        "sum": int(back["id"].sum()),
        "first": [str(back["name"][0]), back["price"][0] is None or bool(pandas.isna(back["price"][0])), list(back["tags"][0])],
        "bound": client.query("SELECT {a:String}, {b:UInt8} + 1", parameters={"a": "x'y", "b": 4}).result_rows[0],
        "arrow": client.query_arrow("SELECT count() AS c FROM notebook.t").to_pydict()["c"],
        "streamed": streamed,
        "session": client.query("SELECT a FROM kept").result_rows[0][0],
        "errors": errors,
    }
    client.close()

looker = clickhouse_connect.get_client(host=host, port=int(port), username=reader, password=reader_password)
refused = []
for attempt in (
    lambda: looker.command("DROP TABLE notebook.t"),
    lambda: looker.insert("notebook.t", [[1]], column_names=["id"]),
    lambda: looker.query("SELECT * FROM url('http://127.0.0.1:1/', 'CSV')"),
):
    try:
        attempt()
        refused.append("none")
    except DatabaseError as error:
        refused.append(str(error).split("code: ")[1].split(",")[0])
seen["reader"] = {"rows": looker.query("SELECT count() FROM notebook.t").result_rows[0][0], "refused": refused}
print(json.dumps(seen))
