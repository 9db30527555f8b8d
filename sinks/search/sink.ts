import { type Broker, follow, type KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type Registry, readable } from '#engine/schema'
import type { Clock } from '#engine/time'
import { type CatalogueItem, catalogueItems } from '#schemas'
import { type IndexedProduct, ProductIndex } from './product-index.ts'

export interface ProductSinkOptions {
  readonly broker: Broker
  readonly registry: Registry
  readonly clock: Clock
  /** Kafka or the registry is away (with the reason), or back: told once each. */
  readonly onState?: (away: string | undefined) => void
}

/**
 * Keeps an index of the catalogue in memory: every process that searches has its own, filled from the first record of
 * `inventory.catalogue-items.v1` (which is compacted: the latest row of each product stays) and then kept at its end. So
 * nothing is to be backed up, and a change is found as soon as it is committed and read.
 */
export class ProductSink {
  readonly index = new ProductIndex()
  readonly #options: ProductSinkOptions
  readonly #decoder
  readonly #toJson = readable(catalogueItems)
  #ready = false

  constructor(options: ProductSinkOptions) {
    this.#options = options
    this.#decoder = options.registry.decoder<CatalogueItem>(catalogueItems)
  }

  /** Everything that was there at the start is in the index. */
  get ready(): boolean {
    return this.#ready
  }

  /** Until `signal` aborts; what is away is tried again. */
  run(signal: AbortSignal): Promise<void> {
    const { broker, clock, onState } = this.#options
    return follow({
      ...{ broker, clock, signal, from: 'beginning', topics: [catalogueItems.name] },
      take: async (records) => {
        for (const record of records) await this.#take(record)
      },
      onCaughtUp: () => {
        this.#ready = true
      },
      ...(onState === undefined ? {} : { onState }),
    })
  }

  /** A product stays in its partition, so its offsets say which row is later. */
  async #take({ key, value, offset }: KafkaRecord): Promise<void> {
    if (value === null) return this.index.remove(key?.toString('utf8') ?? '', offset)
    const product = await this.#productOf(value)
    if (product !== undefined) this.index.put(product, offset)
  }

  /** Undefined where the bytes are no row: other sinks keep such records as dead letters. */
  async #productOf(value: Buffer): Promise<IndexedProduct | undefined> {
    try {
      const id = this.#decoder.idOf(value)
      if (!this.#decoder.knows(id)) await this.#decoder.learn(id)
      const { productId, name, category, listPrice, supplier } = this.#toJson({ ...this.#decoder.decode(value) })
      const text = { name: String(name), category: String(category), supplier: String(supplier) }
      return { productId: String(productId), listPrice: String(listPrice), ...text }
    } catch (thrown) {
      if (thrown instanceof KappaError && !thrown.retriable) return undefined
      throw thrown
    }
  }
}
