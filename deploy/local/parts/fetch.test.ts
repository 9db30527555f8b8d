import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
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
