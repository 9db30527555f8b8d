/** A subject's secrets: 32 bytes each, immutable until an erasure destroys them. */
export interface SubjectSecret {
  /** AES-256-GCM key of the subject's sealed fields. */
  readonly sealKey: Buffer
  /** HMAC-SHA-256 key of the subject's pseudonyms: joinable across topics, erasable. */
  readonly pseudonymKey: Buffer
}

/**
 * Where subjects' keys live. `sinks/redis` implements it (append-only, fsync always; keys wrapped by the master key); a map
 * does in tests. While it is away nothing passes unmasked: callers wait.
 */
export interface KeyVault {
  /**
   * Secrets of the subjects, in one round trip; made (SET NX, then read back) where absent. `null` for an erased or
   * suppressed subject, for whom none is ever made again. Throws retriable SERVICE_UNAVAILABLE.
   */
  secrets(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectSecret | null>>
  close(): Promise<void>
}
