import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeptClient } from './kept-client.ts'

function numbered(failing: readonly number[] = []) {
  let opened = 0
  const ended: number[] = []
  const client = new KeptClient(
    async () => {
      opened++
      if (failing.includes(opened)) throw new Error(`client ${opened} does not open`)
      return opened
    },
    async (number) => ended.push(number),
  )
  return { client, ended }
}

test('one client serves everybody until it is given up, and is ended then', async () => {
  const { client, ended } = numbered()
  const first = client.get()
  assert.deepEqual([await first, await client.get()], [1, 1])
  client.giveUp(first)
  assert.equal(client.holds(first), false)
  assert.deepEqual([await client.get(), ended], [2, [1]])
})

test('whoever was failed by an old client does not end the new one', async () => {
  const { client, ended } = numbered()
  const first = client.get()
  client.giveUp(first)
  const second = client.get()
  client.giveUp(first)
  assert.deepEqual([client.holds(second), await second, ended], [true, 2, [1]])
})

test('one that did not open is asked for again, and closing ends what is open', async () => {
  const { client, ended } = numbered([1])
  await assert.rejects(client.get(), /does not open/)
  assert.equal(await client.get(), 2)
  await client.close()
  assert.deepEqual(ended, [2])
  await client.close()
  assert.deepEqual(ended, [2])
})
