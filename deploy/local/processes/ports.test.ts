import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ensureSettings } from '../settings.ts'
import { startStack } from '../stack.ts'
import { temporaryFolder } from '../temporary.ts'
import { freePorts, isFree, nameOwnerOf, ownerOf } from './ports.ts'
import { recordedNames } from './record.ts'

/** Another process that listens on a port, with a command line that can be recognised. */
async function listener(t: TestContext, port: number): Promise<number> {
  const script = `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('listens'))`
  const child = spawn(process.execPath, ['-e', script, 'somebody-else'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  assert.ok(child.pid)
  return child.pid
}

test('the owner of a port is found with its command', async (t) => {
  const { redis: port } = await freePorts()
  assert.equal(await isFree(port), true)
  assert.equal(ownerOf(port), undefined)
  const pid = await listener(t, port)
  assert.equal(await isFree(port), false)
  assert.equal(ownerOf(port)?.pid, pid)
  assert.match(ownerOf(port)?.command ?? '', /somebody-else$/)
  assert.match(nameOwnerOf(port), new RegExp(`^process ${pid} \\(.*somebody-else\\)$`))
})

test('a port of this very process is its own', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  assert.equal(ownerOf(address.port)?.pid, process.pid)
})

test('a stack whose port is taken names port, service, owner and config key, and starts nothing', async (t) => {
  const dataFolder = temporaryFolder(t)
  const ports = await freePorts()
  const pid = await listener(t, ports.redis)
  ensureSettings(dataFolder, ports)
  const cacheFolder = temporaryFolder(t)
  await assert.rejects(startStack({ dataFolder, cacheFolder }), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'CONFIG_INVALID')
    assert.match(error.message, new RegExp(`redis: port ${ports.redis} is taken by process ${pid} \\(.*\\)`))
    assert.match(error.message, /change ports\.redis in .*config\.json/)
    return true
  })
  assert.deepEqual(readdirSync(cacheFolder), [], 'nothing is fetched for a stack that cannot start')
  assert.deepEqual(recordedNames(dataFolder), [])
})

test('free ports differ, and lie below those of outgoing connections', async () => {
  const ports = Object.values(await freePorts())
  assert.equal(new Set(ports).size, ports.length)
  for (const port of ports) assert.ok(port >= 20_000 && port < 32_000)
})
