/** What an error code of the broker asks of a reader (Kafka protocol guide, "Error codes"). */
export type Remedy =
  | 'none'
  /** The position may lie outside the log: its ends decide. */
  | 'check-position'
  /** Another broker leads the partition, or none yet: ask who, then again. */
  | 'find-leader'
  /** Missing, or made a moment ago: ask again for a while, then give up. */
  | 'find-topic'
  /** The same again, later. */
  | 'again'
  /** No waiting helps. */
  | 'give-up'

const REMEDIES = new Map<number, Remedy>([
  [0, 'none'],
  [1, 'check-position'], // OFFSET_OUT_OF_RANGE
  [3, 'find-topic'], // UNKNOWN_TOPIC_OR_PARTITION
  [5, 'find-leader'], // LEADER_NOT_AVAILABLE
  [6, 'find-leader'], // NOT_LEADER_OR_FOLLOWER
  [7, 'again'], // REQUEST_TIMED_OUT
  [9, 'find-leader'], // REPLICA_NOT_AVAILABLE
  [13, 'again'], // NETWORK_EXCEPTION
  [56, 'find-leader'], // KAFKA_STORAGE_ERROR
  [74, 'find-leader'], // FENCED_LEADER_EPOCH
  [75, 'find-leader'], // UNKNOWN_LEADER_EPOCH
  [78, 'again'], // OFFSET_NOT_AVAILABLE
  [-1, 'again'], // UNKNOWN_SERVER_ERROR
])

export const remedyOf = (code: number): Remedy => REMEDIES.get(code) ?? 'give-up'

const NAMES = new Map<number, string>([
  [2, 'CORRUPT_MESSAGE'],
  [17, 'INVALID_TOPIC_EXCEPTION'],
  [29, 'TOPIC_AUTHORIZATION_FAILED'],
  [30, 'GROUP_AUTHORIZATION_FAILED'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED'],
  [33, 'UNSUPPORTED_SASL_MECHANISM'],
  [35, 'UNSUPPORTED_VERSION'],
  [58, 'SASL_AUTHENTICATION_FAILED'],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE'],
])

/** For messages. */
export const codeName = (code: number): string => `Kafka error ${code}${NAMES.has(code) ? ` ${NAMES.get(code)}` : ''}`
