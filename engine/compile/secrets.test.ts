import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryVault } from '#engine/governance'
import { Secrets } from './secrets.ts'

test('an erased subject stays erased, though the slice before knew the secret', async () => {
  const vault = memoryVault()
  const secrets = new Secrets(vault)
  await secrets.fetch(new Set(['ada']))
  assert.notEqual(secrets.of('ada'), null)
  await vault.erase('ada')
  await secrets.fetch(new Set(['ada']))
  assert.equal(secrets.of('ada'), null)
})

test('a secret of the slice before is still known', async () => {
  const secrets = new Secrets(memoryVault())
  await secrets.fetch(new Set(['ada']))
  const before = secrets.of('ada')
  await secrets.fetch(new Set(['grace']))
  assert.equal(secrets.of('ada'), before)
  assert.throws(() => secrets.of('nobody'), /prepare/)
})
