import { fileURLToPath } from 'node:url'
import { typescriptFlags } from '../processes/typescript.ts'

/** Statements that run at the same time; further ones wait their turn. */
export const maxConcurrentStatements = 100

/**
 * How to start the process. Each running statement occupies a thread of libuv's pool, whose size is read from the
 * environment when the process starts and cannot be changed from inside: with the default of four, four slow queries
 * would hold up everybody else. `env` replaces itself by node, so the process id is the server's.
 */
export function clickhouseCommand(configFile: string): { file: string; args: string[] } {
  const threads = `UV_THREADPOOL_SIZE=${maxConcurrentStatements + 28}`
  const entry = fileURLToPath(new URL('main.ts', import.meta.url))
  return { file: '/usr/bin/env', args: [threads, process.execPath, ...typescriptFlags, entry, '--config', configFile] }
}
