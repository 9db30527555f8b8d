import { setTimeout as pause } from 'node:timers/promises'
import type { Broker } from '#engine/broker'
import { connectRegistry } from '#engine/schema'
import { type MaskedClick, maskedClicks } from '#schemas'

const TICK_MS = 50

/** Clicks at a steady rate, until they are stopped. */
export class Traffic {
  /** Acknowledged by Kafka. */
  sent = 0
  private stopped = false
  private readonly running: Promise<void>

  private constructor(running: (traffic: Traffic) => Promise<void>) {
    this.running = running(this)
  }

  static async begin(broker: Broker, registryUrl: string, perSecond: number): Promise<Traffic> {
    const registry = connectRegistry({ url: registryUrl })
    const schemaId = await registry.register(maskedClicks)
    await registry.close()
    const producer = await broker.producer()
    return new Traffic(async (traffic) => {
      const began = performance.now()
      for (let made = 0; !traffic.stopped; ) {
        const due = Math.floor(((performance.now() - began) / 1_000) * perSecond)
        for (; made < due; made++) {
          const value = clickOf(made)
          const key = Buffer.from(maskedClicks.keyOf(value))
          await producer.send({ topic: maskedClicks.name, key, value: maskedClicks.frame(schemaId, value) })
        }
        await producer.flush()
        traffic.sent = made
        await pause(TICK_MS)
      }
      await producer.close()
    })
  }

  /** Everything sent is acknowledged when it resolves. */
  async stop(): Promise<number> {
    this.stopped = true
    await this.running
    return this.sent
  }
}

/** Any value of the contract, whatever its fields are. */
function clickOf(i: number): MaskedClick {
  const fields = maskedClicks.contract.fields.map(({ name, type, nullable }) => {
    if (nullable) return [name, null]
    if (type.kind === 'enum') return [name, type.symbols[0]]
    if (type.kind === 'timestamp') return [name, 1_735_689_600_000 + i]
    if (type.kind === 'string') return [name, `${name}-${i}`]
    return [name, type.kind === 'decimal' ? BigInt(i) : type.kind === 'boolean' ? false : i]
  })
  return Object.fromEntries(fields) as MaskedClick
}
