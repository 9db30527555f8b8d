import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { partFile } from '../parts/part.ts'
import { host, writePrivate } from '../settings.ts'
import type { LocalService } from './contract.ts'
import { java, lightJvm } from './java.ts'
import { get } from './probes.ts'

/** S3Proxy over a folder: a bucket is a folder in `objects`, an object a file in it. */
export const s3: LocalService = {
  name: 's3',
  java: true,
  part: { name: 's3', how: 'copy', bytes: 56_000_000 },
  ports: ['s3'],
  stopWithin: 5_000,

  async prepare({ settings, folder }) {
    const objects = join(folder, 'objects')
    mkdirSync(join(objects, settings.s3.bucket), { recursive: true })
    const { accessKeyId, secretAccessKey } = settings.s3
    const entries = {
      's3proxy.endpoint': `http://${host}:${settings.ports.s3}`,
      's3proxy.authorization': 'aws-v2-or-v4',
      's3proxy.identity': accessKeyId,
      's3proxy.credential': secretAccessKey,
      // Today's SDKs send checksum headers that this version does not know, and it would answer 501 to each upload. A
      // conditional put (If-None-Match) is understood: 412 where the object exists.
      's3proxy.ignore-unknown-headers': true,
      'jclouds.provider': 'filesystem-nio2',
      'jclouds.identity': accessKeyId,
      'jclouds.credential': secretAccessKey,
      'jclouds.filesystem.basedir': objects,
    }
    const text = Object.entries(entries).map(([key, value]) => `${key}=${value}\n`)
    writePrivate(join(folder, 's3proxy.conf'), text.join(''))
  },

  launch: ({ folder, part }) =>
    java({
      heap: 192,
      options: [...lightJvm, `-Dlogback.configurationFile=${partFile('s3-logback.xml')}`],
      run: { jars: part, main: 'org.gaul.s3proxy.Main' },
      args: ['--properties', join(folder, 's3proxy.conf')],
    }),

  /** Unsigned requests are refused, and a refusal is an answer. */
  async probe({ ports }) {
    const { status } = await get(ports.s3, '/')
    if (status !== 403) throw new Error(`S3 answers HTTP ${status} to an unsigned request`)
  },
}
