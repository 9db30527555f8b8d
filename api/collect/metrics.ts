/** What the endpoint says of itself at one moment. */
export interface CollectSnapshot {
  /** Requests by the status they were answered with. */
  readonly requests: ReadonlyMap<number, number>
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly forwarded: number
  readonly deadLettered: number
  readonly waitingBytes: number
  readonly maxBytes: number
  /** How long the oldest record has waited, at least. Milliseconds; 0 where none waits. */
  readonly waitingMs: number
  readonly known: number
}

type Row = readonly [name: string, type: 'counter' | 'gauge', help: string, value: number]

/** In Prometheus' text format 0.0.4. */
export function renderCollect(snapshot: CollectSnapshot): string {
  const rows: Row[] = [
    ['kappa_collect_events_accepted_total', 'counter', 'Events taken to disk.', snapshot.accepted],
    ['kappa_collect_events_duplicate_total', 'counter', 'Events that were taken before.', snapshot.duplicates],
    ['kappa_collect_events_rejected_total', 'counter', 'Events that do not fit their contract.', snapshot.rejected],
    ['kappa_collect_events_forwarded_total', 'counter', 'Events committed to Kafka.', snapshot.forwarded],
    ['kappa_collect_events_dead_lettered_total', 'counter', 'Dead letters committed.', snapshot.deadLettered],
    ['kappa_collect_spool_bytes', 'gauge', 'Bytes on disk that are not in Kafka yet.', snapshot.waitingBytes],
    ['kappa_collect_spool_limit_bytes', 'gauge', 'Bytes above which 503 is answered.', snapshot.maxBytes],
    ['kappa_collect_spool_waiting_seconds', 'gauge', 'Time that the oldest has waited.', snapshot.waitingMs / 1_000],
    ['kappa_collect_known_events', 'gauge', 'Events known again when sent again.', snapshot.known],
  ]
  const lines = rows.flatMap(([name, type, help, value]) => [
    ...[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`],
  ])
  const requests = [...snapshot.requests].map(
    ([status, count]) => `kappa_collect_requests_total{status="${status}"} ${count}`,
  )
  if (requests.length > 0)
    lines.push(
      '# HELP kappa_collect_requests_total Requests by status.',
      '# TYPE kappa_collect_requests_total counter',
      ...requests,
    )
  return `${lines.join('\n')}\n`
}
