import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'

/** A database server of its own for a test: on a free port of the loopback, in a folder that the test gives. */
export interface Server {
  readonly kind: 'mariadb' | 'postgresql'
  readonly port: number
  /** Runs statements as the administrator, one after the other; the rows of the last one. */
  run(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>
  /** A connection of its own, for a transaction that stays open. */
  session(): Promise<{ run(statement: string): Promise<unknown>; close(): Promise<void> }>
  stop(): Promise<void>
}

export const DATABASE = 'shop'
/** The account that the connector is given: it may read, and see what transactions there are. */
export const USER = 'kappa'
export const PASSWORD = 'not a secret: only this test has it'

/** Database servers refuse to run as root: then they run as `nobody`. */
const asRoot = process.getuid?.() === 0
const NOBODY = 65_534
const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {}

/** Fails saying what to install where a program is missing. */
function program(name: string, folders: readonly string[], debian: string): string {
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`this test needs ${name}: apt-get install ${debian}`)
  return found
}

function ownFolder(parent: string, name: string): string {
  const folder = join(parent, name)
  mkdirSync(folder, { recursive: true })
  // Folders of mkdtemp are closed to others.
  if (asRoot) chmodSync(parent, 0o711)
  if (asRoot) chownSync(folder, NOBODY, NOBODY)
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Starts a server, and waits until `ask` is answered. */
async function serve(command: string, args: readonly string[], ask: () => Promise<unknown>): Promise<ChildProcess> {
  const child = spawn(command, args, { ...identity, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' })
  let said = ''
  child.stderr.on('data', (piece: Buffer) => (said = `${said}${piece}`.slice(-4_000)))
  const deadline = performance.now() + 30_000
  for (;;) {
    try {
      await ask()
      return child
    } catch (thrown) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill('SIGKILL')
        throw new Error(`${command} does not answer: ${said}`, { cause: thrown })
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}

export async function startMariadb(parent: string): Promise<Server> {
  const folders = ['/usr/sbin', '/usr/bin', '/usr/libexec', '/opt/homebrew/bin', '/usr/local/bin']
  const server = program('mariadbd', folders, 'mariadb-server')
  const install = program('mariadb-install-db', folders, 'mariadb-server')
  const folder = ownFolder(parent, 'mariadb')
  const data = join(folder, 'data')
  execFileSync(
    install,
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    { ...identity, stdio: 'pipe', cwd: '/' },
  )
  const port = await freePort()
  const connect = (database?: string): Promise<mysql.Connection> =>
    mysql.createConnection({
      ...{ host: '127.0.0.1', port, user: 'root', multipleStatements: true, timezone: 'Z', dateStrings: true },
      ...(database === undefined ? {} : { database }),
    })
  const child = await serve(
    server,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 's')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--innodb-buffer-pool-size=32M',
      '--innodb-flush-log-at-trx-commit=0',
      '--character-set-server=utf8mb4',
    ],
    async () => (await connect()).end(),
  )
  const first = await connect()
  await first.query(
    `CREATE DATABASE ${DATABASE}; CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';
     GRANT SELECT ON ${DATABASE}.* TO ${USER}@'127.0.0.1'; GRANT PROCESS ON *.* TO ${USER}@'127.0.0.1'`,
  )
  await first.end()
  const open = await connect(DATABASE)
  return {
    ...{ kind: 'mariadb', port },
    async run(...statements) {
      let rows: unknown
      for (const statement of statements) [rows] = await open.query(statement)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    },
    async session() {
      const own = await connect(DATABASE)
      return { run: (statement) => own.query(statement), close: () => own.end() }
    },
    async stop() {
      await open.end().catch(() => {})
      await end(child)
    },
  }
}

export async function startPostgresql(parent: string): Promise<Server> {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort().reverse() : []
  const folders = [
    ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`),
    '/opt/homebrew/bin',
    '/usr/local/bin',
  ]
  const server = program('postgres', folders, 'postgresql')
  const install = program('initdb', folders, 'postgresql')
  const folder = ownFolder(parent, 'postgresql')
  const data = join(folder, 'data')
  execFileSync(
    install,
    [
      '-D',
      data,
      '-U',
      'postgres',
      '--auth-local=trust',
      '--auth-host=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    {
      ...{ ...identity, stdio: 'pipe', cwd: '/' },
    },
  )
  const port = await freePort()
  const connect = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({ host: folder, port, user: 'postgres', database })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const child = await serve(
    server,
    [
      '-D',
      data,
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      '-k',
      folder,
      '-F',
      '-c',
      'shared_buffers=32MB',
      '-c',
      'autovacuum=off',
    ],
    async () => (await connect('postgres')).end(),
  )
  const first = await connect('postgres')
  await first.query(`CREATE DATABASE ${DATABASE}`)
  await first.query(`CREATE USER ${USER} PASSWORD '${PASSWORD}'`)
  await first.query(`GRANT pg_read_all_data, pg_read_all_stats TO ${USER}`)
  await first.end()
  const open = await connect(DATABASE)
  return {
    ...{ kind: 'postgresql', port },
    async run(...statements) {
      let rows: readonly Record<string, unknown>[] = []
      for (const statement of statements) rows = (await open.query<Record<string, unknown>>(statement)).rows
      return rows
    },
    async session() {
      const own = await connect(DATABASE)
      return { run: (statement) => own.query(statement), close: () => own.end() }
    },
    async stop() {
      await open.end().catch(() => {})
      await end(child)
    },
  }
}
