import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { User } from './config.ts'
import { DatabaseError, errorCode } from './errors.ts'

/** Who asks, by `X-ClickHouse-User`/`-Key`, HTTP Basic, or `user` and `password` in the URL. Throws with code 516. */
export function authenticate(request: IncomingMessage, url: URLSearchParams, users: readonly User[]): User {
  const [name, password] = credentials(request, url)
  const user = users.find((one) => one.name === name)
  // Compared also where there is no such user, so that the time it takes does not tell which names exist.
  const matches = sameText(password, user?.password ?? '')
  if (user !== undefined && matches) return user
  throw new DatabaseError(
    errorCode.authenticationFailed,
    `${name}: Authentication failed: password is incorrect, or there is no user with such name`,
  )
}

/** Whether the request says anything about who asks. */
export const presentsCredentials = (request: IncomingMessage, url: URLSearchParams): boolean =>
  header(request, 'x-clickhouse-user') !== undefined ||
  header(request, 'authorization') !== undefined ||
  url.has('user')

function credentials(request: IncomingMessage, url: URLSearchParams): [string, string] {
  const user = header(request, 'x-clickhouse-user')
  if (user !== undefined) return [utf8(user), utf8(header(request, 'x-clickhouse-key') ?? '')]
  const basic = /^Basic (.+)$/i.exec(header(request, 'authorization') ?? '')
  if (basic?.[1] !== undefined) {
    const text = Buffer.from(basic[1], 'base64').toString()
    const colon = text.indexOf(':')
    return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  }
  return [url.get('user') ?? 'default', url.get('password') ?? '']
}

export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Node reads header bytes as latin1; clients mean UTF-8. */
const utf8 = (text: string) => Buffer.from(text, 'latin1').toString()

const digest = (text: string) => createHash('sha256').update(text).digest()
const sameText = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))
