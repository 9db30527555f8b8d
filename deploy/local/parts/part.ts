import { fileURLToPath } from 'node:url'

/** Software that the package client brings on first use; its version is pinned in the pom of the same name beside this file. */
export interface Part {
  readonly name: 'kafka' | 'registry' | 's3' | 'redis'
  /** `copy`: the jars of the pom's whole dependency tree. `unpack`: what lies inside its one archive. */
  readonly how: 'copy' | 'unpack'
  /** Which entries of the archive are unpacked; all where left out. */
  readonly entries?: string
  /** About how much is downloaded where nothing is cached: the length of the progress bar. */
  readonly bytes: number
}

/** A file of this folder. */
export const partFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
