import net from 'node:net'
import type { AbortedTransaction } from './fetch.ts'
import { Frames } from './frames.ts'
import { RequestBody } from './request.ts'
import { ResponseBody } from './response.ts'

/** What a scripted node answers to a fetch of one partition. */
export interface ScriptedPart {
  readonly error?: number
  readonly records?: Buffer
  readonly aborted?: readonly AbortedTransaction[]
  /** The whole answer is held back so long; a moment where absent, as a broker holds back an empty one. */
  readonly holdMs?: number
}

export interface AskedPart {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly maxBytes: number
}

/** A cluster of scripted nodes: who leads what, where logs begin and end, and what every fetch is answered. */
export interface Script {
  readonly nodes: WireNode[]
  /** Index of the leading node in `nodes`, or the code of an error. */
  leader(topic: string, partition: number): { readonly node: number; readonly epoch: number } | number
  readonly partitions: number
  log: { beginning: number; end: number }
  /** `undefined`: never answered. */
  fetch(node: number, part: AskedPart): ScriptedPart | undefined
}

/** A node that speaks as much of Kafka as a reader asks for, and says what a test wants. On 127.0.0.1. */
export class WireNode {
  readonly #script: Script
  readonly #index: number
  readonly #sockets = new Set<net.Socket>()
  #server: net.Server | undefined
  #holdMs = 0
  port = 0
  /** Calls answered, by API key. */
  readonly calls = new Map<number, number>()
  /** Parts of every fetch, in the order asked. */
  readonly fetches: AskedPart[][] = []

  constructor(script: Script) {
    this.#script = script
    this.#index = script.nodes.length
    script.nodes.push(this)
  }

  /** On the port it had, if it had one. */
  async start(): Promise<void> {
    const server = net.createServer((socket) => this.#serve(socket))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as net.AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket)
    const frames = new Frames((frame) => {
      this.#holdMs = 2
      const answer = this.#answer(frame)
      if (answer) setTimeout(() => socket.destroyed || socket.write(answer), this.#holdMs)
    })
    socket.on('data', (chunk) => frames.feed(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #answer(frame: Buffer): Buffer | undefined {
    const key = frame.readInt16BE(0)
    const body = new ResponseBody(frame.subarray(10 + frame.readInt16BE(8)))
    this.calls.set(key, (this.calls.get(key) ?? 0) + 1)
    const answer = new RequestBody().int32(frame.readInt32BE(4))
    if (key === 18) apiVersions(answer)
    else if (key === 3) this.#metadata(body, answer)
    else if (key === 2) this.#offsets(body, answer)
    else if (!this.#fetched(body, answer)) return undefined
    const size = Buffer.alloc(4)
    size.writeInt32BE(answer.done().length)
    return Buffer.concat([size, answer.done()])
  }

  #metadata(body: ResponseBody, answer: RequestBody): void {
    const { nodes, partitions } = this.#script
    const topics = body.array(() => body.string() ?? '')
    answer.int32(0).array(nodes, (node) => {
      answer.int32(nodes.indexOf(node)).string('127.0.0.1').int32(node.port).int16(-1)
    })
    answer.int16(-1).int32(0)
    answer.array(topics, (topic) => {
      const numbers = Array.from({ length: partitions }, (_, partition) => partition)
      const first = this.#script.leader(topic, 0)
      const error = typeof first === 'number' ? first : 0
      answer.int16(error).string(topic).int8(0)
      answer.array(error === 3 ? [] : numbers, (partition) => {
        const leader = this.#script.leader(topic, partition)
        const known = typeof leader === 'number' ? { node: -1, epoch: -1 } : leader
        answer.int16(typeof leader === 'number' ? leader : 0).int32(partition)
        answer.int32(known.node).int32(known.epoch)
        for (let list = 0; list < 3; list++) answer.array([], () => {})
      })
    })
  }

  #offsets(body: ResponseBody, answer: RequestBody): void {
    body.int32()
    body.int8()
    body.int32()
    const topic = body.string() ?? ''
    body.int32()
    const partition = body.int32()
    body.int32()
    const { beginning, end } = this.#script.log
    const offset = body.int64() === -2 ? beginning : end
    answer.int32(0).int32(1).string(topic).int32(1).int32(partition).int16(0).int64(-1).int64(offset).int32(0)
  }

  #fetched(body: ResponseBody, answer: RequestBody): boolean {
    for (let field = 0; field < 3; field++) body.int32() // replica, wait, least bytes
    body.int32()
    body.int8()
    body.int32()
    body.int32()
    const asked = body.array(() => {
      const topic = body.string() ?? ''
      return body.array((): AskedPart => {
        const [partition, leaderEpoch, offset] = [body.int32(), body.int32(), body.int64()]
        body.int64()
        return { topic, partition, leaderEpoch, offset, maxBytes: body.int32() }
      })
    })
    this.fetches.push(asked.flat())
    const parts = asked.flat().map((part) => ({ part, said: this.#script.fetch(this.#index, part) }))
    if (parts.some(({ said }) => said === undefined)) return false
    this.#holdMs = Math.max(2, ...parts.map(({ said }) => said?.holdMs ?? 0))
    answer.int32(0).int16(0).int32(0)
    answer.array(parts, ({ part, said }) => {
      answer.string(part.topic).int32(1).int32(part.partition)
      answer
        .int16(said?.error ?? 0)
        .int64(-1)
        .int64(-1)
        .int64(-1)
      answer.array(said?.aborted ?? [], ({ producerId, firstOffset }) => answer.int64(producerId).int64(firstOffset))
      answer.int32(-1).bytes(said?.records ?? Buffer.alloc(0))
    })
    return true
  }
}

function apiVersions(answer: RequestBody): void {
  answer.int16(0)
  answer.array([1, 2, 3, 18], (key) => answer.int16(key).int16(0).int16(12))
}
