import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { Histogram } from './histogram.ts'
import { HotKeys } from './hot-keys.ts'
import { renderMetrics, type WorkerSnapshot } from './metrics.ts'
import type { TaskStatus } from './status.ts'

const commitTimes = new Histogram()
for (const milliseconds of [3, 5, 30, 30, 700, 60_000]) commitTimes.observe(milliseconds)

const task: TaskStatus = {
  processor: 'sales "per" minute',
  generation: 2,
  stage: 'sales\\source',
  partition: 3,
  state: 'taking-over',
  reason: undefined,
  inputs: [{ topic: 'shop.purchases.v1', position: 40, buffered: 21, lag: 7, lagMs: 1_500 }],
  streamTime: 1_700_000_000_500,
  waitingFor: [],
  taken: 12,
  late: 1,
  deadLettered: 2,
  duplicates: 5,
  throwing: 3,
  ahead: true,
  stateEntries: 9,
  commits: 6,
  lastCommitMs: 30,
  takeOvers: 1,
  failures: 0,
  commitTimes: commitTimes.view(),
  changelogBytes: 4_096,
  hotKey: { key: 'secret', share: 0.4 },
  restore: { from: 10, next: 30, end: 100, warm: true },
}
const snapshot: WorkerSnapshot = {
  tasks: [task, { ...task, partition: 4, streamTime: undefined, hotKey: undefined }],
  groups: [{ processor: 'p', generation: 1, stage: 's', rebalances: 5 }],
  standbys: [{ topic: 'p-g1.s.changelog', partition: 1, next: 4, entries: 33, following: true }],
}

interface Family {
  readonly help: string
  readonly type: string
  readonly samples: { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[]
}

/** Reads Prometheus' text format 0.0.4 as its specification has it; throws where a line does not fit. */
function parsed(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line ends')
  const families = new Map<string, Family>()
  let help: [string, string] | undefined
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (comment) {
      const [, kind, name = '', rest = ''] = comment
      if (kind === 'HELP') help = [name, rest]
      else {
        assert.equal(help?.[0], name, 'a TYPE follows its HELP')
        assert.ok(['counter', 'gauge', 'histogram'].includes(rest), rest)
        assert.ok(!families.has(name), `${name} comes once`)
        families.set(name, { help: help?.[1] ?? '', type: rest, samples: [] })
        current = name
      }
      continue
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (\S+)$/.exec(line)
    assert.ok(sample, `'${line}' is a sample`)
    const [, name = '', list = '', value = ''] = sample
    const labels: Record<string, string> = {}
    for (const [, label = '', of = ''] of list.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"/g))
      labels[label] = of.replace(/\\(.)/g, (_all, one: string) => (one === 'n' ? '\n' : one))
    const family = families.get(current)
    assert.ok(family && name.startsWith(current), `${name} stands under ${current}`)
    if (family.type !== 'histogram') assert.equal(name, current)
    assert.ok(Number.isFinite(Number(value)), value)
    family.samples.push({ name, labels, value: Number(value) })
  }
  return families
}

test('the exposition parses, each metric with help, type and a name that says its unit', () => {
  const families = parsed(renderMetrics(snapshot))
  for (const [name, { help, type, samples }] of families) {
    assert.match(name, /^kappa_/)
    assert.ok(help.length > 5 && samples.length > 0, name)
    assert.equal(type === 'counter', name.endsWith('_total'), `${name} is a ${type}`)
    const places = samples.map((sample) => `${sample.name} ${JSON.stringify(sample.labels)}`)
    assert.equal(new Set(places).size, places.length, `${name} says each thing once`)
  }
  const value = (name: string, partition = '3') =>
    families.get(name)?.samples.find(({ labels }) => labels.partition === partition)?.value
  assert.equal(value('kappa_input_lag_records'), 7)
  assert.equal(value('kappa_input_lag_seconds'), 1.5)
  assert.equal(value('kappa_stream_time_seconds'), 1_700_000_000.5)
  assert.equal(value('kappa_stream_time_seconds', '4'), undefined)
  assert.equal(value('kappa_restore_remaining_offsets'), 70)
  assert.equal(value('kappa_state_changelog_bytes'), 4_096)
  assert.equal(value('kappa_hot_key_ratio'), 0.4)
  assert.equal(value('kappa_records_duplicate_total'), 5)
  assert.equal(value('kappa_task_throwing_records'), 3)
  assert.equal(value('kappa_task_ahead'), 1)
  assert.equal(value('kappa_input_buffered_records'), 21)
  assert.equal(value('kappa_standby_state_entries', '1'), 33)
  assert.equal(families.get('kappa_rebalances_total')?.samples[0]?.value, 5)
  const labels = families.get('kappa_state_entries')?.samples[0]?.labels
  assert.deepEqual(labels, { processor: 'sales "per" minute', generation: '2', stage: 'sales\\source', partition: '3' })
  assert.doesNotMatch(renderMetrics(snapshot), /secret/, 'keys may be personal')
})

test('a histogram counts what is at most each bound, and ends at everything', () => {
  const buckets = parsed(renderMetrics(snapshot)).get('kappa_commit_duration_seconds')?.samples ?? []
  const of = (le: string) =>
    buckets.find(({ name, labels }) => name.endsWith('_bucket') && labels.le === le && labels.partition === '3')?.value
  assert.deepEqual([of('0.005'), of('0.025'), of('0.05'), of('1'), of('10'), of('+Inf')], [2, 2, 4, 5, 5, 6])
  const total = (suffix: string) => buckets.find(({ name }) => name.endsWith(suffix))?.value
  assert.equal(total('_count'), 6)
  assert.ok(Math.abs((total('_sum') ?? 0) - 60.768) < 1e-9)
})

const record = (key: string): KafkaRecord => ({
  topic: 't',
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: Buffer.from(key),
  value: null,
  headers: undefined,
})

/** Records where `hot` of a hundred have one key, in slices as a task takes them. */
function counted(records: number, hot: number): HotKeys {
  const keys = new HotKeys()
  const slice: KafkaRecord[] = []
  for (let n = 0; n < records; n++) {
    slice.push(record((n * 37) % 100 < hot ? 'hot' : `cold ${n % 5_000}`))
    if (slice.length === 250) keys.take(slice.splice(0))
  }
  keys.take(slice)
  return keys
}

test('a key with more than a fifth of many records is hot; fewer records, or a smaller share, are not told', () => {
  const { hot } = counted(150_000, 30)
  assert.equal(hot?.key, 'hot')
  assert.ok(Math.abs((hot?.share ?? 0) - 0.3) < 0.05, String(hot?.share))
  assert.equal(counted(99_000, 90).hot, undefined)
  assert.equal(counted(150_000, 10).hot, undefined)
  assert.equal(counted(150_000, 0).hot, undefined)
})
