import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clickhouseCommand } from './command.ts'

export const admin = { username: 'kappa', password: 'p:w/ü' }
export const reader = { username: 'looker', password: 'read' }

/** A server in a process and a folder of its own, for a test. */
export interface TestServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly folder: string
  /** A statement by HTTP as the admin: the status, the headers and the whole text. */
  ask(statement: string, options?: Ask): Promise<{ status: number; text: string; headers: Headers }>
  /** The text of a statement that has to succeed. */
  rows(statement: string, options?: Ask): Promise<string>
  /** Resident memory now, in MiB. */
  memory(): number
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Removes the folder, ending the process first. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface Ask {
  readonly url?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly body?: RequestInit['body']
  readonly as?: { username: string; password: string }
  readonly method?: string
  readonly signal?: AbortSignal
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'kappa-clickhouse-'))

/** Writes a config and starts the process as the stack does. */
export function spawnServer(folder: string, port = 0): ChildProcess {
  const users = [
    { name: admin.username, password: admin.password, readonly: false },
    { name: reader.username, password: reader.password, readonly: true },
  ]
  const configFile = join(folder, `config-${port}.json`)
  writeFileSync(configFile, JSON.stringify({ host: '127.0.0.1', port, dataFolder: folder, users }))
  const { file, args } = clickhouseCommand(configFile)
  return spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Resolves when it answers. Rejects with what it wrote where it ends instead. */
export async function startServer(folder = newFolder()): Promise<TestServer> {
  const child = spawnServer(folder)
  let output = ''
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => {
        output += text
        const match = /answers on port (\d+)/.exec(output)
        if (match !== null) resolve(Number(match[1]))
      })
    child.once('exit', (code) => reject(new Error(`ClickHouse ended with ${code}: ${output}`)))
  })
  const url = `http://127.0.0.1:${port}`
  const pid = child.pid ?? 0
  const exited = once(child, 'exit')
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
    return child.exitCode
  }
  const ask: TestServer['ask'] = async (statement, options = {}) => {
    const { as = admin, body, method = 'POST', signal } = options
    const query = new URLSearchParams(options.url)
    if (body !== undefined || method === 'GET') query.set('query', statement)
    const response = await fetch(`${url}/?${query}`, {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from(`${as.username}:${as.password}`).toString('base64')}`,
        ...options.headers,
      },
      ...(method === 'GET' ? {} : { body: body ?? statement, duplex: 'half' as const }),
      ...(signal === undefined ? {} : { signal }),
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return {
    url,
    port,
    pid,
    folder,
    ask,
    async rows(statement, options) {
      const { status, text } = await ask(statement, options)
      if (status !== 200) throw new Error(`${status}: ${text}`)
      return text
    },
    memory: () => memoryOf(pid),
    stop: () => end('SIGTERM'),
    async kill() {
      await end('SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function memoryOf(pid: number): number {
  const file = `/proc/${pid}/status`
  const kibibytes = existsSync(file)
    ? /VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Math.round(Number(kibibytes) / 1024)
}
