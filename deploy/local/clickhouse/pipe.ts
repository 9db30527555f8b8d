import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

/**
 * A named pipe through which the engine writes a result in any of its formats while we send it on: what is in flight is
 * the pipe's 64 KiB, so a slow client slows the engine and no result is ever held whole.
 */
export interface Pipe {
  readonly path: string
  /** What the engine wrote. Ends after `finish`. */
  readonly stream: Readable
  /** To be called when the statement is over: what is left in the pipe is then the last of it. */
  finish(): void
}

/** Named pipes in a folder, made on demand and used again. */
export class Pipes {
  readonly #folder: string
  readonly #idle: string[] = []
  #made = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async open(): Promise<Pipe> {
    const path = this.#idle.pop() ?? (await this.#make())
    // The reading end opens without waiting for a writer, and our own writing end keeps the stream from ending before
    // the engine has opened its end, which it may never do.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    const stream = new Socket({ fd: reader, readable: true, writable: false })
    stream.once('close', () => this.#idle.push(path))
    let open = true
    const finish = () => {
      if (open) closeSync(writer)
      open = false
    }
    return { path, stream, finish }
  }

  async #make(): Promise<string> {
    const path = join(this.#folder, `pipe-${this.#made++}`)
    rmSync(path, { force: true })
    await promisify(execFile)('mkfifo', ['-m', '600', path])
    return path
  }
}
