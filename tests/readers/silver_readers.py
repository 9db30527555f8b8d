"""Reads silver with DuckDB (files) and pyarrow (straight from S3), and prints what each made of it as one line of JSON."""

import json
import sys

import duckdb
import pyarrow
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs as fs
import pyarrow.parquet as pq

asked = json.load(sys.stdin)
seen = {}

glob = f"{asked['folder']}/**/*.parquet"
con = duckdb.connect()
con.execute("SET TimeZone = 'UTC'")
table = f"read_parquet('{glob}', hive_partitioning = true)"
hashes = asked["hashes"]
seen["duckdb"] = {
    "types": {row[0]: row[1] for row in con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()},
    "rows": con.execute(f"SELECT count(*) FROM {table}").fetchone()[0],
    "sums": [str(value) for value in con.execute(f"SELECT sum(price), sum(wide), sum(_hash::HUGEINT) FROM {table}").fetchone()],
    "first": [str(value) for value in con.execute(f"SELECT * REPLACE (epoch_ns(exactest) AS exactest) FROM {table} ORDER BY _partition, _offset LIMIT 1").fetchone()],
    "negative": con.execute(f"SELECT count(*) FROM {table} WHERE wide < 0").fetchone()[0],
    "found": sum(con.execute(f"SELECT count(*) FROM {table} WHERE _hash = {h}").fetchone()[0] for h in hashes),
    "noNote": con.execute(f"SELECT count(*) FROM {table} WHERE note IS NULL").fetchone()[0],
    "byDay": con.execute(f"SELECT count(DISTINCT date) FROM {table}").fetchone()[0],
}

s3 = fs.S3FileSystem(
    endpoint_override=asked["endpoint"].split("//")[1],
    scheme="http",
    region=asked["region"],
    access_key=asked["accessKeyId"],
    secret_key=asked["secretAccessKey"],
)
dataset = ds.dataset(asked["prefix"], filesystem=s3, format="parquet", partitioning="hive")
whole = dataset.to_table().sort_by([("_partition", "ascending"), ("_offset", "ascending")])
# Python's own times end at microseconds.
first = whole.slice(0, 1).set_column(
    whole.schema.get_field_index("exactest"), "exactest", pc.cast(whole["exactest"].slice(0, 1), pyarrow.int64())
)
total = lambda name: str(sum(value for value in whole[name].to_pylist()))
seen["pyarrow"] = {
    "types": {field.name: [str(field.type), field.nullable] for field in whole.schema},
    "rows": whole.num_rows,
    "sums": [total("price"), total("wide"), total("_hash")],
    "first": [str(value) for value in first.to_pylist()[0].values()],
    "negative": dataset.filter(pc.field("wide") < pyarrow.scalar(0, pyarrow.decimal128(38, 4))).count_rows(),
    "found": sum(dataset.filter(pc.field("_hash") == pyarrow.scalar(int(h), pyarrow.uint64())).count_rows() for h in hashes),
    "noNote": whole["note"].null_count,
}

unbounded = set()
groups = []
for fragment in dataset.get_fragments():
    metadata = pq.read_metadata(fragment.path, filesystem=s3)
    for group in range(metadata.num_row_groups):
        groups.append(metadata.row_group(group).num_rows)
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            if chunk.statistics is None or not chunk.statistics.has_min_max or not chunk.statistics.has_null_count:
                unbounded.add(chunk.path_in_schema)
seen["groups"] = groups
seen["withoutStatistics"] = sorted(unbounded)
print(json.dumps(seen))
