import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../deploy/local/temporary.ts'
import { ObjectStore } from './object-store.ts'

/** What S3's protocol asks of putting and getting an object, no more; `refuse` requests are answered by 503. */
async function bucket(t: { after(done: () => Promise<void>): void }) {
  const objects = new Map<string, Buffer>()
  const state = { refuse: 0 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const key = decodeURIComponent((request.url ?? '').split('?')[0] ?? '').replace('/bucket/', '')
      if (state.refuse-- > 0) return response.writeHead(503).end()
      if (request.method === 'PUT') {
        const body = Buffer.concat(chunks)
        assert.equal(request.headers['transfer-encoding'], undefined, 'its length is said')
        objects.set(key, body)
        return response.writeHead(200, { etag: '"x"' }).end()
      }
      const body = objects.get(key)
      if (body === undefined) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
      return response.writeHead(200, { 'content-length': body.length }).end(body)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const store = new ObjectStore({
    endpoint,
    region: 'us-east-1',
    bucket: 'bucket',
    accessKeyId: 'a',
    secretAccessKey: 'b',
  })
  t.after(async () => {
    store.close()
    await new Promise((done) => server.close(done))
  })
  return { objects, state, store }
}

test('files go to the bucket and come back byte for byte, empty ones too', async (t) => {
  const folder = temporaryFolder(t)
  const { objects, store } = await bucket(t)
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  for (const content of [Buffer.alloc(9_000_000, 'Zoë\n'), Buffer.from('a'), Buffer.alloc(0)]) {
    writeFileSync(from, content)
    await store.putFile('raw/crm/2025-01-31/a b é.csv', from)
    assert.ok(objects.get('raw/crm/2025-01-31/a b é.csv')?.equals(content))
    assert.equal(await store.getFile('raw/crm/2025-01-31/a b é.csv', to), true)
    assert.ok(readFileSync(to).equals(content))
  }
  assert.equal(await store.getFile('raw/none', to), false)
})

test('a store that is away is said to be so, and may be asked again', async (t) => {
  const folder = temporaryFolder(t)
  const { objects, state, store } = await bucket(t)
  const path = join(folder, 'from')
  writeFileSync(path, 'text')
  state.refuse = 20
  await assert.rejects(store.putFile('k', path), { code: 'SERVICE_UNAVAILABLE', retriable: true })
  state.refuse = 0
  await store.putFile('k', path)
  assert.equal(String(objects.get('k')), 'text')
})
