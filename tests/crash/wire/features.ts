import { API, type KafkaProxy } from './proxy.ts'

/** Asks for versions (API 18, version 3) in a frame without client id: header version 2, then name and version of the software. */
const asking = (): Buffer => {
  const name = Buffer.from('\x06kappa\x021\x00', 'latin1')
  const header = Buffer.from([0, API.apiVersions, 0, 3, 0, 0, 0, 1, 0xff, 0xff, 0])
  const body = Buffer.concat([header, name])
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

export interface BrokerVersions {
  /** Highest version of each API. */
  readonly apis: ReadonlyMap<number, number>
  /** Levels of the cluster's finalized features, e.g. `transaction.version` (KIP-584, KIP-890). */
  readonly features: ReadonlyMap<string, number>
}

/** What a broker says of itself: ApiVersionsResponse version 3. */
export async function versionsOf(proxy: KafkaProxy): Promise<BrokerVersions> {
  const bytes = await proxy.replay(asking())
  let at = 4 + 2 // correlation id, error code
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const short = (): number => {
    at += 2
    return bytes.readInt16BE(at - 2)
  }
  const text = (): string => {
    const length = varint() - 1
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  const apis = new Map<number, number>()
  for (let left = varint() - 1; left > 0; left--) {
    const api = short()
    short()
    apis.set(api, short())
    varint()
  }
  at += 4 // throttled
  const features = new Map<string, number>()
  for (let tags = varint(); tags > 0; tags--) {
    const tag = varint()
    const end = varint() + at
    if (tag === 2)
      for (let left = varint() - 1; left > 0; left--) {
        const name = text()
        features.set(name, short())
        short()
        varint()
      }
    at = end
  }
  return { apis, features }
}
