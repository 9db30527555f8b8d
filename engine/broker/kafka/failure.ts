import kafka from 'node-rdkafka'
import { type ErrorCode, KappaError } from '#engine/errors'

const { ERRORS } = kafka.CODES

/** The parts of librdkafka's errors that decide what happens next. */
export interface ClientFailure {
  readonly message: string
  readonly code: number
  readonly isFatal?: boolean
  readonly isRetriable?: boolean
  readonly isTxnRequiresAbort?: boolean
}

const FENCED = new Set<number>([
  ERRORS.ERR__FENCED,
  ERRORS.ERR_INVALID_PRODUCER_EPOCH,
  ERRORS.ERR_PRODUCER_FENCED,
  ERRORS.ERR_INVALID_PRODUCER_ID_MAPPING,
  ERRORS.ERR_TRANSACTION_COORDINATOR_FENCED,
])
/** The group no longer takes this member's word: it has moved to another generation. */
const GROUP_MOVED = new Set<number>([
  ERRORS.ERR_ILLEGAL_GENERATION,
  ERRORS.ERR_UNKNOWN_MEMBER_ID,
  ERRORS.ERR_REBALANCE_IN_PROGRESS,
  ERRORS.ERR_FENCED_INSTANCE_ID,
  ERRORS.ERR__ASSIGNMENT_LOST,
  ERRORS.ERR__STATE,
])
const OUTSIDE = new Set<number>([ERRORS.ERR__AUTO_OFFSET_RESET, ERRORS.ERR_OFFSET_OUT_OF_RANGE])
/** librdkafka lost its broker, or the broker says what the protocol calls retriable (kafka.apache.org/protocol, "Error Codes"). */
const AWAY = new Set<number>([
  ERRORS.ERR__TRANSPORT,
  ERRORS.ERR__ALL_BROKERS_DOWN,
  ERRORS.ERR__DESTROY_BROKER,
  ERRORS.ERR_BROKER_NOT_AVAILABLE,
  ERRORS.ERR_REPLICA_NOT_AVAILABLE,
  ERRORS.ERR_NETWORK_EXCEPTION,
  ERRORS.ERR_NOT_ENOUGH_REPLICAS,
  ERRORS.ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ERRORS.ERR_NOT_CONTROLLER,
  ERRORS.ERR_KAFKA_STORAGE_ERROR,
  ERRORS.ERR_LISTENER_NOT_FOUND,
  ERRORS.ERR_FENCED_LEADER_EPOCH,
  ERRORS.ERR_UNKNOWN_LEADER_EPOCH,
  ERRORS.ERR_OFFSET_NOT_AVAILABLE,
  ERRORS.ERR_UNSTABLE_OFFSET_COMMIT,
  ERRORS.ERR_THROTTLING_QUOTA_EXCEEDED,
  ERRORS.ERR__RESOLVE,
  ERRORS.ERR__TIMED_OUT,
  ERRORS.ERR__TIMED_OUT_QUEUE,
  ERRORS.ERR__MSG_TIMED_OUT,
  ERRORS.ERR_REQUEST_TIMED_OUT,
  ERRORS.ERR_COORDINATOR_NOT_AVAILABLE,
  ERRORS.ERR_COORDINATOR_LOAD_IN_PROGRESS,
  ERRORS.ERR_NOT_COORDINATOR,
  ERRORS.ERR__WAIT_COORD,
  ERRORS.ERR_LEADER_NOT_AVAILABLE,
  ERRORS.ERR_NOT_LEADER_FOR_PARTITION,
  ERRORS.ERR__UNKNOWN_PARTITION,
  ERRORS.ERR__UNKNOWN_TOPIC,
  ERRORS.ERR_UNKNOWN_TOPIC_OR_PART,
])

/**
 * The partition has no leader yet, or not the one that was asked. A broker that its controller took for dead leads nothing
 * for a moment after it goes on: librdkafka then says that the partition is unknown to it, and so do brokers that start.
 */
const LEADERLESS = new Set<number>([
  ERRORS.ERR_LEADER_NOT_AVAILABLE,
  ERRORS.ERR_NOT_LEADER_FOR_PARTITION,
  ERRORS.ERR__UNKNOWN_PARTITION,
  ERRORS.ERR__UNKNOWN_TOPIC,
  ERRORS.ERR_UNKNOWN_TOPIC_OR_PART,
])

export const isLeaderless = (failure: ClientFailure): boolean => LEADERLESS.has(failure.code)
/** The broker does not know the user, or not with this password. Errors that are told as events have no code of their own. */
export const isRefusal = (failure: ClientFailure): boolean =>
  failure.code === ERRORS.ERR__AUTHENTICATION || /authentication (failure|failed|error)/i.test(failure.message)
export const isFenced = (failure: ClientFailure): boolean => FENCED.has(failure.code)
export const hasMoved = (failure: ClientFailure): boolean => GROUP_MOVED.has(failure.code)
export const isOutside = (failure: ClientFailure): boolean => OUTSIDE.has(failure.code)
export const isAway = (failure: ClientFailure): boolean => AWAY.has(failure.code)

/** librdkafka's error as ours: FENCED, POSITION_LOST, SERVICE_UNAVAILABLE (retriable) or BROKER. */
export function failureOf(failure: ClientFailure, doing: string): KappaError {
  const code: ErrorCode = isFenced(failure)
    ? 'FENCED'
    : isOutside(failure)
      ? 'POSITION_LOST'
      : isAway(failure)
        ? 'SERVICE_UNAVAILABLE'
        : 'BROKER'
  const retriable = code === 'SERVICE_UNAVAILABLE' || failure.isRetriable === true
  return new KappaError(code, `${doing} (librdkafka ${failure.code})`, { cause: new Error(failure.message), retriable })
}

/** A callback-style call of the client as a promise. */
export const called = <T>(call: (done: (failure: ClientFailure | null | undefined, value?: T) => void) => void) =>
  new Promise<T | undefined>((resolve, reject) =>
    call((failure, value) => (failure ? reject(failure) : resolve(value))),
  )

export const asFailure = (thrown: unknown): ClientFailure =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'number'
    ? (thrown as ClientFailure)
    : { message: thrown instanceof Error ? thrown.message : String(thrown), code: ERRORS.ERR__FAIL }
