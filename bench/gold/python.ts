import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'
import { type GoldRow, parquetGold } from './rows.ts'

const run = promisify(execFile)
const PACKAGES = ['pandas==3.1.1', 'pyarrow==26.0.1', 'pyspark==4.1.4'] as const
/** A program that takes longer is ended. */
const MOST_MS = 180_000

/** A Python with pandas and Spark, made once in the cache: some 450 MB are fetched. */
export async function pythonWithPeers(tell: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), 'bench', `python-${PACKAGES.join('-').replaceAll('==', '-')}`)
  const [python, complete] = [join(folder, 'bin', 'python'), join(folder, 'complete')]
  if (existsSync(complete)) return python
  tell(`installing ${PACKAGES.join(', ')} into the cache, once`)
  mkdirSync(folder, { recursive: true })
  await run('python3', ['-m', 'venv', folder])
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES])
  writeFileSync(complete, '')
  return python
}

export interface PeerQuestion {
  readonly transactions: string
  readonly products: string
  /** Days of the stores, both included. */
  readonly from: string
  readonly to: string
}

export interface PeerAnswer {
  readonly rows: readonly GoldRow[]
  /** From the start of the process to its end. */
  readonly wholeSeconds: number
  /** What the program itself says of its work: without the interpreter's start and its modules. */
  readonly workSeconds: number
  /** Until Spark's session stood; part of the work. */
  readonly sessionSeconds?: number
  readonly cpuSeconds: number
  readonly version: string
}

interface Told {
  readonly seconds: number
  readonly sessionSeconds?: number
  readonly cpuSeconds: number
  readonly version: string
}

/** Runs one program in `scratch`, and reads the table that it wrote. */
export async function askPeer(
  python: string,
  script: 'with_pandas.py' | 'with_spark.py',
  question: PeerQuestion & { readonly workers?: number },
  scratch: string,
): Promise<PeerAnswer> {
  const out = join(scratch, 'gold.parquet')
  rmSync(out, { recursive: true, force: true })
  const begun = performance.now()
  const { seconds, ...told } = await ask(python, script, { ...question, out, scratch }, scratch)
  const wholeSeconds = (performance.now() - begun) / 1_000
  const files = statSync(out).isDirectory()
    ? readdirSync(out).flatMap((name) => (name.endsWith('.parquet') ? [join(out, name)] : []))
    : [out]
  const rows = (await Promise.all(files.map(parquetGold))).flat()
  return { ...told, workSeconds: seconds, wholeSeconds, rows }
}

function ask(python: string, script: string, question: object, scratch: string): Promise<Told> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const env = { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', SPARK_LOCAL_DIRS: scratch, PYSPARK_PYTHON: python }
  // A group of its own: with the program its JVM ends, too.
  const child = spawn(python, ['-B', path], { env, cwd: scratch, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const text = { out: '', err: '' }
  child.stdout.on('data', (piece: Buffer) => (text.out += piece))
  child.stderr.on('data', (piece: Buffer) => (text.err = `${text.err}${piece}`.slice(-8_000)))
  child.stdin.end(JSON.stringify(question))
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It is gone.
    }
  }
  const timer = setTimeout(end, MOST_MS)
  process.once('exit', end)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      process.removeListener('exit', end)
      end()
      if (code === 0) resolve(JSON.parse(text.out.trim().split('\n').at(-1) ?? '') as Told)
      else reject(new Error(`${script} ended with ${code}: ${text.err}`))
    })
  })
}
