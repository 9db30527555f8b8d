import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that lives as long as its request. */
export interface SpoolFile {
  readonly path: string
  remove(): Promise<void>
}

/** Hands out names of files in a folder that is emptied at each start. */
export class Spool {
  readonly #folder: string
  #next = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  file(): SpoolFile {
    const path = join(this.#folder, `body-${this.#next++}`)
    return { path, remove: () => rm(path, { force: true }) }
  }
}
