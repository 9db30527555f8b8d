import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clickhouseCommand } from '../clickhouse/command.ts'
import { host, writePrivate } from '../settings.ts'
import type { LocalService } from './contract.ts'
import { get } from './probes.ts'

const entry = fileURLToPath(new URL('../clickhouse/main.ts', import.meta.url))

/** ClickHouse's engine behind ClickHouse's HTTP interface: one Node process that holds the data folder. */
export const clickhouse: LocalService = {
  name: 'clickhouse',
  java: false,
  ports: ['clickhouse'],
  stopWithin: 20_000,

  async prepare({ settings, folder }) {
    mkdirSync(folder, { recursive: true })
    const { username, password, reader } = settings.clickhouse
    const config = {
      host,
      port: settings.ports.clickhouse,
      dataFolder: join(folder, 'data'),
      users: [
        { name: username, password, readonly: false },
        { name: reader.username, password: reader.password, readonly: true },
      ],
    }
    writePrivate(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
  },

  launch: ({ folder }) => clickhouseCommand(join(folder, 'config.json')),

  async probe({ ports }) {
    const { status, body } = await get(ports.clickhouse, '/ping')
    if (status !== 200 || body !== 'Ok.\n') throw new Error(`ClickHouse answers HTTP ${status}`)
  },
}

export const clickhouseIsBuilt = (): boolean => existsSync(entry)
