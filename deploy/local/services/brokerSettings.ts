/** How Kappa wants its broker, wherever it runs: the Compose file says the same in its own words (a test compares them). */
export const brokerSettings = {
  // A topic exists because its contract was registered, never because somebody misspelt a name.
  'auto.create.topics.enable': false,
  'num.partitions': 4,
  'message.max.bytes': 8 * 1024 * 1024,
  'replica.fetch.max.bytes': 8 * 1024 * 1024,

  // Retention counts from the record's own timestamp: without this, imports of history would vanish in minutes.
  // Each contract sets its topic's retention.
  'log.retention.ms': -1,
  'log.retention.check.interval.ms': 30_000,
  'log.segment.delete.delay.ms': 1_000,
  // Positions outlive a stack that was left down for months.
  'offsets.retention.minutes': 525_600,

  'default.replication.factor': 1,
  'min.insync.replicas': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.num.partitions': 4,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 1,

  // Kafka's default, said because it is a choice: a broker that was killed is let in again only when its former self has timed
  // out, but a shorter time has a busy machine's only broker fenced, which costs every client its leader (decision 0033).
  'broker.session.timeout.ms': 9_000,
  'broker.heartbeat.interval.ms': 500,
  // Take-over after a crash within seconds.
  'group.min.session.timeout.ms': 1_000,
  'group.initial.rebalance.delay.ms': 0,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
} as const satisfies Record<string, string | number | boolean>
