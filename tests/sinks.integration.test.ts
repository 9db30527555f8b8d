import { after, before } from 'node:test'
import { alteredArchive, alteredRow, rebuiltTable } from './sinks/altered-cases.ts'
import { killedAtRandom, quietTopic } from './sinks/killed-cases.ts'
import { Sinks } from './sinks/sinks-fixture.ts'

// Both sinks as processes of their own on the real stack, killed at moments that chance picks, and ClickHouse with them.

let installation: Sinks | undefined
before(async () => {
  installation = await Sinks.install()
})
after(() => installation?.close())

function sinks(): Sinks {
  if (installation === undefined) throw new Error('the stack did not start')
  return installation
}

// One after the other, on the same stack.
for (const registered of [killedAtRandom, quietTopic, alteredRow, rebuiltTable, alteredArchive]) registered(sinks)
