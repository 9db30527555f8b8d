import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { KappaError } from '#engine/errors'
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

export const javaAdvice = 'install Java 17 or later (Debian: apt install default-jre-headless), or set JAVA_HOME'
const oldest = 17

/** The version of the `java` that would run, e.g. `17.0.15`; `undefined` where there is none. */
export async function javaVersion(): Promise<{ readonly text: string; readonly enough: boolean } | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(javaCommand(), ['-version'])
    const text = /version "([^"]+)"/.exec(stderr + stdout)?.[1] ?? 'unknown version'
    return { text, enough: Number.parseInt(text, 10) >= oldest }
  } catch {
    return undefined
  }
}

/** Throws CONFIG_INVALID where Java is missing or too old. */
export async function requireJava(): Promise<void> {
  const version = await javaVersion()
  if (version?.enough === true) return
  const what = version === undefined ? `${javaCommand()} cannot be run` : `Java ${version.text} is too old`
  throw new KappaError('CONFIG_INVALID', `starting the local stack: ${what}; ${javaAdvice}`)
}
