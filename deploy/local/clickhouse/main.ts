import { parseArgs } from 'node:util'
import { KappaError, reasonOf } from '#engine/errors'
import { readConfig } from './config.ts'
import { ClickHouseServer } from './server.ts'

/*
 * node --import tsx main.ts --config <file.json>
 * Answers GET /ping once it is ready. SIGTERM and SIGINT let inserts finish and close the engine. Exit codes: 0 stopped,
 * 1 failed, 2 the config, its port or its data folder cannot be used.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  if (values.config === undefined) throw new KappaError('CONFIG_INVALID', 'starting ClickHouse: --config is missing')
  const server = new ClickHouseServer(readConfig(values.config))
  const port = await server.listen()
  process.stdout.write(`ClickHouse ${server.version} answers on port ${port}\n`)
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      server.close().then(() => process.exit(0), end)
    })
  }
}

function end(thrown: unknown): void {
  process.stderr.write(`${reasonOf(thrown)}\n`)
  const unusable =
    thrown instanceof KappaError || (thrown as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
  process.exit(unusable ? 2 : 1)
}

main().catch(end)
