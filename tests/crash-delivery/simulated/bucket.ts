import {
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { ObjectStore } from '../../../sinks/s3/index.ts'
import type { ObjectClient } from '../../../sinks/s3/object-store.ts'
import type { SimulatedProcess } from '../../crash/simulated/process.ts'
import type { StoreWay } from './way.ts'

const address = {
  endpoint: 'http://127.0.0.1:9',
  region: 'none',
  bucket: 'crash',
  accessKeyId: '',
  secretAccessKey: '',
}

/** S3 as a sink meets it, in memory: objects are there whole or not at all. */
export class FakeBucket {
  readonly objects = new Map<string, Buffer>()
  /** Keys that were written again with other bytes: none may be. */
  readonly changed: string[] = []

  /** As one process sees it. */
  storeFor(process: SimulatedProcess, way: StoreWay): ObjectStore {
    return this.#store((command) =>
      way.request(process, command instanceof PutObjectCommand, (how) =>
        how === 'half' ? undefined : this.#answer(command),
      ),
    )
  }

  /** As it is, with nothing in between. */
  get store(): ObjectStore {
    return this.#store(async (command) => this.#answer(command))
  }

  #store(send: (command: unknown) => Promise<unknown>): ObjectStore {
    return new ObjectStore(address, { send, destroy: () => {} } as unknown as ObjectClient)
  }

  #answer(command: unknown): unknown {
    if (command instanceof HeadBucketCommand) return {}
    if (command instanceof PutObjectCommand) {
      const { Key = '', Body } = command.input
      const body = Buffer.from(Body as Uint8Array)
      const before = this.objects.get(Key)
      if (before !== undefined && !before.equals(body)) this.changed.push(Key)
      this.objects.set(Key, body)
      return {}
    }
    if (command instanceof GetObjectCommand) {
      const body = this.objects.get(command.input.Key ?? '')
      if (body === undefined)
        throw new S3ServiceException({
          name: 'NoSuchKey',
          $fault: 'client',
          $metadata: { httpStatusCode: 404 },
          message: 'nothing',
        })
      return { Body: { transformToByteArray: async () => body } }
    }
    if (command instanceof ListObjectsV2Command) {
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(command.input.Prefix ?? '')).sort()
      return {
        Contents: keys.map((Key) => ({ Key, Size: this.objects.get(Key)?.length ?? 0, LastModified: new Date(0) })),
      }
    }
    throw new Error('a request that the suite does not know')
  }
}
