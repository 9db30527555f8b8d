import { join } from 'node:path'
import { reasonOf } from '#engine/errors'
import { type AtStep, type Deployment, startWorker, type TaskStatus, type Worker } from '#engine/runtime'
import type { FakeBroker } from '#engine/testing'
import type { Blow, Script } from '../script.ts'
import { allTaken, sourcePositions, told } from '../settled.ts'
import type { Network } from './network.ts'
import { SimulatedProcess } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'

const SESSION_MS = 2_000
const SETTLES_WITHIN_MS = 600_000

interface Hand {
  readonly process: SimulatedProcess
  /** Where it keeps state: whoever is started later finds what a dead one left there. */
  readonly folder: number
  worker: Worker | undefined
  strikes: { what: string; step: number; nth: number; stopForMs: number | undefined }[]
}

/** The workers of one run, and what happens to them. */
export class Crew {
  readonly #time: VirtualTime
  readonly #broker: FakeBroker
  readonly #network: Network
  readonly #deployment: Deployment
  readonly #settings: Script['settings']
  readonly #partitions: number
  readonly #stateFolder: string | undefined
  readonly #hands: Hand[] = []
  /** What went wrong that no blow explains. */
  #failure: string | undefined
  #made = 0
  blows = 0

  constructor(options: {
    readonly time: VirtualTime
    readonly broker: FakeBroker
    readonly network: Network
    readonly deployment: Deployment
    readonly settings: Script['settings']
    readonly partitions: number
    /** Holds a folder for each worker; undefined: none keeps state on disk. */
    readonly stateFolder: string | undefined
  }) {
    this.#time = options.time
    this.#broker = options.broker
    this.#network = options.network
    this.#deployment = options.deployment
    this.#settings = options.settings
    this.#partitions = options.partitions
    this.#stateFolder = options.stateFolder
  }

  get #alive(): Hand[] {
    return this.#hands.filter(({ process }) => process.state !== 'dead')
  }

  add(): void {
    const process = new SimulatedProcess(`worker-${++this.#made}`, this.#time)
    const taken = new Set(this.#alive.map(({ folder }) => folder))
    const folder = this.#hands.map(({ folder: left }) => left).find((left) => !taken.has(left)) ?? taken.size
    const stateFolder = this.#stateFolder === undefined ? {} : { stateFolder: join(this.#stateFolder, String(folder)) }
    const hand: Hand = { process, folder, worker: undefined, strikes: [] }
    this.#hands.push(hand)
    const starting = process.run(() =>
      startWorker({
        broker: this.#network.brokerFor(process),
        id: process.name,
        deployments: [this.#deployment],
        clock: this.#time,
        settings: { ...this.#settings, ...stateFolder },
        sessionTimeoutMs: SESSION_MS,
        atStep: this.#striking(hand),
      }),
    )
    starting.then(
      (worker) => {
        hand.worker = worker
      },
      (thrown) => {
        this.#failure ??= `${process.name} did not start: ${reasonOf(thrown)}`
      },
    )
  }

  apply(blow: Blow): void {
    this.blows++
    switch (blow.kind) {
      case 'add':
        this.add()
        return
      case 'outage':
        this.#network.interrupt(blow.forMs)
        return
      case 'slow':
        this.#network.slow(blow.forMs, blow.mostMs)
        return
      case 'commits end':
        this.#broker.failNextCommits(blow.how)
        return
      case 'expire':
        this.#broker.expireTransactions()
        return
    }
    const hand = this.#alive[blow.worker % this.#alive.length]
    if (!hand) return
    if (blow.kind === 'kill') this.#kill(hand)
    else if (blow.kind === 'remove') this.#remove(hand)
    else if (blow.kind === 'stop') this.#stop(hand, blow.forMs)
    else if (blow.kind === 'strike') hand.strikes.push({ ...blow })
  }

  /** From here on nobody is disturbed: who is stopped goes on, and somebody is there. */
  heal(): void {
    this.#network.heal()
    for (const hand of this.#alive) {
      hand.strikes = []
      hand.process.go()
    }
    if (this.#alive.length === 0) this.add()
  }

  /** Resolves when everything written was taken and nothing more comes. */
  async settle(): Promise<void> {
    const until = this.#time.now() + SETTLES_WITHIN_MS
    for (let quiet = 0, before = ''; quiet < 3; ) {
      await this.#time.sleep(3_000)
      if (this.#failure) throw new Error(this.#failure)
      const statuses = await this.#statuses()
      const now = sourcePositions(this.#deployment, statuses)
      quiet = allTaken(this.#deployment, this.#partitions, statuses) && now === before ? quiet + 1 : 0
      before = now
      if (this.#time.now() > until) throw new Error(`it does not come to rest: ${told(statuses)}`)
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#alive.map(({ process, worker }) => process.run(() => worker?.stop())))
  }

  #striking(hand: Hand): AtStep {
    return (what, step) => {
      const index = hand.strikes.findIndex((strike) => strike.what === what && strike.step === step && --strike.nth < 1)
      const [strike] = index === -1 ? [] : hand.strikes.splice(index, 1)
      if (!strike) return
      if (strike.stopForMs === undefined) this.#kill(hand)
      else this.#stop(hand, strike.stopForMs)
      return hand.process.receive(Promise.resolve())
    }
  }

  /** Somebody starts it again, a moment later, unless others are left. */
  #kill({ process }: Hand): void {
    process.kill()
    if (this.#alive.length > 1) return
    this.#time.as(undefined, () => void this.#time.sleep(200).then(() => this.add()))
  }

  #stop({ process }: Hand, forMs: number): void {
    process.stop()
    this.#time.as(undefined, () => void this.#time.sleep(forMs).then(() => process.go()))
  }

  #remove(hand: Hand): void {
    if (!hand.worker || hand.process.state !== 'running') return
    const { worker, process } = hand
    process
      .run(() => worker.stop())
      .then(
        () => process.kill(),
        (thrown) => {
          this.#failure ??= `${process.name} did not stop: ${reasonOf(thrown)}`
        },
      )
    if (this.#alive.length === 1) this.add()
  }

  async #statuses(): Promise<TaskStatus[]> {
    const asked = this.#alive.map(async ({ process, worker }) =>
      worker ? await process.run(() => worker.status(true)) : [],
    )
    return (await Promise.all(asked)).flat()
  }
}
