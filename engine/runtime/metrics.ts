import { createServer } from 'node:http'
import type { TaskStatus } from './status.ts'

type Sample = { readonly labels: Readonly<Record<string, string | number>>; readonly value: number }

/** One metric as Prometheus' text format knows it. */
interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly of: (task: TaskStatus) => readonly Sample[]
}

const labelsOf = ({ processor, generation, stage, partition }: TaskStatus) => ({
  processor,
  generation,
  stage,
  partition,
})
const one = (
  name: string,
  type: Metric['type'],
  help: string,
  value: (task: TaskStatus) => number | undefined,
): Metric => ({
  name,
  type,
  help,
  of: (task) => {
    const found = value(task)
    return found === undefined ? [] : [{ labels: labelsOf(task), value: found }]
  },
})
const perInput = (
  name: string,
  help: string,
  value: (input: TaskStatus['inputs'][number]) => number | undefined,
): Metric => ({
  name,
  type: 'gauge',
  help,
  of: (task) =>
    task.inputs.flatMap((input) => {
      const found = value(input)
      return found === undefined ? [] : [{ labels: { ...labelsOf(task), topic: input.topic }, value: found }]
    }),
})

const METRICS: readonly Metric[] = [
  one('kappa_task_running', 'gauge', 'Whether the task is working.', ({ state }) => (state === 'running' ? 1 : 0)),
  one('kappa_task_stopped', 'gauge', 'Whether the task needs a person.', ({ state }) => (state === 'stopped' ? 1 : 0)),
  one('kappa_task_waiting_inputs', 'gauge', 'Inputs that hold the task up.', (task) => task.waitingFor.length),
  one('kappa_records_taken_total', 'counter', 'Records taken by this process.', ({ taken }) => taken),
  one('kappa_records_late_total', 'counter', 'Records that came too late.', ({ late }) => late),
  one('kappa_records_dead_lettered_total', 'counter', 'Records set aside.', ({ deadLettered }) => deadLettered),
  one('kappa_commits_total', 'counter', 'Transactions committed.', ({ commits }) => commits),
  one('kappa_last_commit_seconds', 'gauge', 'Duration of the last commit.', ({ lastCommitMs }) => lastCommitMs / 1_000),
  one('kappa_task_take_overs_total', 'counter', 'Times the task was taken over.', ({ takeOvers }) => takeOvers),
  one(
    'kappa_task_failures_total',
    'counter',
    'Times the task was discarded after an error.',
    ({ failures }) => failures,
  ),
  one('kappa_state_entries', 'gauge', 'Entries held in state.', ({ stateEntries }) => stateEntries),
  one('kappa_stream_time_seconds', 'gauge', 'Largest event time taken.', ({ streamTime }) =>
    streamTime === undefined ? undefined : streamTime / 1_000,
  ),
  perInput('kappa_input_position', 'Next offset to take.', ({ position }) => position),
  perInput('kappa_input_lag_records', 'Committed offsets not taken yet.', ({ lag }) => lag),
]

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** Tasks in Prometheus' text format 0.0.4. */
export function renderMetrics(tasks: readonly TaskStatus[]): string {
  const lines = METRICS.flatMap(({ name, type, help, of }) => {
    const samples = tasks.flatMap(of).map(({ labels, value }) => {
      const text = Object.entries(labels).map(([label, of]) => `${label}="${escaped(String(of))}"`)
      return `${name}{${text.join(',')}} ${value}`
    })
    return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples]
  })
  return `${lines.join('\n')}\n`
}

/** Serves `/metrics` on 127.0.0.1, and as JSON on `/status`; `port` 0 takes a free one, which is returned. */
export async function serveMetrics(
  port: number,
  status: () => Promise<readonly TaskStatus[]>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const json = request.url === '/status'
    if (!json && request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    status().then(
      (tasks) =>
        response
          .writeHead(200, { 'content-type': json ? 'application/json' : 'text/plain; version=0.0.4' })
          .end(json ? JSON.stringify(tasks) : renderMetrics(tasks)),
      (thrown) => response.writeHead(503).end(String(thrown)),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
