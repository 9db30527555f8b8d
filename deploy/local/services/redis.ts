import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import { host, writePrivate } from '../settings.ts'
import type { LocalService } from './contract.ts'
import { ask } from './probes.ts'

const architectures: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Which of the carried binaries runs here, e.g. `linux-amd64`. */
const platform = `${process.platform}-${architectures[process.arch] ?? process.arch}`

/** Redis that has every acknowledged write on disk: it holds the keys that erasure destroys. */
export const redis: LocalService = {
  name: 'redis',
  java: false,
  part: { name: 'redis', how: 'unpack', entries: `redis-server-*-${platform}`, bytes: 11_300_000 },
  ports: ['redis'],
  stopWithin: 10_000,

  async prepare({ settings, folder }) {
    mkdirSync(folder, { recursive: true })
    const entries = [
      `bind ${host}`,
      `port ${settings.ports.redis}`,
      `requirepass ${settings.redis.password}`,
      `dir "${folder}"`,
      'appendonly yes',
      'appendfsync always',
      // The append-only file is the one copy: a snapshot would keep a destroyed key.
      'save ""',
      'daemonize no',
      'loglevel warning',
    ]
    writePrivate(join(folder, 'redis.conf'), `${entries.join('\n')}\n`)
  },

  launch: ({ folder, part }) => {
    const name = existsSync(part) ? readdirSync(part).find((entry) => entry.endsWith(platform)) : undefined
    if (name === undefined) {
      const advice = 'install redis-server and give its address in KAPPA_REDIS_URL'
      throw new KappaError('CONFIG_INVALID', `starting redis: no binary is carried for ${platform}; ${advice}`)
    }
    const binary = join(part, name)
    chmodSync(binary, 0o755)
    return { file: binary, args: [join(folder, 'redis.conf')] }
  },

  async probe({ ports, redis: { password } }) {
    const request = Buffer.from(`AUTH ${password}\r\nPING\r\n`)
    const answer = await ask(ports.redis, request, (bytes) => bytes.toString().split('\r\n').length > 2)
    if (answer.toString() !== '+OK\r\n+PONG\r\n') throw new Error(`redis answers ${answer.toString().trim()}`)
  },
}
