import { join } from 'node:path'
import { javaCommand } from '../../config.ts'
import type { Launch } from './contract.ts'

export interface Program {
  /** Largest heap in MB. */
  readonly heap: number
  readonly options?: readonly string[]
  /** A folder of jars and the main class in it, or one runnable jar. */
  readonly run: { readonly jars: string; readonly main: string } | { readonly jar: string }
  readonly args?: readonly string[]
}

/** A Java program with a small heap. */
export function java(program: Program): Launch {
  const what = 'jar' in program.run ? ['-jar', program.run.jar] : ['-cp', join(program.run.jars, '*'), program.run.main]
  return {
    file: javaCommand(),
    args: [
      `-Xmx${program.heap}m`,
      '-XX:+ExitOnOutOfMemoryError',
      '-Djava.awt.headless=true',
      '-Duser.timezone=UTC',
      ...(program.options ?? []),
      ...what,
      ...(program.args ?? []),
    ],
  }
}

/** For programs that are not the bottleneck: the start is quicker and the process smaller with the light compiler. */
export const lightJvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'] as const
