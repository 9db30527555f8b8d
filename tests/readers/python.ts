import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'

const run = promisify(execFile)
/** Readers of tables that share no code with us. */
const packages = ['duckdb>=1.2,<3', 'pyarrow>=17', 'pyiceberg[pyarrow]>=0.9,<1', 'pytz']

/** A Python with the readers in it, made once in the cache. Fails where Python or pip cannot make it. */
export async function pythonWithReaders(): Promise<string> {
  const folder = join(cacheFolder(), 'clients', 'python-readers-2')
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  mkdirSync(folder, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', folder])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  } catch (cause) {
    throw new Error('this test needs python3 with venv, and pip to install duckdb, pyarrow and pyiceberg', { cause })
  }
  writeFileSync(complete, '')
  return python
}

/** Runs a script of this folder, asking with JSON on its standard input; what it prints is JSON. */
export async function ask(script: string, question: unknown): Promise<Record<string, unknown>> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const answer = run(await pythonWithReaders(), [file], { timeout: 120_000, maxBuffer: 16 * 1024 * 1024 })
  answer.child.stdin?.end(JSON.stringify(question))
  return JSON.parse((await answer).stdout) as Record<string, unknown>
}
