"""Revenue, lines and units per day of the stores and department, by Spark in one process, written as Parquet files.

Takes JSON from standard input: transactions, products (Parquet files), from, to (days, both included), out (a folder),
workers (threads), scratch (a folder). Prints JSON: seconds from the session's start on, thereof until it stood, CPU seconds of
Python and the JVM, version.
"""
import json
import os
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

asked = json.load(sys.stdin)
began = time.perf_counter()
spark = (
    SparkSession.builder.master(f"local[{asked['workers']}]")
    .appName("gold")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.local.dir", asked["scratch"])
    .config("spark.sql.warehouse.dir", os.path.join(asked["scratch"], "warehouse"))
    .config("spark.driver.memory", "2g")
    # 200 by default, which is for data a thousand times as large
    .config("spark.sql.shuffle.partitions", str(asked["workers"]))
    .config("spark.sql.session.timeZone", "America/New_York")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
started = time.perf_counter()
lines = spark.read.parquet(asked["transactions"]).select(
    "product_id", "quantity", "sales_value", F.to_date("transaction_timestamp").alias("day")
)
products = spark.read.parquet(asked["products"]).select("product_id", "department")
(
    lines.where(F.col("day").between(F.lit(asked["from"]).cast("date"), F.lit(asked["to"]).cast("date")))
    .join(products, "product_id", "left")
    .withColumn("department", F.coalesce("department", F.lit("unknown")))
    .groupBy("day", "department")
    .agg(
        F.count(F.lit(1)).alias("lines"),
        F.sum("quantity").alias("units"),
        F.sum(F.col("sales_value").cast("decimal(18,2)")).cast("decimal(18,2)").alias("revenue"),
    )
    .write.mode("overwrite")
    .parquet(asked["out"])
)
ended = time.perf_counter()


def cpu_of(pid):
    """proc(5): utime and stime, behind the command's name, which may hold anything."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split(" ")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


jvm = spark.sparkContext._gateway.proc.pid
told = {
    "seconds": ended - began,
    "sessionSeconds": started - began,
    "cpuSeconds": time.process_time() + cpu_of(jvm),
    "version": spark.version,
}
spark.stop()
print(json.dumps(told))
