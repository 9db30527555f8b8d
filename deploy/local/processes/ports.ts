import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { host, type PortName, type Ports } from '../settings.ts'
import { commandOf } from './identity.ts'

export interface PortOwner {
  readonly pid: number
  readonly command: string
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/**
 * The process that listens on a TCP port of this machine, or `undefined` where it cannot be told (it belongs to another
 * user, or has just gone).
 */
export function ownerOf(port: number): PortOwner | undefined {
  const pid = process.platform === 'linux' ? pidFromProc(port) : pidFromLsof(port)
  return pid === undefined ? undefined : { pid, command: commandOf(pid) ?? 'unknown command' }
}

/** Whoever listens on the port, for a message: `process 4711 (java -Xmx768m … kafka.Kafka /srv/server.properties)`. */
export function nameOwnerOf(port: number): string {
  const owner = ownerOf(port)
  return owner === undefined ? 'a process of another user' : `process ${owner.pid} (${shorten(owner.command)})`
}

/** Both ends of a command line say what it is; the options between them do not. */
const shorten = (command: string): string =>
  command.length <= 120 ? command : `${command.slice(0, 30)} … ${command.slice(-85)}`

/** /proc/net/tcp names the socket's inode (state 0A is LISTEN); one process has that socket among its descriptors. */
function pidFromProc(port: number): number | undefined {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table).slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (state !== '0A' || inode === undefined) continue
      if (Number.parseInt(local?.split(':')[1] ?? '', 16) === port) inodes.add(`socket:[${inode}]`)
    }
  }
  if (inodes.size === 0) return undefined
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid) && descriptorsOf(pid).some((target) => inodes.has(target))) return Number(pid)
  }
  return undefined
}

function descriptorsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`)
      } catch {
        return ''
      }
    })
  } catch {
    return []
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function pidFromLsof(port: number): number | undefined {
  try {
    const answer = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' })
    const pid = Number.parseInt(answer, 10)
    return Number.isNaN(pid) ? undefined : pid
  } catch {
    return undefined
  }
}

/**
 * A free port for every service. Taken below the range from which systems give out outgoing ports (32768 on Linux): else a
 * client that keeps dialling a stopped service could be given that very port, and connect to itself.
 */
export async function freePorts(): Promise<Ports> {
  const taken = new Set<number>()
  const next = async (): Promise<number> => {
    for (let attempt = 0; attempt < 200; attempt++) {
      const port = 20_000 + Math.floor(Math.random() * 12_000)
      if (taken.has(port) || !(await isFree(port))) continue
      taken.add(port)
      return port
    }
    throw new Error('no free port between 20000 and 32000')
  }
  const names: PortName[] = ['kafka', 'kafkaController', 'registry', 's3', 'redis', 'clickhouse']
  const entries: [PortName, number][] = []
  for (const name of names) entries.push([name, await next()])
  return Object.fromEntries(entries) as Ports
}
