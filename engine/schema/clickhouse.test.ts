import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTable, tableOf } from './clickhouse.ts'
import { kafkaTopicOf } from './kafka.ts'
import { orderContract } from './order-fixture.ts'
import { topic } from './topic.ts'

const orders = topic<unknown>(orderContract())
const upserted = topic<unknown>(
  orderContract({
    terms: { kind: 'results', id: ['orderId', 'placedAt'], name: 'trade.late-orders.v2', retention: 'forever' },
  }),
)

test('columns carry the fields, exactly', () => {
  assert.deepEqual(
    tableOf(orders).fields.map(({ name, type }) => `${name} ${type}`),
    [
      'orderId String',
      'total Decimal(18, 2)',
      'status LowCardinality(String)',
      'paid Bool',
      'lines Int32',
      'version Int64',
      'weight Float64',
      'photo String',
      'tags Array(String)',
      'due Date32',
      'note Nullable(String)',
      'discount Nullable(Decimal(30, 3))',
      "placedAt DateTime64(3, 'UTC')",
    ],
  )
})

test('facts are appended, kept for their retention and remembered for deduplication', () => {
  const [database, table, ...more] = createTable(orders)
  assert.equal(database, 'CREATE DATABASE IF NOT EXISTS `trade`')
  assert.deepEqual(more, [])
  assert.match(table ?? '', /`trade`\.`orders`\n[\s\S]*ENGINE = MergeTree\nPARTITION BY toYYYYMM\(`placedAt`\)/)
  assert.match(table ?? '', /TTL toDateTime\(`_writtenAt`\) \+ INTERVAL 864000 SECOND/)
  assert.match(table ?? '', /non_replicated_deduplication_window = \d+/)
})

test('results replace one another by identity, and analysts see the latest; a generation stands beside', () => {
  const [, table, view] = createTable(upserted)
  assert.match(
    table ?? '',
    /`trade`\.`late_orders_v2`[\s\S]*ReplacingMergeTree\(`_version`, `_deleted`\)[\s\S]*ORDER BY \(`orderId`, `placedAt`\)/,
  )
  assert.doesNotMatch(table ?? '', /TTL/)
  assert.match(
    view ?? '',
    /VIEW IF NOT EXISTS `trade`\.`late_orders_v2_latest`[\s\S]*FROM `trade`\.`late_orders_v2` FINAL/,
  )
  const generation = createTable(upserted, { generation: 3 })
  assert.equal(generation.length, 2)
  assert.match(generation[1] ?? '', /`trade`\.`late_orders_v2__v3`/)
})

test('an identity without the event time is not split by month, so that its rows meet', () => {
  const byOrder = topic<unknown>(orderContract({ terms: { kind: 'table' } }))
  assert.doesNotMatch(createTable(byOrder)[1] ?? '', /PARTITION BY/)
})

test('Kafka keeps a topic by time of writing; a generation has its own', () => {
  assert.deepEqual(kafkaTopicOf(orders, { generation: 2 }), {
    name: 'trade.orders.v1.g2',
    partitions: 6,
    settings: {
      'cleanup.policy': 'delete',
      'retention.ms': '864000000',
      'retention.bytes': '-1',
      'message.timestamp.type': 'CreateTime',
    },
  })
  assert.equal(kafkaTopicOf(upserted, { partitions: 4 }).settings['retention.ms'], '-1')
  assert.equal(kafkaTopicOf(upserted, { partitions: 4 }).partitions, 4)
})

test('on a cluster tables are replicated, and remember tokens in Keeper for a week', () => {
  const cluster = { name: 'main', sharded: false }
  const [database, table, view, ...more] = createTable(upserted, { cluster })
  assert.equal(database, 'CREATE DATABASE IF NOT EXISTS `trade` ON CLUSTER `main`')
  assert.match(table ?? '', /^CREATE TABLE IF NOT EXISTS `trade`\.`late_orders_v2` ON CLUSTER `main`\n/)
  assert.match(
    table ?? '',
    /ENGINE = ReplicatedReplacingMergeTree\('\/clickhouse\/tables\/\{uuid\}\/\{shard\}', '\{replica\}', `_version`, `_deleted`\)/,
  )
  assert.match(
    table ?? '',
    /SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800\n/,
  )
  assert.doesNotMatch(table ?? '', /non_replicated/)
  assert.match(view ?? '', /`late_orders_v2_latest` ON CLUSTER `main` AS/)
  assert.deepEqual(more, [])
  assert.match(
    createTable(orders, { cluster })[1] ?? '',
    /ENGINE = ReplicatedMergeTree\('\/clickhouse\/tables\/\{uuid\}\/\{shard\}', '\{replica\}'\)/,
  )
})

test('sharded, rows lie in local tables, and those of one identity on one shard under the table of the usual name', () => {
  const [, local, distributed, view] = createTable(upserted, {
    cluster: { name: 'main', sharded: true },
    generation: 2,
  })
  assert.match(local ?? '', /^CREATE TABLE IF NOT EXISTS `trade`\.`late_orders_v2__v2_local` ON CLUSTER `main`\n/)
  assert.equal(
    distributed?.split('\nCOMMENT')[0],
    'CREATE TABLE IF NOT EXISTS `trade`.`late_orders_v2__v2` ON CLUSTER `main` AS `trade`.`late_orders_v2__v2_local`\n' +
      "ENGINE = Distributed('main', 'trade', 'late_orders_v2__v2_local', cityHash64(`orderId`, `placedAt`))",
  )
  assert.equal(view, undefined)
})
