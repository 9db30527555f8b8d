import { createServer, connect as dial, type Server, type Socket } from 'node:net'

/** Numbers of requests in Kafka's protocol. */
export const API = {
  produce: 0,
  metadata: 3,
  findCoordinator: 10,
  apiVersions: 18,
  initProducerId: 22,
  addPartitions: 24,
  endTransaction: 26,
} as const

const HOST = '127.0.0.1'

export interface Seen {
  readonly api: number
  readonly version: number
}

interface Way {
  readonly client: Socket
  readonly broker: Socket
  /** Requests kept back, in their order; those behind a held one wait too. */
  held: Buffer[]
  /** Api of each request under way, by its correlation id. */
  readonly asked: Map<number, number>
}

/**
 * Lies between clients and one Kafka broker on this machine, and keeps requests of chosen kinds back until they are let go:
 * then they arrive, also when the client that sent them is long gone. Answers name the proxy as the broker's address.
 */
export class KafkaProxy {
  readonly seen: Seen[] = []
  /** Apis of the answers that came back, in their order. */
  readonly answered: number[] = []
  /** Whole frames of the requests seen, to let one arrive once more. */
  readonly frames: { readonly api: number; readonly frame: Buffer }[] = []
  readonly #server: Server
  readonly #brokerPort: number
  readonly #ways = new Set<Way>()
  #holding = new Set<number>()

  private constructor(server: Server, brokerPort: number) {
    this.#server = server
    this.#brokerPort = brokerPort
    server.on('connection', (client) => this.#join(client))
  }

  /** @param broker its address, `127.0.0.1:port` */
  static async open(broker: string): Promise<KafkaProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
    return new KafkaProxy(server, Number(broker.split(':')[1]))
  }

  get address(): string {
    return `${HOST}:${this.#port}`
  }

  /** How many requests are kept back. */
  get held(): number {
    return [...this.#ways].reduce((sum, { held }) => sum + held.length, 0)
  }

  hold(...apis: readonly number[]): void {
    this.#holding = new Set(apis)
  }

  /** Clients whose requests are kept back lose their connections; the requests stay under way. */
  cut(): void {
    for (const { client, held } of this.#ways) if (held.length > 0) client.destroy()
  }

  /** What was kept back arrives now. */
  release(): void {
    this.#holding.clear()
    for (const way of this.#ways) {
      for (const frame of way.held) way.broker.write(frame)
      way.held = []
    }
  }

  /** Lets a frame arrive once more, on a connection of its own; its answer without the length. */
  async replay(frame: Buffer): Promise<Buffer> {
    const socket = dial(this.#brokerPort, HOST)
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const answers = new Frames((answer) => resolve(answer.subarray(4)))
        socket.on('data', (bytes) => answers.take(bytes))
        socket.once('error', reject)
        socket.once('close', () => reject(new Error('the broker closed the connection')))
        socket.write(frame)
      })
    } finally {
      socket.destroy()
    }
  }

  async close(): Promise<void> {
    for (const { client, broker } of this.#ways) {
      client.destroy()
      broker.destroy()
    }
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get #port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  #join(client: Socket): void {
    const way: Way = { client, broker: dial(this.#brokerPort, HOST), held: [], asked: new Map() }
    this.#ways.add(way)
    const requests = new Frames((frame) => this.#request(way, frame))
    const answers = new Frames((frame) => this.#answer(way, frame))
    client.on('data', (bytes) => requests.take(bytes))
    way.broker.on('data', (bytes) => answers.take(bytes))
    // What is held back still arrives when the client is gone.
    client.on('close', () => way.held.length === 0 && way.broker.end())
    way.broker.on('close', () => {
      this.#ways.delete(way)
      client.destroy()
    })
    for (const socket of [client, way.broker]) socket.on('error', () => socket.destroy())
  }

  #request(way: Way, frame: Buffer): void {
    const api = frame.readInt16BE(4)
    this.seen.push({ api, version: frame.readInt16BE(6) })
    this.frames.push({ api, frame })
    way.asked.set(frame.readInt32BE(8), api)
    if (way.held.length > 0 || this.#holding.has(api)) way.held.push(frame)
    else way.broker.write(frame)
  }

  #answer(way: Way, frame: Buffer): void {
    const api = way.asked.get(frame.readInt32BE(4))
    if (api !== undefined) this.answered.push(api)
    if (!way.client.destroyed) way.client.write(this.#renamed(frame))
  }

  /** Wherever the broker's address stands, its host is followed by its port as 32 bit. */
  #renamed(frame: Buffer): Buffer {
    const address = Buffer.alloc(HOST.length + 4)
    address.write(HOST)
    address.writeInt32BE(this.#brokerPort, HOST.length)
    for (let at = frame.indexOf(address); at >= 0; at = frame.indexOf(address, at + 1))
      frame.writeInt32BE(this.#port, at + HOST.length)
    return frame
  }
}

/** Cuts a stream of bytes into frames: 32 bit of length, then so many bytes. */
class Frames {
  readonly #take: (frame: Buffer) => void
  #rest = Buffer.alloc(0)

  constructor(take: (frame: Buffer) => void) {
    this.#take = take
  }

  take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= 4) {
      const length = 4 + this.#rest.readInt32BE(0)
      if (this.#rest.length < length) return
      this.#take(Buffer.from(this.#rest.subarray(0, length)))
      this.#rest = this.#rest.subarray(length)
    }
  }
}
