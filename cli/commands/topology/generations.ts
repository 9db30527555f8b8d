import { connect } from 'node:net'
import { GenerationLog, inForceOf } from '#engine/replay'
import { systemClock } from '#engine/time'
import { loadAddresses } from '../../../deploy/config.ts'
import { openPlatform } from '../../platform.ts'

/** Which generation's topics a description names, and whether a broker said that it is the one in force. */
export interface ShownGeneration {
  readonly generation: number
  readonly inForce: boolean
}

const REACHED_MS = 500
const READ_MS = 5_000

/**
 * The generation of each processor that is in force, as the broker's log of decisions has it. Undefined where no broker answers at once:
 * a description needs none, and does not wait for one.
 */
export async function generationsInForce(): Promise<((processor: string) => ShownGeneration) | undefined> {
  if (!(await anyReached(brokersOf()))) return undefined
  const platform = openPlatform(() => {})
  const { broker, app } = platform
  const late = new AbortController()
  try {
    const records = await Promise.race([
      new GenerationLog({ broker, app, clock: systemClock }).all(),
      systemClock.sleep(READ_MS, late.signal).then(() => undefined),
    ])
    if (records === undefined) return undefined
    return (processor) => ({ generation: inForceOf(records, processor).generation, inForce: true })
  } catch {
    return undefined
  } finally {
    late.abort()
    await platform.close().catch(() => {})
  }
}

/** None where nothing says where Kafka is. */
function brokersOf(): readonly string[] {
  try {
    return loadAddresses().kafka.brokers
  } catch {
    return []
  }
}

async function anyReached(brokers: readonly string[]): Promise<boolean> {
  const reached = await Promise.all(brokers.map(isReached))
  return reached.includes(true)
}

const isReached = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) })
    const answered = (is: boolean) => () => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(REACHED_MS, answered(false))
    socket.once('connect', answered(true))
    socket.once('error', answered(false))
  })
