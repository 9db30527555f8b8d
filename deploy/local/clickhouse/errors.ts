/** ClickHouse's error codes that the face itself raises; the engine raises all the others. */
export const errorCode = {
  badArguments: [36, 'BAD_ARGUMENTS'],
  notImplemented: [48, 'NOT_IMPLEMENTED'],
  syntaxError: [62, 'SYNTAX_ERROR'],
  unknownTypeOfQuery: [78, 'UNKNOWN_TYPE_OF_QUERY'],
  unknownSetting: [115, 'UNKNOWN_SETTING'],
  readonly: [164, 'READONLY'],
  queryIsTooLarge: [168, 'QUERY_IS_TOO_LARGE'],
  queryIdIsRunning: [216, 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING'],
  cannotDecompress: [271, 'CANNOT_DECOMPRESS'],
  intoOutfileNotAllowed: [358, 'INTO_OUTFILE_NOT_ALLOWED'],
  sessionNotFound: [372, 'SESSION_NOT_FOUND'],
  sessionIsLocked: [373, 'SESSION_IS_LOCKED'],
  unknownCompressionMethod: [89, 'UNKNOWN_COMPRESSION_METHOD'],
  accessDenied: [497, 'ACCESS_DENIED'],
  authenticationFailed: [516, 'AUTHENTICATION_FAILED'],
  serverIsShuttingDown: [745, 'SERVER_OVERLOADED'],
  unknownException: [1002, 'UNKNOWN_EXCEPTION'],
} as const satisfies Record<string, readonly [number, string]>

/** An error as ClickHouse would name it: `Code: 60. DB::Exception: … (UNKNOWN_TABLE)`. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: number
  readonly label: string

  constructor([code, label]: readonly [number, string], message: string) {
    super(message)
    this.code = code
    this.label = label
  }

  /** The body of ClickHouse's answer. */
  text(version: string): string {
    const end = /[.!?]$/.test(this.message) ? '' : '.'
    return `Code: ${this.code}. DB::Exception: ${this.message}${end} (${this.label}) (version ${version} (official build))\n`
  }
}

/** What was thrown, by the engine or by us, as an error with a ClickHouse code. */
export function databaseError(thrown: unknown): DatabaseError {
  if (thrown instanceof DatabaseError) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const head = /Code: (\d+)\. DB::Exception: /.exec(text)
  if (head === null) return new DatabaseError(errorCode.unknownException, text)
  let message = text.slice(head.index + head[0].length)
  const label = /\s*\(([A-Z][A-Z0-9_]+)\)\s*$/.exec(message)
  if (label !== null) message = message.slice(0, label.index)
  message = message
    .replace(/^(Code: \d+\. DB::Exception: )+/, '')
    .replace(/ \([A-Z][A-Z0-9_]+\) \(version [^)]*\)\.?$/, '')
    .replace(/:? \(in file\/uri [^)]*\)/, '')
    .replace(/: data for INSERT was parsed from file/, '')
  return new DatabaseError([Number(head[1]), label?.[1] ?? 'UNKNOWN_EXCEPTION'], message)
}

const badRequest = [
  6, 25, 26, 27, 33, 36, 38, 41, 42, 43, 44, 45, 53, 62, 69, 70, 72, 117, 130, 167, 184, 215, 376, 441, 456, 457, 467,
]
const notFound = [46, 47, 50, 56, 60, 63, 73, 78, 81, 107, 115, 336, 372]

/** The HTTP status ClickHouse answers an error code with: 404 for what is unknown, 400 for what cannot be read, else 500. */
export function httpStatus(code: number): number {
  if (notFound.includes(code)) return 404
  if (badRequest.includes(code)) return 400
  if (code === 516 || code === 497 || code === 192 || code === 193 || code === 512) return 403
  if (code === 159) return 408
  if (code === 168) return 413
  if (code === 48) return 501
  if (code === 209 || code === 745) return 503
  return 500
}
