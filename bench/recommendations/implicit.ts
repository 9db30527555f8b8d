import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'
import type { Sparse } from '../../models/recommendations/index.ts'
import { NDCG } from './measures.ts'

const run = promisify(execFile)
const PACKAGE = 'implicit==0.7.3'

/** A Python with `implicit`, made once in the cache. */
export async function pythonWithImplicit(): Promise<string> {
  const folder = join(cacheFolder(), 'bench', `python-${PACKAGE.replace('==', '-')}`)
  const [python, complete] = [join(folder, 'bin', 'python'), join(folder, 'complete')]
  if (existsSync(complete)) return python
  mkdirSync(folder, { recursive: true })
  await run('python3', ['-m', 'venv', folder])
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE])
  writeFileSync(complete, '')
  return python
}

export interface ImplicitSettings {
  readonly factors: number
  readonly regularization: number
  readonly alpha: number
  readonly iterations: number
  readonly random_state: number
}

export interface Lists {
  /** Seconds of CPU that training took. */
  readonly seconds: number
  readonly version: string
  readonly fresh: readonly Int32Array[]
  readonly later: readonly Int32Array[]
}

/** What `implicit` recommends, trained by itself on one thread; `matrix` holds what it takes for confidences. */
export async function implicitLists(python: string, matrix: Sparse, settings: ImplicitSettings): Promise<Lists> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-implicit-'))
  try {
    const file = (name: string): string => join(folder, name)
    writeFileSync(file('starts'), matrix.starts)
    writeFileSync(file('columns'), matrix.at)
    writeFileSync(file('confidences'), matrix.times)
    const asked = { starts: file('starts'), columns: file('columns'), confidences: file('confidences') }
    const answers = { fresh: file('fresh'), later: file('later') }
    const told = await ask(python, { ...asked, ...answers, shape: [matrix.rows, matrix.columns], settings })
    const lists = (path: string): Int32Array[] => {
      const bytes = readFileSync(path)
      const all = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
      return Array.from({ length: matrix.rows }, (_, row) => all.subarray(row * NDCG, (row + 1) * NDCG))
    }
    return { ...told, fresh: lists(answers.fresh), later: lists(answers.later) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function ask(python: string, question: object): Promise<{ readonly seconds: number; readonly version: string }> {
  const script = fileURLToPath(new URL('peer.py', import.meta.url))
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' }
  const child = spawn(python, ['-B', script], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (piece: Buffer) => (out += piece))
  child.stdin.end(JSON.stringify(question))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`implicit ended with ${code}`)),
    )
  })
}
