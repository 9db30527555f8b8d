import type { Sink } from './sink.ts'

type Told = Pick<Sink, 'name' | 'status' | 'health' | 'memory'>

const states = ['closed', 'half-open', 'open'] as const

/** What a sink says of itself, as Prometheus' text format (version 0.0.4) has it. */
export function sinkMetrics({ name, status, health, memory }: Told): string {
  const lines: string[] = []
  const metric = (
    metricName: string,
    type: 'gauge' | 'counter',
    help: string,
    samples: readonly [string, number][],
  ) => {
    lines.push(`# HELP ${metricName} ${help}`, `# TYPE ${metricName} ${type}`)
    for (const [labels, value] of samples) lines.push(`${metricName}{sink="${name}"${labels}} ${value}`)
  }
  const perLane = (value: (lane: Sink['status'][number]) => number): [string, number][] =>
    status.map((lane) => [`,topic="${lane.topic}",lane="${lane.lane}",generation="${lane.generation}"`, value(lane)])
  metric(
    'kappa_sink_store_breaker',
    'gauge',
    '1 for the state of the circuit breaker over the store: closed lets every lane write, open none.',
    states.map((state) => [`,state="${state}"`, health.state === state ? 1 : 0]),
  )
  metric('kappa_sink_store_failures', 'gauge', 'Failures of the store in a row.', [['', health.failures]])
  metric('kappa_sink_memory_bytes', 'gauge', 'About what is read and not yet in the store.', [['', memory.used]])
  metric('kappa_sink_memory_limit_bytes', 'gauge', 'Where lanes stop reading.', [['', memory.limit]])
  metric(
    'kappa_sink_rows_total',
    'counter',
    'Records brought since the lane began.',
    perLane(({ rows }) => rows),
  )
  metric(
    'kappa_sink_refused_total',
    'counter',
    'Rows that the store refused.',
    perLane(({ refused }) => refused),
  )
  metric(
    'kappa_sink_cuts_total',
    'counter',
    'Cuts decided since the lane began.',
    perLane(({ cut }) => cut),
  )
  metric(
    'kappa_sink_lane_running',
    'gauge',
    '1 while the lane brings records, 0 while it waits, is held, or stopped.',
    perLane(({ state }) => (state === 'running' ? 1 : 0)),
  )
  metric(
    'kappa_sink_cut_overdue',
    'gauge',
    '1 where a cut is undone for longer than half of the retention of its topic: its records may be lost.',
    perLane(({ overdue }) => (overdue === undefined ? 0 : 1)),
  )
  const decided = status.filter(({ lastCutAt }) => lastCutAt !== undefined)
  metric(
    'kappa_sink_last_cut_timestamp_seconds',
    'gauge',
    'When the last cut was decided.',
    decided.map(({ topic, lane, generation, lastCutAt = 0 }) => [
      `,topic="${topic}",lane="${lane}",generation="${generation}"`,
      lastCutAt / 1_000,
    ]),
  )
  return `${lines.join('\n')}\n`
}
