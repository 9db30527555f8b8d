import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'

const entry = fileURLToPath(new URL('../cli/kappa.mjs', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A running `kappa …`: killed or awaited. */
export interface Running {
  readonly child: ChildProcess
  /** Resolves when it has ended. */
  readonly ended: Promise<Outcome>
}

/** A Kappa of its own, on free ports and in a temporary folder, driven through its command line as an operator does. */
export interface Installation {
  readonly stack: RunningStack
  readonly folder: string
  /** True once it is being taken down. */
  readonly closing: boolean
  /** Starts `kappa …args` and does not wait. */
  start(...args: string[]): Running
  /** Runs `kappa …args` to its end. */
  run(...args: string[]): Promise<Outcome>
  /** Rows of a query as the administrator. */
  rows<T = readonly (string | number | null)[]>(query: string): Promise<readonly T[]>
  [Symbol.asyncDispose](): Promise<void>
}

/** @param from a folder whose content its data folder begins with, e.g. another one's key vault; empty by default */
export async function install(from?: string): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-test-'))
  if (from !== undefined) cpSync(from, folder, { recursive: true })
  const stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free' })
  const children = new Set<ChildProcess>()

  const start = (...args: string[]): Running => {
    // as the first line of kappa.mjs has it
    const child = spawn(process.execPath, ['--max-semi-space-size=64', entry, ...args], {
      env: { ...process.env, KAPPA_DATA: folder, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    const text = { out: '', err: '' }
    child.stdout.on('data', (piece: Buffer) => (text.out = `${text.out}${piece}`.slice(-1_000_000)))
    child.stderr.on('data', (piece: Buffer) => (text.err = `${text.err}${piece}`.slice(-1_000_000)))
    const ended = new Promise<Outcome>((resolve) => {
      child.once('close', (code) => {
        children.delete(child)
        resolve({ code, ...text })
      })
    })
    return { child, ended }
  }

  let closing = false
  return {
    stack,
    folder,
    get closing() {
      return closing
    },
    start,
    run: (...args) => start(...args).ended,
    async rows<T>(query: string) {
      const { url, username, password } = stack.addresses.clickhouse
      const answer = await fetch(`${url}/?default_format=JSONCompact`, {
        method: 'POST',
        body: query,
        headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password, connection: 'close' },
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${query}: ${text}`)
      return (JSON.parse(text) as { data: readonly T[] }).data
    },
    async [Symbol.asyncDispose]() {
      closing = true
      for (const child of children) child.kill('SIGKILL')
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Asks again until `done` says so; throws with the last answer after `withinMs`. */
export async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean, withinMs: number): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (done(answer)) return answer
    if (performance.now() > deadline)
      throw new Error(`not so after ${withinMs} ms; last: ${JSON.stringify(answer).slice(0, 2_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
