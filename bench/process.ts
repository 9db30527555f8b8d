import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Record<string, string>
}

/** A program under way, in one process or several. */
export interface Watched {
  /** What it said went wrong. */
  readonly complaint: string
  /** How it ended, or `undefined` while it runs; one of several that ends has ended all. */
  readonly ended: string | undefined
  /** Milliseconds since 1970 when it took its first record, as it says itself. */
  readonly first: number | undefined
  /** CPU seconds so far, user and system, all threads. */
  cpuSeconds(): number
  /** Memory it has now, megabytes. */
  megabytes(): number
  /** The most memory it ever had, megabytes. */
  peakMegabytes(): number
  /** Resolves when it is gone. */
  stop(): Promise<void>
}

/** A program that is measured as a whole process: all its threads, whatever language it is in. */
export class Measured implements Watched {
  readonly #child: ChildProcess
  #output = ''
  #ended: string | undefined

  constructor(command: string, args: readonly string[], options: { pin?: number; env?: Record<string, string> }) {
    const { pin, env = {} } = options
    const [file, rest] = pin === undefined ? [command, args] : ['taskset', ['-c', String(pin), command, ...args]]
    this.#child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(0, 200_000)
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
    this.#child.on('exit', (code, signal) => {
      this.#ended = signal ?? `exit ${code}`
    })
  }

  /** What it printed, the first 200,000 characters. */
  get output(): string {
    return this.#output
  }

  /** What it said went wrong: the first lines that name an error, or the last that it printed. */
  get complaint(): string {
    const lines = this.#output.split('\n')
    const errors = lines.filter((line) => /(Exception|Error)\b/.test(line))
    return (errors.length > 0 ? errors.slice(0, 5) : lines.slice(-5)).join('; ').slice(0, 1_000)
  }

  get ended(): string | undefined {
    return this.#ended
  }

  get first(): number | undefined {
    const found = /^first (\d+)$/m.exec(this.#output)
    return found ? Number(found[1]) : undefined
  }

  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
    // The second field, the name in brackets, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  megabytes(): number {
    return this.#status('VmRSS')
  }

  peakMegabytes(): number {
    return this.#status('VmHWM')
  }

  #status(name: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024
  }

  /** After five seconds it is killed. */
  async stop(): Promise<void> {
    if (this.#ended !== undefined) return
    this.#child.kill('SIGTERM')
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await this.finished()
    clearTimeout(killing)
  }

  async finished(): Promise<void> {
    while (this.#ended === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Several processes that share one program's work. */
export class Together implements Watched {
  readonly #all: readonly Measured[]

  constructor(all: readonly Measured[]) {
    this.#all = all
  }

  get complaint(): string {
    return (this.#all.find(({ ended }) => ended !== undefined) ?? this.#all[0])?.complaint ?? ''
  }

  get ended(): string | undefined {
    return this.#all.find(({ ended }) => ended !== undefined)?.ended
  }

  get first(): number | undefined {
    const known = this.#all.flatMap(({ first }) => first ?? [])
    return known.length > 0 ? Math.min(...known) : undefined
  }

  cpuSeconds(): number {
    return this.#all.reduce((sum, one) => sum + one.cpuSeconds(), 0)
  }

  megabytes(): number {
    return this.#all.reduce((sum, one) => sum + one.megabytes(), 0)
  }

  peakMegabytes(): number {
    return this.#all.reduce((sum, one) => sum + one.peakMegabytes(), 0)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.stop()))
  }
}
