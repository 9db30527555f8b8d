import { type LaneStep, Sink } from '#engine/delivery'
import { reasonOf } from '#engine/errors'
import type { AnyTopic, Registry } from '#engine/schema'
import type { FakeBroker } from '#engine/testing'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import { BronzeArchive, S3Destination } from '../../../sinks/s3/index.ts'
import type { Random } from '../../crash/random.ts'
import type { Network } from '../../crash/simulated/network.ts'
import { SimulatedProcess } from '../../crash/simulated/process.ts'
import type { VirtualTime } from '../../crash/simulated/virtual-time.ts'
import type { Blow, Script, StoreName } from '../script.ts'
import { storeNames } from '../script.ts'
import type { FakeBucket } from './bucket.ts'
import type { FakeClickHouse } from './clickhouse.ts'
import type { StoreWay } from './way.ts'

type Strike = Extract<Blow, { kind: 'strike' }>

/** A process that runs one sink. */
interface Hand {
  readonly process: SimulatedProcess
  readonly store: StoreName
  readonly stop: AbortController
  sink: Sink | undefined
  /** It was asked to end. */
  leaving: boolean
  readonly strikes: (Omit<Strike, 'nth'> & { nth: number })[]
}

export interface World {
  readonly time: VirtualTime
  readonly broker: FakeBroker
  readonly network: Network
  readonly ways: Readonly<Record<StoreName, StoreWay>>
  readonly clickhouse: FakeClickHouse
  readonly bucket: FakeBucket
  readonly registry: Registry
  readonly topics: readonly AnyTopic[]
  readonly script: Script
  readonly random: Random
}

export const APP = 'crash'

/** The sink processes of a run, and what happens to them. */
export class SinkCrew {
  readonly #world: World
  readonly #hands: Hand[] = []
  #made = 0
  blows = 0
  /** What went wrong that no blow explains. */
  failure: string | undefined
  /** Lanes that stopped because their topic is another one, as the operator is told. */
  readonly madeAnew = new Set<string>()
  expectsMadeAnew = false

  constructor(world: World) {
    this.#world = world
  }

  get #alive(): Hand[] {
    return this.#hands.filter(({ process }) => process.state !== 'dead')
  }

  add(store: StoreName): void {
    const { time, network, script, registry, topics } = this.#world
    const process = new SimulatedProcess(`${store}-${++this.#made}`, time)
    const hand: Hand = { process, store, stop: new AbortController(), sink: undefined, leaving: false, strikes: [] }
    this.#hands.push(hand)
    const sink = new Sink({
      app: APP,
      destination: this.#destination(hand),
      topics,
      limits: { rows: script.rows, bytes: 1_000_000, ageMs: script.ageMs },
      lanes: script.lanes,
      broker: network.brokerFor(process),
      registry,
      archive: new BronzeArchive(this.#world.bucket.storeFor(process, this.#world.ways.s3)),
      clock: time,
      random: () => this.#world.random.fraction(),
      notify: ({ topic, lane, reason }, event) => {
        if (event.kind !== 'stopped') return
        const place = `${store}|${topic}|${lane}`
        if (this.expectsMadeAnew) this.madeAnew.add(place)
        else this.failure ??= `${process.name}: ${place} failed: ${reason}`
      },
      atStep: this.#striking(hand),
    })
    hand.sink = sink
    process
      .run(() => sink.run(hand.stop.signal))
      .then(
        () => process.kill(),
        (thrown) => {
          this.failure ??= `${process.name} ended: ${reasonOf(thrown)}`
        },
      )
  }

  #destination({ process, store }: Hand) {
    const { registry, clickhouse, bucket, ways } = this.#world
    if (store === 'clickhouse') {
      const client = clickhouse.clientFor(process, ways.clickhouse)
      return new ClickHouseDestination({ address: { url: '', username: '', password: '' }, registry, client })
    }
    const address = { endpoint: '', region: '', bucket: '', accessKeyId: '', secretAccessKey: '' }
    return new S3Destination({ address, registry, silverOf: () => 'month', store: bucket.storeFor(process, ways.s3) })
  }

  apply(blow: Exclude<Blow, { kind: 'retention' }>): void {
    this.blows++
    const { network, broker, ways } = this.#world
    switch (blow.kind) {
      case 'storm':
        for (let n = 0; n < blow.count; n++) for (const store of storeNames) this.add(store)
        return
      case 'outage':
        network.interrupt(blow.forMs)
        return
      case 'slow':
        network.slow(blow.forMs, blow.mostMs)
        return
      case 'commits end':
        broker.failNextCommits(blow.how)
        return
      case 'expire':
        broker.expireTransactions()
        return
      case 'store away':
        ways[blow.store].leave(blow.forMs, blow.hangs)
        return
      case 'store slow':
        ways[blow.store].slow(blow.forMs, blow.mostMs)
        return
      case 'store fails':
        ways[blow.store].fail(blow.how)
        return
    }
    const hand = this.#alive[blow.process % this.#alive.length]
    if (hand === undefined) return
    if (blow.kind === 'kill') this.#kill(hand)
    else if (blow.kind === 'stop') this.#stop(hand, blow.forMs)
    else if (blow.kind === 'strike') hand.strikes.push({ ...blow })
    else this.#remove(hand)
  }

  /** From here on nothing is in the way, and of each sink one process is there. */
  heal(): void {
    this.#world.network.heal()
    for (const way of Object.values(this.#world.ways)) way.heal()
    for (const hand of this.#alive) {
      hand.strikes.length = 0
      // Going on sooner than after a lease, it could meet a window that others have overflowed.
      if (this.#world.script.overflows && hand.process.state === 'stopped') hand.process.kill()
      else hand.process.go()
    }
    for (const store of storeNames) {
      const [kept, ...others] = this.#alive.filter((hand) => hand.store === store && !hand.leaving)
      if (kept === undefined) this.add(store)
      // As many as there are would take the lanes from one another for ever.
      for (const other of others) this.#kill(other)
    }
  }

  /** How the lanes are that have not ended, for the message when they do not come to rest. */
  told(): string {
    const lanes = this.#alive.flatMap(({ process, sink }) =>
      (sink?.status ?? []).map(
        ({ topic, lane, generation, state, reason, cut }) =>
          `${process.name} ${process.state} ${topic} lane ${lane} g${generation} ${state} cut ${cut} ${reason ?? ''}`,
      ),
    )
    return lanes.join('; ')
  }

  /** Kills the processes of one sink that run, acts when nothing of them is on its way, and starts one again. */
  async without(store: StoreName, act: () => void): Promise<void> {
    const own = this.#alive.filter((hand) => hand.store === store && hand.process.state === 'running')
    for (const { process } of own) process.kill()
    await this.#world.time.sleep(20)
    act()
    this.add(store)
  }

  /** All processes end, at once. */
  end(): void {
    for (const hand of this.#alive) hand.process.kill()
  }

  #striking(hand: Hand): (step: LaneStep) => void | Promise<void> {
    return (step) => {
      const index = hand.strikes.findIndex((strike) => strike.step === step && --strike.nth < 1)
      const [strike] = index === -1 ? [] : hand.strikes.splice(index, 1)
      if (strike === undefined) return
      if (strike.stopForMs === undefined) this.#kill(hand)
      else this.#stop(hand, strike.stopForMs)
      return hand.process.receive(Promise.resolve())
    }
  }

  /** Somebody starts it again, a moment later, unless others are left. */
  #kill({ process, store }: Hand): void {
    process.kill()
    if (this.#alive.some((hand) => hand.store === store && !hand.leaving)) return
    const { time } = this.#world
    time.as(undefined, () => void time.sleep(200).then(() => this.add(store)))
  }

  #stop({ process, store }: Hand, forMs: number): void {
    process.stop()
    const { time } = this.#world
    time.as(undefined, () => void time.sleep(forMs).then(() => process.go()))
    // Whoever watches over processes takes it for dead, and starts another.
    if (!this.#alive.some((hand) => hand.store === store && !hand.leaving && hand.process.state === 'running'))
      this.add(store)
  }

  #remove(hand: Hand): void {
    if (hand.leaving) return
    hand.leaving = true
    hand.process.run(() => hand.stop.abort())
    this.add(hand.store)
  }
}
