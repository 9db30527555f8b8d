import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, type KafkaRecord, kafkaBroker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic, ORIGIN_HEADER } from '#engine/ingest'
import { type AnyTopic, kafkaTopicOf, memoryRegistry, type Registry, type Topic, topic } from '#engine/schema'
import { achats, type RowDeletion, rowDeletions } from '#schemas'
import { cacheFolder } from '../../../deploy/config.ts'
import { type RunningStack, startStack } from '../../../deploy/local/index.ts'
import { until } from '../../../tests/installation.ts'
import { foundText, kills } from '../../../tests/kills.ts'
import { ingestSql, type Round, sqlSourcesOf } from './index.ts'
import { DATABASE, PASSWORD, type Server, startMariadb, startPostgresql, USER } from './servers-fixture.ts'

interface Thing {
  readonly id: string
  readonly amount: bigint
  readonly large: number
  readonly ratio: number
  readonly single: number | null
  readonly day: number | null
  readonly clock: number | null
  readonly openedAt: number | null
  readonly changedAt: bigint
  readonly label: string | null
  readonly flag: boolean
  readonly raw: Buffer | null
  readonly note: string
}

const nullable = (type: object | string) => ({ type: ['null', type], default: null })
const contract = {
  ...{ type: 'record', name: 'Thing', namespace: 'test', doc: 'A row with a column of every kind.' },
  topic: {
    ...{ kind: 'facts', key: 'id', time: 'seenAt', id: [], partitions: 4, retention: 'forever', owner: 'tests' },
  },
  fields: [
    { name: 'id', type: 'string', doc: 'Key.', rule: { notEmpty: true } },
    {
      name: 'amount',
      type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 6 },
      doc: 'Exact.',
      rule: { min: 0 },
    },
    { name: 'large', type: 'long', doc: 'Whole.' },
    { name: 'ratio', type: 'double', doc: 'Binary fraction.' },
    { name: 'single', ...nullable('double'), doc: 'Of 24 bits.' },
    { name: 'day', ...nullable({ type: 'int', logicalType: 'date' }), doc: 'Day.' },
    { name: 'clock', ...nullable({ type: 'long', logicalType: 'time-micros' }), doc: 'Time of day.' },
    {
      name: 'openedAt',
      ...nullable({ type: 'long', logicalType: 'timestamp-millis' }),
      doc: 'Of no zone in the database.',
    },
    { name: 'changedAt', type: { type: 'long', logicalType: 'timestamp-micros' }, doc: 'An instant.' },
    { name: 'label', ...nullable('string'), doc: 'Text.' },
    { name: 'flag', type: 'boolean', doc: 'Truth.' },
    { name: 'raw', ...nullable('bytes'), doc: 'Bytes.' },
    { name: 'note', type: 'string', doc: 'Of two columns.' },
    { name: 'seenAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'The same, in milliseconds.' },
  ],
}
const things = (name: string): Topic<Thing> =>
  topic<Thing>({ ...contract, topic: { ...contract.topic, name: `test.things-${name}.v1` } })

const DDL = {
  mariadb: `CREATE TABLE things (id BIGINT UNSIGNED PRIMARY KEY, amount DECIMAL(30,6) NOT NULL, large BIGINT NOT NULL, ratio DOUBLE NOT NULL,
    single FLOAT, day DATE, clock TIME(6), opened DATETIME(3), changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    label TEXT, flag TINYINT(1) NOT NULL, raw BLOB)`,
  postgresql: `CREATE TABLE things (id bigint PRIMARY KEY, amount numeric(30,6) NOT NULL, large bigint NOT NULL, ratio double precision NOT NULL,
    single real, day date, clock time(6), opened timestamp(3), changed timestamptz NOT NULL DEFAULT now(), label text, flag boolean NOT NULL, raw bytea)`,
} as const

let folder = ''
let stack: RunningStack | undefined
let broker: Broker
let servers: readonly Server[] = []

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kappa-sql-'))
  const data = join(folder, 'kappa')
  // What came up is taken down also where something else did not.
  const [kafka, ...databases] = await Promise.allSettled([
    startStack({ dataFolder: data, cacheFolder: cacheFolder(), services: ['kafka', 'registry'], ports: 'free' }),
    startMariadb(folder),
    startPostgresql(folder),
  ])
  servers = databases.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  if (kafka.status === 'fulfilled') stack = kafka.value
  for (const one of [kafka, ...databases]) if (one.status === 'rejected') throw one.reason
  if (stack === undefined) throw new Error('there is no Kafka')
  broker = kafkaBroker({ brokers: [...stack.addresses.kafka.brokers], clientId: 'test' })
})

after(async () => {
  await broker?.close()
  await Promise.all([stack?.stop(), ...servers.map((server) => server.stop())])
  rmSync(folder, { recursive: true, force: true })
})

async function records(name: string): Promise<readonly KafkaRecord[]> {
  if (!(await broker.admin.topics()).has(name)) return []
  const [beginnings, ends] = [await broker.admin.beginnings(name), await broker.admin.settledEnds(name)]
  const reader = await broker.reader()
  try {
    await reader.assign(beginnings.map((offset, partition) => ({ topic: name, partition, offset })))
    const found: KafkaRecord[] = []
    while (ends.some((end, partition) => (reader.position({ topic: name, partition }) ?? 0) < end))
      found.push(...(await reader.read(10_000, 50)))
    return found
  } finally {
    await reader.close()
  }
}

const valuesOf = async <V>(own: Topic<V>): Promise<readonly V[]> =>
  (await records(own.name)).map(({ value }) => own.decode((value as Buffer).subarray(5)))

/** A source over one table, and a round of it in this process. */
async function sourceOf(server: Server, name: string, table: object, own: AnyTopic) {
  const registry: Registry = memoryRegistry()
  for (const one of [own, rowDeletions as AnyTopic]) await registry.register(one)
  await broker.admin.ensure([own, rowDeletions as AnyTopic].map((one) => kafkaTopicOf(one, { partitions: 4 })))
  const { kind, port } = server
  const account = { kind, host: '127.0.0.1', port, database: DATABASE, user: USER }
  const declared = { name, ...account, timeZone: 'Europe/Paris', lag: '200 milliseconds', batch: 7, tables: [table] }
  const [source = assert.fail()] = sqlSourcesOf({ sources: [declared] }, 'test', [own])
  const warnings: string[] = []
  const onWarning = (message: string): void => void warnings.push(message)
  const base = { source, app: 'test', broker, registry, once: true, onWarning }
  return {
    warnings,
    round: (more: { sweepNow?: boolean; password?: string } = {}): Promise<Round> =>
      ingestSql({ ...base, password: PASSWORD, ...more }),
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400))

const thingsTable = (own: AnyTopic) => ({
  ...{ table: 'things', topic: own.name, key: 'id', mark: { column: 'changed' }, sweepEvery: '1 hour' },
  columns: { openedAt: 'opened', changedAt: 'changed', seenAt: 'changed' },
  join: { note: '{id}-{flag}' },
  truncate: ['seenAt'],
})

test('every kind of column arrives without loss; rows that are no events are told with key and reason', async () => {
  for (const server of servers) {
    const own = things(server.kind)
    const { round } = await sourceOf(server, `types-${server.kind}`, thingsTable(own as AnyTopic), own as AnyTopic)
    const isMaria = server.kind === 'mariadb'
    const bytes = isMaria ? "X'00FF27'" : "'\\x00ff27'::bytea"
    const [yes, no] = isMaria ? ['1', '0'] : ['true', 'false']
    const zone = isMaria ? '' : '+00'
    const insert = (id: string, values: string): string =>
      `INSERT INTO things (id, amount, large, ratio, single, day, clock, opened, changed, label, flag, raw) VALUES (${id}, ${values})`
    await server.run(
      DDL[server.kind],
      ...(isMaria ? ["SET time_zone = '+00:00'"] : []),
      insert(
        '1',
        `123456789012345678901234.567891, 4503599627370495, 0.1, 16777217.0, '2024-02-29', '23:59:59.123456', '2025-06-01 12:00:00.250', '2025-01-02 03:04:05.678901${zone}', 'Zoë; "👟" ''x''', ${yes}, ${bytes}`,
      ),
      insert(
        '9007199254740993',
        `0.000001, -5, 1e-300, NULL, NULL, NULL, '2025-10-26 02:30:00', '2025-01-02 03:04:05.678902${zone}', NULL, ${no}, NULL`,
      ),
      // A day of 23 hours has no half past two; a negative amount breaks a rule; 2^53 is no long of ours.
      insert('3', `1, 1, 1, NULL, NULL, NULL, '2025-03-30 02:30:00', '2025-01-02 03:04:06${zone}', 'gap', ${no}, NULL`),
      insert('4', `-1, 1, 1, NULL, NULL, NULL, NULL, '2025-01-02 03:04:07${zone}', 'rule', ${no}, NULL`),
      insert('5', `1, 9007199254740993, 1, NULL, NULL, NULL, NULL, '2025-01-02 03:04:08${zone}', 'large', ${no}, NULL`),
    )
    const [told] = (await round()).tables
    assert.deepEqual([told?.rows, told?.written, told?.deadLettered, told?.deleted], [5, 2, 3, 0])
    const values = [...(await valuesOf(own))].sort((a, b) => a.id.length - b.id.length)
    const changed = BigInt(Date.UTC(2025, 0, 2, 3, 4, 5)) * 1_000n
    assert.deepEqual(values, [
      {
        ...{ id: '1', amount: 123456789012345678901234567891n, large: 2 ** 52 - 1, ratio: 0.1, single: 16777216 },
        ...{ day: 19_782, clock: 86_399_123_456, openedAt: Date.UTC(2025, 5, 1, 10, 0, 0, 250) },
        ...{ changedAt: changed + 678_901n, label: 'Zoë; "👟" \'x\'', flag: true, raw: Buffer.from('00ff27', 'hex') },
        ...{ note: `1-${isMaria ? '1' : 't'}`, seenAt: Date.UTC(2025, 0, 2, 3, 4, 5, 678) },
      },
      {
        ...{ id: '9007199254740993', amount: 1n, large: -5, ratio: 1e-300, single: null, day: null, clock: null },
        // Clocks show it twice: the first time.
        ...{
          openedAt: Date.UTC(2025, 9, 26, 0, 30),
          changedAt: changed + 678_902n,
          label: null,
          flag: false,
          raw: null,
        },
        ...{ note: `9007199254740993-${isMaria ? '0' : 'f'}`, seenAt: Date.UTC(2025, 0, 2, 3, 4, 5, 678) },
      },
    ])
    const dead = (await records(inputDeadLetterTopic(own.name))).map(({ headers }) =>
      [headers?.['kappa.file'], headers?.['kappa.reason']].map(String).join(' · '),
    )
    assert.equal(dead.length, 3)
    assert.match(dead[0] ?? '', /things\?id=3 · column opened is a time that clocks in Europe\/Paris do not show/)
    assert.match(dead[1] ?? '', /things\?id=4 · .*amount/)
    assert.match(dead[2] ?? '', /things\?id=5 · column large is no whole number below 2\^52/)
    const [{ headers = {} } = assert.fail()] = await records(own.name)
    assert.match(String(headers[ORIGIN_HEADER]), new RegExp(`^sql-types-${server.kind}\\|things\\|\\d+\\|\\d+$`))
    assert.equal((await round()).tables[0]?.rows, 0)
    await assert.rejects(round({ password: 'wrong' }), { code: 'CONFIG_INVALID' })
  }
})

test('a transaction that commits late is waited for: nothing is passed over, by moment and by id', async () => {
  for (const server of servers) {
    const own = things(`late-${server.kind}`)
    const kinds = [
      { table: 'late_moments', mark: { column: 'changed' } },
      { table: 'late_ids', mark: { column: 'id', kind: 'id' } },
    ]
    for (const { table, mark } of kinds) {
      const serial = server.kind === 'mariadb' ? 'BIGINT AUTO_INCREMENT PRIMARY KEY' : 'bigserial PRIMARY KEY'
      const moment =
        server.kind === 'mariadb'
          ? 'TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)'
          : 'timestamptz NOT NULL DEFAULT now()'
      await server.run(`CREATE TABLE ${table} (id ${serial}, changed ${moment}, label text)`)
      const set = { amount: '0', large: '0', ratio: '0', flag: 'false', note: '' }
      const declared = { ...thingsTable(own as AnyTopic), table, mark, sweepEvery: undefined, join: {}, set }
      const columns = { changedAt: 'changed', seenAt: 'changed' }
      const { round } = await sourceOf(
        server,
        table.replace('_', '-') + server.kind,
        { ...declared, columns },
        own as AnyTopic,
      )
      const first = await server.session()
      await first.run('BEGIN')
      await first.run(`INSERT INTO ${table} (label) VALUES ('begun first')`)
      await server.run(`INSERT INTO ${table} (label) VALUES ('committed first')`)
      await settle()
      const found = async (): Promise<readonly (string | null)[]> =>
        (await valuesOf(own)).map(({ label }) => label).filter((label) => label?.includes('first'))
      if (mark.column === 'changed') {
        assert.equal((await round()).tables[0]?.rows, 0)
        assert.deepEqual(await found(), [])
      }
      const later = mark.column === 'changed' ? undefined : round()
      await settle()
      await first.run('COMMIT')
      await first.close()
      await settle()
      const rows = later === undefined ? await round() : await later
      assert.equal(rows.tables[0]?.rows, 2, `${server.kind} ${table}`)
      assert.equal((await round()).tables[0]?.rows, 0)
    }
    assert.equal((await valuesOf(own)).length, 4)
  }
})

test('deleted rows are noticed once, also those that lived between two comparisons', async () => {
  for (const server of servers) {
    const own = things(`gone-${server.kind}`)
    const moment =
      server.kind === 'mariadb'
        ? 'TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)'
        : 'timestamptz NOT NULL DEFAULT now()'
    await server.run(
      `CREATE TABLE gone (id int, part varchar(20), changed ${moment}, label text, PRIMARY KEY (id, part))`,
    )
    const set = { amount: '0', large: '0', ratio: '0', flag: 'false', note: '' }
    const table = {
      ...thingsTable(own as AnyTopic),
      table: 'gone',
      key: ['id', 'part'],
      join: {},
      set,
      columns: { changedAt: 'changed', seenAt: 'changed' },
    }
    const name = `gone-${server.kind}`
    const { round } = await sourceOf(server, name, table, own as AnyTopic)
    const deleted = async (): Promise<readonly string[]> =>
      (await valuesOf<RowDeletion>(rowDeletions)).filter(({ source }) => source === name).map(({ rowKey }) => rowKey)
    const ids = Array.from({ length: 30 }, (_, i) => `(${i}, 'p|${i}')`)
    await server.run(`INSERT INTO gone (id, part) VALUES ${ids.join(', ')}`)
    await settle()
    assert.deepEqual((await round()).tables[0], {
      ...{ table: 'gone', topic: own.name, rows: 30, written: 30, deadLettered: 0 },
      deleted: 0,
    })
    await server.run('DELETE FROM gone WHERE id IN (3, 4)', "INSERT INTO gone (id, part) VALUES (77, 'short life')")
    await settle()
    const [second] = (await round()).tables
    assert.deepEqual([second?.rows, second?.deleted], [1, undefined])
    await server.run('DELETE FROM gone WHERE id = 77')
    assert.equal((await round({ sweepNow: true })).tables[0]?.deleted, 3)
    assert.deepEqual([...(await deleted())].sort(), ['["3","p|3"]', '["4","p|4"]', '["77","short life"]'])
    await server.run("INSERT INTO gone (id, part) VALUES (3, 'p|3')")
    await settle()
    assert.equal((await round({ sweepNow: true })).tables[0]?.deleted, 0)
    await server.run('DELETE FROM gone WHERE id = 3')
    assert.equal((await round({ sweepNow: true })).tables[0]?.deleted, 1)
    assert.equal((await deleted()).length, 4)
  }
})

/** Of each database. */
const KILLS = kills(2)
const ROWS = 4_000 * KILLS

test('kappa ingest sql, killed again and again, has every row once', async (t) => {
  const kappa = fileURLToPath(new URL('../../../cli/kappa.mjs', import.meta.url))
  const sources = servers.map(({ kind, port }) => ({
    ...{ name: `kill-${kind}`, kind, host: '127.0.0.1', port, database: DATABASE, user: USER, batch: 40 },
    tables: [
      {
        table: 'achats',
        topic: achats.name,
        key: 'id_achat',
        mark: { column: 'updated_at' },
        sweepEvery: '1 hour',
        truncate: ['dateAchat'],
      },
    ],
    ...{ lag: '200 milliseconds', pollEvery: '100 milliseconds' },
  }))
  const config = join(folder, 'sql.yml')
  writeFileSync(config, JSON.stringify({ sources }))
  const env = {
    ...{ ...process.env, KAPPA_DATA: join(folder, 'kappa'), KAPPA_SQL: config, NODE_OPTIONS: '' },
    ...{ KAPPA_SQL_PASSWORD_KILL_MARIADB: PASSWORD, KAPPA_SQL_PASSWORD_KILL_POSTGRESQL: PASSWORD },
  }
  const said: string[] = []
  const start = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [kappa, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => said.push(String(piece)))
    return child
  }
  for (const { kind, run } of servers) {
    const isMaria = kind === 'mariadb'
    const types = isMaria ? ['VARCHAR(40)', 'DATETIME(6)', 'TIMESTAMP(6)'] : ['text', 'timestamptz', 'timestamptz']
    const sequence = isMaria ? `SELECT seq FROM seq_1_to_${ROWS}` : `SELECT generate_series(1, ${ROWS}) AS seq`
    await run(
      `CREATE TABLE achats (id_achat ${types[0]} PRIMARY KEY, id_client ${types[0]} NOT NULL, date_achat ${types[1]} NOT NULL,
         montant decimal(18,2) NOT NULL, produit ${types[0]}, updated_at ${types[2]} NOT NULL DEFAULT CURRENT_TIMESTAMP(6))`,
      `INSERT INTO achats (id_achat, id_client, date_achat, montant, produit)
         SELECT CONCAT('${kind}-', seq), CONCAT('c', seq % 97), '2025-01-01', seq / 100.0, CASE WHEN seq % 1000 = 999 THEN NULL ELSE 'p' END FROM (${sequence}) AS s`,
    )
  }
  await settle()
  /** Events that can be read, of both databases. */
  const arrived = async (): Promise<number> => {
    try {
      if (!(await broker.admin.topics()).has(achats.name)) return 0
      return (await broker.admin.committedEnds(achats.name)).reduce((sum, end) => sum + end, 0)
    } catch (thrown) {
      // The topic is being made.
      if (thrown instanceof KappaError && thrown.retriable) return 0
      throw thrown
    }
  }
  for (const { kind } of servers) {
    for (let kill = 1; kill <= KILLS; kill++) {
      const child = start('ingest', 'sql', '--source', `kill-${kind}`)
      const ended = once(child, 'close')
      const target = (await arrived()) + 200 + Math.random() * 1_000
      await until(arrived, (now) => now >= target || child.exitCode !== null, 40_000)
      assert.equal(child.exitCode, null, said.join(''))
      child.kill('SIGKILL')
      await ended
    }
    const last = start('ingest', 'sql', '--source', `kill-${kind}`, '--once', '--sweep', '--json')
    await once(last, 'close')
    assert.equal(last.exitCode, 0, said.join(''))
    const round = JSON.parse(said.join('').trim().split('\n').at(-1) ?? '') as Round
    assert.ok((round.tables[0]?.rows ?? 0) > 0, `it was killed before its end: ${JSON.stringify(round)}`)
    assert.equal(round.tables[0]?.deleted, 0)
  }
  const values = await valuesOf(achats)
  for (const { kind } of servers) {
    const ids = values.map(({ idAchat }) => idAchat).filter((id) => id.startsWith(kind))
    assert.deepEqual([ids.length, new Set(ids).size], [ROWS - ROWS / 1_000, ROWS - ROWS / 1_000], kind)
  }
  const total = values.reduce((sum, { montant }) => sum + montant, 0n)
  const expected = Array.from({ length: ROWS }, (_, i) => i + 1).filter((seq) => seq % 1_000 !== 999)
  assert.equal(total, BigInt(2 * expected.reduce((sum, seq) => sum + seq, 0)))
  const dead = (await records(inputDeadLetterTopic(achats.name))).length
  assert.equal(dead, (2 * ROWS) / 1_000)
  t.diagnostic(foundText('sql', { kills: 2 * KILLS, events: values.length, deadLetters: dead }))
  assert.ok(!said.join('').includes(PASSWORD), 'no password is told')
})
