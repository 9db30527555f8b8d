import { GenerationLog, inForceOf } from '#engine/replay'
import { systemClock } from '#engine/time'
import type { Platform } from '../../platform.ts'
import { processors } from '../../processors.ts'

/** Records that processors have not taken yet, over all their source topics; undefined where no group has reported. */
export async function lagOf({ broker, app }: Platform): Promise<number | undefined> {
  const records = await new GenerationLog({ broker, app, clock: systemClock }).all()
  let lag: number | undefined
  for (const { plan } of processors) {
    const { generation } = inForceOf(records, plan.name)
    for (const { topic } of plan.inputs) {
      const group = `${app}-${plan.name}-g${generation}-source`
      const [positions, ends] = await Promise.all([
        broker.admin.groupPositions(group, topic.name),
        broker.admin.committedEnds(topic.name),
      ])
      if (positions.every((position) => position < 0)) continue
      lag = ends.reduce(
        (sum, end, partition) => sum + Math.max(0, end - Math.max(0, positions[partition] ?? 0)),
        lag ?? 0,
      )
    }
  }
  return lag
}
