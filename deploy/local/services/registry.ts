import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { host } from '../settings.ts'
import type { LocalService } from './contract.ts'
import { java, lightJvm } from './java.ts'
import { get } from './probes.ts'

/** Apicurio Registry with its Confluent-compatible API; schemas and ids are kept in an H2 file. */
export const registry: LocalService = {
  name: 'registry',
  java: true,
  part: { name: 'registry', how: 'unpack', bytes: 142_000_000 },
  ports: ['registry'],
  stopWithin: 10_000,

  async prepare({ folder }) {
    mkdirSync(folder, { recursive: true })
  },

  launch: ({ settings, folder, part }) =>
    java({
      heap: 256,
      options: [
        ...lightJvm,
        `-Dquarkus.http.host=${host}`,
        `-Dquarkus.http.port=${settings.ports.registry}`,
        // WRITE_DELAY=0: an id that was answered is on disk, also after SIGKILL.
        `-Dquarkus.datasource.jdbc.url=jdbc:h2:file:${join(folder, 'schemas')};WRITE_DELAY=0`,
        '-Dquarkus.log.level=WARN',
        '-Dquarkus.log.console.json=false',
        '-Dquarkus.log.console.color=false',
        '-Dquarkus.banner.enabled=false',
      ],
      run: { jar: runnerIn(part) },
    }),

  async probe({ ports }) {
    const { status } = await get(ports.registry, '/apis/ccompat/v7/subjects')
    if (status !== 200) throw new Error(`the registry answers HTTP ${status}`)
  },
}

function runnerIn(folder: string): string {
  const jar = existsSync(folder) ? readdirSync(folder).find((name) => name.endsWith('-runner.jar')) : undefined
  return join(folder, jar ?? 'runner.jar')
}
