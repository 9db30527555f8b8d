import { execFileSync } from 'node:child_process'
import { type CutLog, expectationOf } from '#engine/delivery'
import { maskedClicks } from '#schemas'
import type { Installation, Running } from '../../installation.ts'

/** `kappa sink run NAME` as operators run it, and the memory it takes. */
export class WatchedSink {
  readonly name: string
  /** Resident, megabytes, by when it was looked at. */
  readonly looks: { readonly at: number; readonly megabytes: number }[] = []
  private readonly running: Running
  private readonly timer: NodeJS.Timeout

  constructor(kappa: Installation, name: string, megabytes: number) {
    this.name = name
    const topic = ['--topic', maskedClicks.name, '--memory', String(megabytes)]
    // S3 has its default sizes, and an age that lets a run of a minute see what is left.
    const age = name === 's3' ? ['--age', '5 seconds'] : []
    this.running = kappa.start('sink', 'run', name, ...topic, ...age, '--json')
    this.timer = setInterval(() => this.look(), 500)
  }

  /** Throws with what it said where it has ended. */
  expectRunning(): void {
    const { exitCode, signalCode } = this.running.child
    if (exitCode !== null || signalCode !== null)
      throw new Error(`the ${this.name} sink ended by itself (${exitCode ?? signalCode})`)
  }

  /** The most it took between two moments. */
  peak(from: number, to: number): number {
    const own = this.looks.filter(({ at }) => at >= from && at <= to)
    return own.reduce((most, { megabytes }) => Math.max(most, megabytes), 0)
  }

  /** Resolves with the lines that it wrote, when it has ended in good order. */
  async stop(): Promise<readonly string[]> {
    clearInterval(this.timer)
    this.running.child.kill('SIGTERM')
    const { code, out, err } = await this.running.ended
    if (code !== 0) throw new Error(`the ${this.name} sink ended with ${code}: ${err}`)
    return out.trim().split('\n').filter(Boolean)
  }

  private look(): void {
    const { pid } = this.running.child
    if (pid === undefined) return
    try {
      const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString())
      this.looks.push({ at: performance.now(), megabytes: kilobytes / 1024 })
    } catch {
      // it ended: expectRunning tells
    }
  }
}

/** Rows of the clicks that a sink marked done. */
export async function doneRows(log: CutLog): Promise<number> {
  return (await expectationOf(log, maskedClicks.name))?.read.rows ?? 0
}
