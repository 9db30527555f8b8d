import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { authenticate, header } from './authentication.ts'
import type { User } from './config.ts'
import { chooseEncoding, type Encoding } from './encodings.ts'
import { DatabaseError, errorCode } from './errors.ts'

/** What a request says beside its statement. */
export interface Asked {
  readonly user: User
  readonly queryId: string
  /** The statement, or its beginning, from the URL. */
  readonly query: string | undefined
  readonly database: string | undefined
  readonly defaultFormat: string | undefined
  /** ClickHouse settings, for this statement only. */
  readonly settings: ReadonlyMap<string, string>
  /** Values of `{name:Type}`, in ClickHouse's escaped text form. */
  readonly parameters: ReadonlyMap<string, string>
  readonly session: { id: string; timeoutSeconds: number; mustExist: boolean } | undefined
  /** How the answer shall be compressed. */
  readonly encoding: Encoding | undefined
  /** The answer is held back until its end is known, so that its status is always right. */
  readonly waitForEnd: boolean
  /** GET may not change anything. */
  readonly readOnlyMethod: boolean
}

const ours = new Set(
  `query user password database default_format query_id session_id session_timeout session_check compress decompress
  wait_end_of_query buffer_size stacktrace quota_key role log_comment client_protocol_version close_session
  add_http_cors_header`.split(/\s+/),
)

/** Reads everything but the body. Throws a DatabaseError: 516 for who asks, 36 and 115 for what cannot be meant. */
export function readRequest(request: IncomingMessage, url: URLSearchParams, users: readonly User[]): Asked {
  const user = authenticate(request, url, users)
  const settings = new Map<string, string>()
  const parameters = new Map<string, string>()
  for (const [name, value] of url) {
    if (name.startsWith('param_')) parameters.set(checkedName(name.slice('param_'.length)), value)
    else if (!ours.has(name)) settings.set(checkedName(name), value)
  }
  for (const name of ['compress', 'decompress']) {
    if (isOn(url.get(name)))
      throw new DatabaseError(
        errorCode.notImplemented,
        `${name}=1 (ClickHouse's block compression) is not available; use Content-Encoding and Accept-Encoding`,
      )
  }
  if (header(request, 'content-type')?.startsWith('multipart/') === true)
    throw new DatabaseError(errorCode.notImplemented, 'Multipart forms (external tables) are not available')
  if (url.get('role')) throw new DatabaseError(errorCode.badArguments, 'Roles cannot be chosen')
  const accepted = header(request, 'accept-encoding') ?? ''
  return {
    user,
    queryId: url.get('query_id') || randomUUID(),
    query: url.get('query') || undefined,
    database: url.get('database') || header(request, 'x-clickhouse-database') || undefined,
    defaultFormat: header(request, 'x-clickhouse-format') || url.get('default_format') || undefined,
    settings,
    parameters,
    session: sessionOf(url),
    encoding: isOn(settings.get('enable_http_compression')) ? chooseEncoding(accepted) : undefined,
    waitForEnd: isOn(url.get('wait_end_of_query')),
    readOnlyMethod: request.method === 'GET',
  }
}

function sessionOf(url: URLSearchParams): Asked['session'] {
  const id = url.get('session_id')
  if (!id) return undefined
  const timeoutSeconds = Number(url.get('session_timeout') ?? 60)
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 0 || timeoutSeconds > 3600)
    throw new DatabaseError(errorCode.badArguments, `Invalid session timeout: '${url.get('session_timeout')}'`)
  return { id, timeoutSeconds, mustExist: isOn(url.get('session_check')) }
}

const isOn = (value: string | null | undefined): boolean => value === '1' || value === 'true'

function checkedName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)) return name
  throw new DatabaseError(errorCode.unknownSetting, `Unknown setting '${name}'`)
}
