import type { Assignment, Member, Position, TopicPartition } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { FakeReader } from './clients.ts'
import type { FakeCluster } from './cluster.ts'

type Handler = (partitions: readonly TopicPartition[]) => Promise<void>

/**
 * A group in memory: eager, range-assigned by member id (by joining where there are none); every joining and leaving takes
 * all partitions away and deals them anew.
 */
export class FakeGroup {
  readonly #cluster: FakeCluster
  readonly #members: FakeMember[] = []
  #generation = 0
  #rebalancing: Promise<void> = Promise.resolve()

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster
  }

  join(member: FakeMember): void {
    this.#members.push(member)
    this.#rebalance()
  }

  /** Also for a member that was silent for its session: the others no longer wait for it. */
  leave(member: FakeMember): void {
    const index = this.#members.indexOf(member)
    if (index >= 0) this.#members.splice(index, 1)
    this.#rebalance()
  }

  #rebalance(): void {
    this.#rebalancing = this.#rebalancing.then(async () => {
      await Promise.all(this.#members.map((member) => Promise.race([member.revoked(), member.gone])))
      this.#generation++
      const members = [...this.#members].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      for (const [index, member] of members.entries())
        member.assigned({ generation: this.#generation, partitions: this.#share(member, index, members.length) })
    })
  }

  /** Consecutive partition numbers of every topic, as Kafka's range assignor deals them. */
  #share(member: FakeMember, index: number, members: number): TopicPartition[] {
    return member.topics.flatMap((topic) => {
      const count = this.#cluster.logsOf(topic).length
      const each = Math.floor(count / members)
      const extra = count % members
      const first = index * each + Math.min(index, extra)
      return Array.from({ length: each + (index < extra ? 1 : 0) }, (_, i) => ({ topic, partition: first + i }))
    })
  }
}

interface FakeMemberOptions {
  readonly cluster: FakeCluster
  readonly group: FakeGroup
  readonly name: string
  readonly topics: readonly string[]
  /** Empty where none was given. */
  readonly id: string
  readonly pick: (count: number) => number
  readonly sessionTimeoutMs: number
}

export class FakeMember extends FakeReader implements Member {
  readonly topics: readonly string[]
  readonly id: string
  /** Resolves when the group goes on without the member. */
  gone: Promise<void>
  readonly #options: FakeMemberOptions
  #assignment: Assignment = { generation: 0, partitions: [] }
  #onRevoked: Handler = async () => {}
  #onAssigned: Handler = async () => {}
  #left = false
  #evicted = false
  #silent = false
  #session: NodeJS.Timeout | undefined
  #go: () => void = () => {}

  constructor(options: FakeMemberOptions) {
    super(options.cluster, options.pick)
    this.#options = options
    this.topics = options.topics
    this.id = options.id
    this.gone = this.#untilGone()
    options.group.join(this)
  }

  assignment(): Assignment {
    return this.#assignment
  }

  onRevoked(handler: Handler): void {
    this.#onRevoked = handler
  }

  onAssigned(handler: Handler): void {
    this.#onAssigned = handler
    if (this.#assignment.partitions.length > 0) void handler(this.#assignment.partitions)
  }

  async report(positions: readonly Position[]): Promise<void> {
    const { cluster, name } = this.#options
    const held = (at: Position) =>
      this.#assignment.partitions.some(({ topic, partition }) => topic === at.topic && partition === at.partition)
    if (this.#left || this.#evicted || !positions.every(held))
      throw new KappaError('FENCED', `reporting positions to ${name}: not a member with these partitions`)
    cluster.report(name, positions)
  }

  override async close(): Promise<void> {
    if (this.#left) return
    this.#left = true
    clearTimeout(this.#session)
    await super.close()
    this.#go()
    this.#options.group.leave(this)
  }

  /** Its process is dead or stopped: unless it speaks again, the group goes on without it when its session is over. */
  fallSilent(): void {
    if (this.#left) return
    this.#silent = true
    clearTimeout(this.#session)
    this.#session = setTimeout(() => {
      this.#evicted = true
      this.#go()
      this.#options.group.leave(this)
    }, this.#options.sessionTimeoutMs)
  }

  /** The process goes on. Where the group did so without it, it hears that its partitions are lost and joins anew. */
  speak(): void {
    this.#silent = false
    clearTimeout(this.#session)
    if (!this.#evicted || this.#left) return
    void this.revoked().then(() => {
      // It may have fallen silent again meanwhile, and spoken again: it joins once, when it is heard.
      if (this.#left || this.#silent || !this.#evicted) return
      this.#evicted = false
      this.gone = this.#untilGone()
      this.#options.group.join(this)
    })
  }

  async revoked(): Promise<void> {
    const held = this.#assignment
    if (held.partitions.length > 0) await this.#onRevoked(held.partitions)
    // A member that was silent may have joined anew before its answer to an older rebalance came.
    if (this.#assignment === held) this.#assignment = { generation: held.generation, partitions: [] }
  }

  assigned(assignment: Assignment): void {
    this.#assignment = assignment
    void this.#onAssigned(assignment.partitions)
  }

  #untilGone(): Promise<void> {
    return new Promise((resolve) => {
      this.#go = resolve
    })
  }
}
