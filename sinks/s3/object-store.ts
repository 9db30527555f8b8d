import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { KappaError } from '#engine/errors'

/** Where S3 is: any store that speaks its protocol. */
export interface S3Address {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /** When it was last written, by the store's clock, milliseconds. */
  readonly modified: number
}

const BYTES = 'application/octet-stream'
const AT_HAND_BYTES = 8 * 2 ** 20

/** How many keys one request may delete (S3 API, DeleteObjects). */
const DELETE_KEYS = 1_000

/** What of the client is used. */
export type ObjectClient = Pick<S3Client, 'send' | 'destroy'>

/** A store that does not take the connection is away; one that does not answer leaves the outcome unknown. */
const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 120_000

const s3Client = ({ endpoint, region, accessKeyId, secretAccessKey }: S3Address): S3Client =>
  new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: ANSWER_WITHIN_MS,
      throwOnRequestTimeout: true,
    },
  })

/** One bucket: whole objects in, whole objects out. Failures that may pass are retriable SERVICE_UNAVAILABLE. */
export class ObjectStore {
  readonly bucket: string
  private readonly client: ObjectClient

  /** @param client instead of one for the address */
  constructor(address: S3Address, client: ObjectClient = s3Client(address)) {
    this.bucket = address.bucket
    this.client = client
  }

  /** Creates the bucket where it is missing. */
  ensure(): Promise<void> {
    return this.guarded(`preparing bucket ${this.bucket}`, async () => {
      try {
        await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }))
      } catch (thrown) {
        if (!(thrown instanceof S3ServiceException) || thrown.$metadata.httpStatusCode !== 404) throw thrown
        await this.client.send(new CreateBucketCommand({ Bucket: this.bucket })).catch((refused: unknown) => {
          if (!(refused instanceof S3ServiceException) || refused.$metadata.httpStatusCode !== 409) throw refused
        })
      }
    })
  }

  /** Writes or overwrites. Callers write the same bytes under the same key, however often. */
  put(key: string, body: Uint8Array, contentType: string): Promise<void> {
    return this.guarded(`writing ${key}`, async () => {
      await this.client.send(
        new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, ContentType: contentType }),
      )
    })
  }

  /**
   * Writes where nothing is under the key yet; false where something else is. A store without conditional writes
   * (501) takes it as it comes: there whoever calls has to be alone.
   */
  async putNew(key: string, body: Uint8Array, contentType: string): Promise<boolean> {
    const taken = await this.guarded(`writing ${key}`, async () => {
      try {
        await this.client.send(
          new PutObjectCommand({
            Bucket: this.bucket,
            Key: key,
            Body: body,
            ContentType: contentType,
            IfNoneMatch: '*',
          }),
        )
        return false
      } catch (thrown) {
        const status = thrown instanceof S3ServiceException ? thrown.$metadata.httpStatusCode : undefined
        if (status === 412 || status === 409) return true
        if (status !== 501) throw thrown
      }
      await this.client.send(
        new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, ContentType: contentType }),
      )
      return false
    })
    // An answer may have been lost and the request sent again: then what is there is ours.
    return !taken || (await this.get(key))?.equals(body) === true
  }

  /** Deletes; what is not there is deleted already. */
  async delete(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += DELETE_KEYS) {
      const Objects = keys.slice(at, at + DELETE_KEYS).map((Key) => ({ Key }))
      await this.guarded(`deleting ${Objects[0]?.Key} and ${Objects.length - 1} more`, async () => {
        const { Errors = [] } = await this.client.send(
          new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } }),
        )
        const [first] = Errors
        if (first !== undefined) throw new Error(`${Errors.length} were refused; ${first.Key}: ${first.Message}`)
      })
    }
  }

  /** The whole object; undefined where there is none. */
  get(key: string): Promise<Buffer | undefined> {
    return this.guarded(`reading ${key}`, async () => {
      try {
        const answer = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }))
        return Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
      } catch (thrown) {
        if (thrown instanceof S3ServiceException && thrown.$metadata.httpStatusCode === 404) return undefined
        throw thrown
      }
    })
  }

  /** Writes or overwrites with a file's bytes; a large file's are not held in memory. */
  putFile(key: string, path: string): Promise<void> {
    return this.guarded(`writing ${key}`, async () => {
      const { size } = await stat(path)
      // what is at hand the client sends again by itself where it was refused; a stream it cannot
      const Body = size <= AT_HAND_BYTES ? await readFile(path) : createReadStream(path)
      await this.client.send(
        new PutObjectCommand({ Bucket: this.bucket, Key: key, Body, ContentLength: size, ContentType: BYTES }),
      )
    })
  }

  /** Writes the whole object to a file; false where there is none. */
  getFile(key: string, path: string): Promise<boolean> {
    return this.guarded(`reading ${key}`, async () => {
      try {
        const answer = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }))
        await pipeline((answer.Body as Readable | undefined) ?? [], createWriteStream(path))
        return true
      } catch (thrown) {
        if (thrown instanceof S3ServiceException && thrown.$metadata.httpStatusCode === 404) return false
        throw thrown
      }
    })
  }

  /** Every object under a prefix, in order of key. */
  list(prefix: string): Promise<readonly StoredObject[]> {
    return this.guarded(`listing ${prefix}`, async () => {
      const found: StoredObject[] = []
      let next: string | undefined
      do {
        const page = await this.client.send(
          new ListObjectsV2Command({
            Bucket: this.bucket,
            Prefix: prefix,
            ...(next === undefined ? {} : { ContinuationToken: next }),
          }),
        )
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          if (Key !== undefined) found.push({ key: Key, bytes: Size ?? 0, modified: LastModified?.getTime() ?? 0 })
        next = page.NextContinuationToken
      } while (next !== undefined)
      return found
    })
  }

  close(): void {
    this.client.destroy()
  }

  private async guarded<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (cause) {
      const status = cause instanceof S3ServiceException ? cause.$metadata.httpStatusCode : undefined
      const answered = status !== undefined && status < 500 && status !== 408 && status !== 429
      throw new KappaError(answered ? 'STORE' : 'SERVICE_UNAVAILABLE', `${doing} in S3`, {
        cause,
        retriable: !answered,
      })
    }
  }
}

/** Runs `each` over all items, at most `width` at once; rejects with the first failure. */
export async function concurrently<T>(
  items: readonly T[],
  width: number,
  each: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await each(items[i] as T, i)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
}
