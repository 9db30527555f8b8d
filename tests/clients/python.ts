import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'

export const run = promisify(execFile)
const client = 'clickhouse-connect==1.12.0'
/** Whatever pandas and pyarrow this machine's Python can have. */
const packages = [client, 'pandas>=2,<4', 'pyarrow>=17']

/** A Python with ClickHouse's own client, pandas and pyarrow, made once in the cache. Fails where Python or pip cannot make it. */
export async function pythonWithClient(): Promise<string> {
  const folder = join(cacheFolder(), 'clients', `python-${client.replace('==', '-')}`)
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  mkdirSync(folder, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', folder])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  } catch (cause) {
    throw new Error('this test needs python3 with venv, and pip to install clickhouse-connect', { cause })
  }
  writeFileSync(complete, '')
  return python
}
