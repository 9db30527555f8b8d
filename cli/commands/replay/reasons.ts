import { type GenerationRecord, inForceOf } from '#engine/replay'
import { layoutChanges } from '#engine/runtime'
import { inForceNow, type Session } from './session.ts'

/** How the code that was replayed is known to differ from the code of the generation in force: why rows may differ. */
export async function reasonsOf(session: Session, started: GenerationRecord): Promise<readonly string[]> {
  const { generation, started: live } = inForceOf(await session.log.all(), started.processor)
  const changes = await layoutChanges(session.platform.broker, await inForceNow(session))
  return [
    ...(live !== undefined && live.version !== started.version
      ? [`code changed: v${generation} is of version ${live.version}, v${started.generation} of ${started.version}`]
      : []),
    ...Object.values(started.sources ?? {}).map(
      (topic) =>
        `read from ${topic}: what live time decided about the topic before (idle inputs) is not recorded for it`,
    ),
    ...changes.map((change) => `code changed since v${generation}: ${change}`),
  ]
}
