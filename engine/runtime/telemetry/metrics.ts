import type { ShadowStatus } from '../changelog/shadows.ts'
import type { HistogramView } from './histogram.ts'
import type { TaskStatus } from './status.ts'

/** A stage's membership in its consumer group. */
export interface GroupStatus {
  readonly processor: string
  readonly generation: number
  readonly stage: string
  /** Times the group told this worker what it has. */
  readonly rebalances: number
}

/** Everything that a worker says of itself at one moment. */
export interface WorkerSnapshot {
  readonly tasks: readonly TaskStatus[]
  readonly groups: readonly GroupStatus[]
  readonly standbys: readonly ShadowStatus[]
}

type Labels = Readonly<Record<string, string | number>>
interface Sample {
  /** What stands behind the metric's name: `_bucket`, `_sum`, `_count` of a histogram. */
  readonly suffix?: string
  readonly labels: Labels
  readonly value: number
}

/** One metric as Prometheus' text format knows it. */
interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly of: (snapshot: WorkerSnapshot) => readonly Sample[]
}

const labelsOf = ({ processor, generation, stage }: Omit<GroupStatus, 'rebalances'>): Labels => ({
  processor,
  generation,
  stage,
})
const ofTask = (task: TaskStatus): Labels => ({ ...labelsOf(task), partition: task.partition })
const present = (labels: Labels, value: number | undefined): Sample[] =>
  value === undefined ? [] : [{ labels, value }]

const perTask = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  value: (task: TaskStatus) => number | undefined,
): Metric => ({ name, type, help, of: ({ tasks }) => tasks.flatMap((task) => present(ofTask(task), value(task))) })

const perInput = (
  name: string,
  help: string,
  value: (input: TaskStatus['inputs'][number]) => number | undefined,
): Metric => ({
  name,
  type: 'gauge',
  help,
  of: ({ tasks }) =>
    tasks.flatMap((task) =>
      task.inputs.flatMap((input) => {
        const of = input.partition === undefined ? {} : { source_partition: String(input.partition) }
        return present({ ...ofTask(task), topic: input.topic, ...of }, value(input))
      }),
    ),
})

function histogram(labels: Labels, view: HistogramView | undefined): Sample[] {
  if (!view) return []
  const bucket = ({ le, count }: HistogramView['buckets'][number]): Sample => ({
    suffix: '_bucket',
    labels: { ...labels, le: Number.isFinite(le) ? le : '+Inf' },
    value: count,
  })
  return [
    ...view.buckets.map(bucket),
    { suffix: '_sum', labels, value: view.sumSeconds },
    { suffix: '_count', labels, value: view.count },
  ]
}

const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1_000

const METRICS: readonly Metric[] = [
  perTask('kappa_task_running', 'gauge', 'Whether the task is working.', ({ state }) => (state === 'running' ? 1 : 0)),
  perTask('kappa_task_stopped', 'gauge', 'Whether the task needs a person.', ({ state }) =>
    state === 'stopped' ? 1 : 0,
  ),
  perTask('kappa_task_waiting_inputs', 'gauge', 'Inputs that hold the task up.', (task) => task.waitingFor.length),
  perTask('kappa_task_ahead', 'gauge', 'Whether the task waits for a slower source partition.', ({ ahead }) =>
    ahead === undefined ? undefined : Number(ahead),
  ),
  perTask('kappa_records_taken_total', 'counter', 'Records taken by this process.', ({ taken }) => taken),
  perTask('kappa_records_late_total', 'counter', 'Records that came too late.', ({ late }) => late),
  perTask('kappa_records_dead_lettered_total', 'counter', 'Records set aside.', ({ deadLettered }) => deadLettered),
  perTask(
    'kappa_records_duplicate_total',
    'counter',
    'Records that a deduplication dropped.',
    (task) => task.duplicates,
  ),
  perTask(
    'kappa_task_throwing_records',
    'gauge',
    'Records in a row that threw; nothing is committed until more records decide about them.',
    ({ throwing }) => throwing,
  ),
  perTask('kappa_commits_total', 'counter', 'Transactions committed.', ({ commits }) => commits),
  {
    name: 'kappa_commit_duration_seconds',
    type: 'histogram',
    help: 'Time from the beginning of a commit to its acknowledgement.',
    of: ({ tasks }) => tasks.flatMap((task) => histogram(ofTask(task), task.commitTimes)),
  },
  perTask('kappa_last_commit_seconds', 'gauge', 'Duration of the last commit.', ({ lastCommitMs }) =>
    seconds(lastCommitMs),
  ),
  perTask('kappa_task_take_overs_total', 'counter', 'Times the task was taken over.', ({ takeOvers }) => takeOvers),
  perTask('kappa_task_failures_total', 'counter', 'Times the task was discarded.', ({ failures }) => failures),
  perTask('kappa_state_entries', 'gauge', 'Entries held in state.', ({ stateEntries }) => stateEntries),
  perTask(
    'kappa_state_changelog_bytes',
    'gauge',
    'Bytes of the changelog from the last snapshot on.',
    (task) => task.changelogBytes,
  ),
  perTask('kappa_restore_remaining_offsets', 'gauge', 'Changelog offsets still to be restored.', (task) =>
    task.state === 'taking-over' && task.restore ? task.restore.end - task.restore.next : 0,
  ),
  perTask(
    'kappa_restore_warm',
    'gauge',
    'Whether the last take-over began with state that was known here.',
    (task) => task.restore && (task.restore.warm ? 1 : 0),
  ),
  perTask(
    'kappa_hot_key_ratio',
    'gauge',
    'Share of the records that one key takes, where it is above a fifth.',
    (task) => task.hotKey?.share,
  ),
  perTask('kappa_stream_time_seconds', 'gauge', 'Largest event time taken, since 1970 (the watermark).', (task) =>
    seconds(task.streamTime),
  ),
  perInput('kappa_input_position', 'Next offset to take.', ({ position }) => position),
  perInput(
    'kappa_input_buffered_records',
    'Records fetched and not taken yet; it is bounded.',
    (input) => input.buffered,
  ),
  perInput('kappa_input_lag_records', 'Committed offsets not taken yet, markers among them.', ({ lag }) => lag),
  perInput('kappa_input_lag_seconds', 'Time since the oldest record not taken was written.', ({ lagMs }) =>
    seconds(lagMs),
  ),
  {
    name: 'kappa_rebalances_total',
    type: 'counter',
    help: 'Times the group told this worker what it has.',
    of: ({ groups }) => groups.map((group) => ({ labels: labelsOf(group), value: group.rebalances })),
  },
  {
    name: 'kappa_standby_state_entries',
    type: 'gauge',
    help: 'Entries held for a task that another worker runs.',
    of: ({ standbys }) =>
      standbys.map(({ topic, partition, entries }) => ({ labels: { changelog: topic, partition }, value: entries })),
  },
]

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** A worker in Prometheus' text format 0.0.4. */
export function renderMetrics(snapshot: WorkerSnapshot): string {
  const lines = METRICS.flatMap(({ name, type, help, of }) => {
    const samples = of(snapshot).map(({ suffix = '', labels, value }) => {
      const text = Object.entries(labels).map(([label, of]) => `${label}="${escaped(String(of))}"`)
      return `${name}${suffix}{${text.join(',')}} ${value}`
    })
    return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples]
  })
  return `${lines.join('\n')}\n`
}
