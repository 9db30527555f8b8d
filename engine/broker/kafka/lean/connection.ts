import net from 'node:net'
import tls from 'node:tls'
import { KappaError } from '#engine/errors'
import { authenticate } from './authenticate.ts'
import { codeName } from './error-codes.ts'
import { Frames } from './frames.ts'
import { type Call, calls, readApiVersions } from './protocol.ts'
import { ResponseBody } from './response.ts'
import { type Endpoint, type LeanSettings, nameOf } from './settings.ts'

const CONNECT_MS = 5_000
const ANSWER_MS = 10_000

interface Waiting {
  readonly correlation: number
  readonly timer: NodeJS.Timeout
  resolve(body: ResponseBody): void
  reject(failure: KappaError): void
}

/**
 * One socket to one broker, which answers in the order asked. Whatever goes wrong with it ends it, and fails all that
 * still waits with retriable SERVICE_UNAVAILABLE: whoever needs it opens another.
 */
export class Connection {
  readonly #name: string
  readonly #socket: net.Socket
  readonly #clientId: Buffer
  readonly #waiting: Waiting[] = []
  #correlation = 0
  #ended: KappaError | undefined

  private constructor(name: string, socket: net.Socket, clientId: string) {
    this.#name = name
    this.#socket = socket
    this.#clientId = Buffer.from(clientId)
    const frames = new Frames((frame) => this.#answered(frame))
    socket.on('data', (chunk) => {
      try {
        frames.feed(chunk)
      } catch (thrown) {
        this.#end(thrown)
      }
    })
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the connection was closed')))
  }

  /**
   * Connected, spoken to in versions it knows, and let in. Throws retriable SERVICE_UNAVAILABLE, or BROKER where waiting
   * would not help: a broker too old or too new, or one that refuses the user.
   */
  static async open(endpoint: Endpoint, settings: LeanSettings): Promise<Connection> {
    const name = nameOf(endpoint)
    const connection = new Connection(name, await connected(endpoint, settings), settings.clientId)
    try {
      await connection.#checkVersions(settings.sasl !== undefined)
      if (settings.sasl) await authenticate(connection, name, settings.sasl)
      return connection
    } catch (thrown) {
      connection.close()
      throw thrown
    }
  }

  get alive(): boolean {
    return this.#ended === undefined
  }

  /** Sends a request and waits for its answer. @param waitMs how long the broker was told that it may take */
  call({ name, key, version }: Call, body: Buffer, waitMs = 0): Promise<ResponseBody> {
    if (this.#ended) return Promise.reject(this.#ended)
    const correlation = this.#correlation++ & 0x7fffffff
    const header = Buffer.allocUnsafe(14 + this.#clientId.length)
    header.writeInt32BE(header.length - 4 + body.length, 0)
    header.writeInt16BE(key, 4)
    header.writeInt16BE(version, 6)
    header.writeInt32BE(correlation, 8)
    header.writeInt16BE(this.#clientId.length, 12)
    this.#clientId.copy(header, 14)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(new Error(`no answer to ${name} in time`)), ANSWER_MS + waitMs)
      this.#waiting.push({ correlation, timer, resolve, reject })
      this.#socket.cork()
      this.#socket.write(header)
      this.#socket.write(body)
      this.#socket.uncork()
    })
  }

  close(): void {
    this.#end(new Error('the reader was closed'))
  }

  #answered(frame: Buffer): void {
    const first = this.#waiting.shift()
    if (first === undefined || frame.readInt32BE(0) !== first.correlation)
      throw new RangeError('an answer to nothing that was asked')
    clearTimeout(first.timer)
    first.resolve(new ResponseBody(frame.subarray(4)))
  }

  #end(reason: unknown): void {
    if (this.#ended) return
    this.#ended = new KappaError('SERVICE_UNAVAILABLE', `talking to Kafka at ${this.#name}`, {
      cause: reason,
      retriable: true,
    })
    this.#socket.destroy()
    for (const { timer, reject } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      reject(this.#ended)
    }
  }

  async #checkVersions(withSasl: boolean): Promise<void> {
    const { error, ranges } = readApiVersions(await this.call(calls.apiVersions, Buffer.alloc(0)))
    const doing = `asking Kafka at ${this.#name} what it speaks`
    if (error !== 0) throw new KappaError('BROKER', `${doing}: ${codeName(error)}`)
    const needed = [calls.fetch, calls.listOffsets, calls.metadata]
    for (const { name, key, version } of withSasl ? [...needed, calls.saslHandshake, calls.saslAuthenticate] : needed) {
      const range = ranges.find((one) => one.key === key)
      if (range && range.least <= version && version <= range.most) continue
      const spoken = range ? `${range.least} to ${range.most}` : 'none'
      throw new KappaError('BROKER', `${doing}: ${name} in version ${version}, the broker has ${spoken}`)
    }
  }
}

function connected(endpoint: Endpoint, settings: LeanSettings): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = endpoint
    const socket = settings.tls
      ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...settings.tls })
      : net.connect({ host, port })
    const failed = (cause: unknown) => {
      clearTimeout(timer)
      socket.destroy()
      reject(
        new KappaError('SERVICE_UNAVAILABLE', `connecting to Kafka at ${nameOf(endpoint)}`, { cause, retriable: true }),
      )
    }
    const timer = setTimeout(() => failed(new Error('it does not answer')), CONNECT_MS)
    socket.once('error', failed)
    socket.once(settings.tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      socket.setNoDelay(true)
      socket.setKeepAlive(true, 30_000)
      resolve(socket)
    })
  })
}
