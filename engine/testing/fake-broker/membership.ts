import type { Assignment, Member, Position, TopicPartition } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { FakeReader } from './clients.ts'
import type { FakeCluster } from './cluster.ts'

type Handler = (partitions: readonly TopicPartition[]) => Promise<void>

/** A group in memory: eager, range-assigned; every joining and leaving takes all partitions away and deals them anew. */
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

  leave(member: FakeMember): void {
    const index = this.#members.indexOf(member)
    if (index >= 0) this.#members.splice(index, 1)
    this.#rebalance()
  }

  #rebalance(): void {
    this.#rebalancing = this.#rebalancing.then(async () => {
      await Promise.all(this.#members.map((member) => member.revoked()))
      this.#generation++
      const members = [...this.#members]
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

export class FakeMember extends FakeReader implements Member {
  readonly topics: readonly string[]
  readonly #cluster: FakeCluster
  readonly #name: string
  readonly #group: FakeGroup
  #assignment: Assignment = { generation: 0, partitions: [] }
  #onRevoked: Handler = async () => {}
  #onAssigned: Handler = async () => {}
  #left = false

  constructor(
    cluster: FakeCluster,
    group: FakeGroup,
    name: string,
    topics: readonly string[],
    pick: (n: number) => number,
  ) {
    super(cluster, pick)
    this.#cluster = cluster
    this.#group = group
    this.#name = name
    this.topics = topics
    group.join(this)
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
    const held = (at: Position) =>
      this.#assignment.partitions.some(({ topic, partition }) => topic === at.topic && partition === at.partition)
    if (this.#left || !positions.every(held))
      throw new KappaError('FENCED', `reporting positions to ${this.#name}: not a member with these partitions`)
    this.#cluster.report(this.#name, positions)
  }

  override async close(): Promise<void> {
    if (this.#left) return
    this.#left = true
    await super.close()
    this.#group.leave(this)
  }

  async revoked(): Promise<void> {
    if (this.#assignment.partitions.length > 0) await this.#onRevoked(this.#assignment.partitions)
    this.#assignment = { generation: this.#assignment.generation, partitions: [] }
  }

  assigned(assignment: Assignment): void {
    this.#assignment = assignment
    void this.#onAssigned(assignment.partitions)
  }
}
