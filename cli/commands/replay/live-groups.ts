import { compile } from '#engine/compile'
import { inForceOf, type LiveGroup } from '#engine/replay'
import { names } from '#engine/runtime'
import { processors } from '../../processors.ts'
import type { Session } from './session.ts'

/** The groups of every processor, stage by stage, as the generation that is in force. */
export async function liveGroups({ log, platform }: Session): Promise<readonly LiveGroup[]> {
  const [records, there] = [await log.all(), await platform.broker.admin.topics()]
  return processors.flatMap(({ plan }) => {
    const { generation } = inForceOf(records, plan.name)
    const of = { app: platform.app, processor: plan.name, generation }
    return compile(plan).map(({ name, inputs }) => ({
      name: plan.name,
      group: names.group(of, name),
      topics: inputs.map((input) => names.input(of, input)).filter((topic) => there.has(topic)),
    }))
  })
}
