import { GenerationLog, inForceOf } from '#engine/replay'
import { systemClock } from '#engine/time'
import type { Platform } from '../../platform.ts'
import { processors } from '../../processors.ts'

/** Records that processors have not taken yet, over all their source topics; undefined where no group has reported. */
export async function lagOf({ broker, app }: Platform): Promise<number | undefined> {
  const records = await new GenerationLog({ broker, app, clock: systemClock }).all()
  const inputs = processors.flatMap(({ plan }) => {
    const { generation } = inForceOf(records, plan.name)
    return plan.inputs.map(({ topic }) => ({ topic, group: `${app}-${plan.name}-g${generation}-source` }))
  })
  const lags = await Promise.all(
    inputs.map(async ({ topic, group }) => {
      const [positions, ends] = await Promise.all([
        broker.admin.groupPositions(group, topic.name),
        broker.admin.committedEnds(topic.name),
      ])
      if (positions.every((position) => position < 0)) return undefined
      return ends.reduce((sum, end, partition) => sum + Math.max(0, end - Math.max(0, positions[partition] ?? 0)), 0)
    }),
  )
  const known = lags.filter((lag) => lag !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, lag) => sum + lag, 0)
}
