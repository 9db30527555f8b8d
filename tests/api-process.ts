import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('../cli/kappa.mjs', import.meta.url))

/** A running `kappa api`, with the token of its first start. */
export interface RunningApi {
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>
  /** Stops it as Ctrl-C does; its exit code. */
  stop(): Promise<number>
}

export async function startApi(folder: string): Promise<RunningApi> {
  const child = spawn(process.execPath, [entry, 'api', '--port', '0'], {
    env: { ...process.env, KAPPA_DATA: folder, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { out: '', err: '' }
  const [url, token] = await new Promise<[string, string]>((resolve, reject) => {
    const look = () => {
      const found = /"url":"([^"]+)"/.exec(text.out)?.[1]
      const shown = /(kappa_\w{12}_[\w-]{43})/.exec(text.err)?.[1]
      if (found !== undefined && shown !== undefined) resolve([found, shown])
    }
    child.stdout.on('data', (piece: Buffer) => {
      text.out += piece
      look()
    })
    child.stderr.on('data', (piece: Buffer) => {
      text.err += piece
      look()
    })
    child.once('close', (code) => reject(new Error(`kappa api ended with ${code}: ${text.out}${text.err}`)))
  })
  return {
    get: (path, headers = {}) =>
      fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}`, connection: 'close', ...headers } }),
    async stop() {
      const ended = once(child, 'close')
      child.kill('SIGINT')
      const [code] = (await ended) as [number]
      return code
    },
  }
}
