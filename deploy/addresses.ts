/**
 * Where every service is, and with which credentials: the one shape that commands, sinks and tests are given. It comes from
 * the local stack's config (`deploy/local`) or, field by field, from the environment (`deploy/config.ts`).
 */
export interface Addresses {
  readonly kafka: {
    readonly brokers: readonly string[]
    /** Absent: no TLS. PEM; `ca` absent: the machine's authorities vouch for the brokers. */
    readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
    /** Absent: nobody logs in. */
    readonly sasl?: {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  }
  /** Base of the Confluent-compatible API, e.g. `http://127.0.0.1:8081/apis/ccompat/v7`. */
  readonly registry: { readonly url: string }
  readonly clickhouse: {
    readonly url: string
    readonly username: string
    readonly password: string
    /** A second user that may only read. */
    readonly reader: { readonly username: string; readonly password: string }
    /** The cluster that the server belongs to, by the name in its configuration; absent: a single server. */
    readonly cluster?: { readonly name: string; readonly sharded: boolean }
  }
  readonly s3: {
    readonly endpoint: string
    readonly region: string
    readonly bucket: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  /** `redis://:password@host:port` */
  readonly redis: { readonly url: string }
  /** 32 bytes, base64: wraps every subject's key (governance). From a KMS or a file, never in the repository. */
  readonly masterKey: string
}
