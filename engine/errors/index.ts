/**
 * What can go wrong, as a closed list. Bad data is never one of these: a broken record is an outcome (dead letter), not an
 * exception.
 */
export type ErrorCode =
  | 'CONFIG_INVALID' // a flag, key, date or file that cannot be used; the message names it
  | 'SERVICE_UNAVAILABLE' // Kafka, registry, ClickHouse, S3 or Redis does not answer
  | 'SCHEMA_INCOMPATIBLE' // a change of a contract that readers of older data could not follow
  | 'SCHEMA_INVALID' // a contract that is not well formed
  | 'DECODE_FAILED' // bytes that are not a value of their schema
  | 'PLAN_INVALID' // a processor that cannot be built
  | 'FENCED' // another owner took over this transactional id
  | 'ABORTED' // a transaction did not commit; nothing of it is visible
  | 'STATE_MISMATCH' // stored state, positions or partition counts contradict each other
  | 'POSITION_LOST' // a position outside the log
  | 'CUT_MISMATCH' // an undone cut does not read back as it was decided
  | 'VERIFICATION_MISMATCH' // two stores that must agree do not
  | 'POISONED' // too many records in a row fail: the step is broken, not the data
  | 'ERASED' // the subject's key was destroyed
  | 'INTERRUPTED' // stopped by the operator; can be resumed
  | 'BLOCKED' // another operation holds what this one needs
  | 'BROKER' // any other answer of the broker
  | 'STORE' // any other answer of ClickHouse, S3 or Redis

/** An error that says what was being done, where, and whether trying again can help. */
export class KappaError extends Error {
  override readonly name = 'KappaError'
  readonly code: ErrorCode
  /** True where the same call may succeed later without anyone changing anything. */
  readonly retriable: boolean

  /** @param doing a gerund and a place: `decoding shop.purchases.v1[3]@42` */
  constructor(code: ErrorCode, doing: string, options: { cause?: unknown; retriable?: boolean } = {}) {
    const reason = options.cause instanceof Error ? `: ${options.cause.message}` : ''
    super(`${doing}${reason}`, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.retriable = options.retriable ?? false
  }
}

/** The text of anything thrown. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
