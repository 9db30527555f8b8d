import { type ErrorCode, KappaError } from '#engine/errors'

/** Exit codes of every command: delivery-and-replay.md. */
const CODES: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 2,
  VERIFICATION_MISMATCH: 3,
  CUT_MISMATCH: 3,
  INTERRUPTED: 4,
  BLOCKED: 5,
}

/** 0 done · 1 failure · 2 usage · 3 verification mismatch · 4 interrupted, resumable · 5 blocked */
export const exitCodeOf = (thrown: unknown): number => (thrown instanceof KappaError ? (CODES[thrown.code] ?? 1) : 1)
