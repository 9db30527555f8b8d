import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureSettings } from '../settings.ts'
import { temporaryFolder } from '../temporary.ts'
import { kafka } from './kafka.ts'

test('a folder with partitions but without its identity is never formatted', async (t) => {
  const folder = temporaryFolder(t)
  const settings = ensureSettings(folder)
  const segment = join(folder, 'log', 'shop.purchases.v1-0', '0.log')
  mkdirSync(join(segment, '..'), { recursive: true })
  writeFileSync(segment, 'events')
  await assert.rejects(kafka.prepare({ settings, folder, part: '' }), {
    code: 'STATE_MISMATCH',
    message: /holds partitions but no meta\.properties/,
  })
  assert.ok(existsSync(segment))
})

test('the configuration follows the ports, and topics are never made by accident', async (t) => {
  const folder = temporaryFolder(t)
  const settings = ensureSettings(folder)
  mkdirSync(join(folder, 'log'))
  writeFileSync(join(folder, 'log', 'meta.properties'), '')
  const moved = { ...settings, ports: { ...settings.ports, kafka: 12_345 } }
  for (const now of [settings, moved]) {
    await kafka.prepare({ settings: now, folder, part: '' })
    const lines = readFileSync(join(folder, 'server.properties'), 'utf8').split('\n')
    assert.ok(lines.includes(`advertised.listeners=PLAINTEXT://127.0.0.1:${now.ports.kafka}`))
    assert.ok(lines.includes('auto.create.topics.enable=false'))
    assert.ok(lines.includes('log.retention.ms=-1'))
  }
})

/** The second batch of a checkpoint as `kafka-storage format` writes it, from its header on, with the level of a version. */
const checkpoint = (level: string) =>
  Buffer.concat([
    Buffer.from('ffffffffffffffffffffffffffff000000063a0000012e010c0011', 'hex'),
    Buffer.from('metadata.version'),
    Buffer.from(`${level}00005a000002014e010c0021`, 'hex'),
    Buffer.from('eligible.leader.replicas.version'),
    Buffer.from('000100', 'hex'),
  ])

test('a folder that a newer Kafka began is refused before it starts, with what to do', async (t) => {
  const folder = temporaryFolder(t)
  const settings = ensureSettings(folder)
  const log = join(folder, 'log')
  mkdirSync(log)
  writeFileSync(join(log, 'meta.properties'), '')
  writeFileSync(join(log, 'bootstrap.checkpoint'), checkpoint('001e'))
  await assert.rejects(kafka.prepare({ settings, folder, part: '' }), {
    code: 'STATE_MISMATCH',
    message: /newer Kafka \(metadata\.version 30; .* up to 29.*KAPPA_DATA=FOLDER kappa dev.*kappa purge/,
  })
  assert.equal(existsSync(join(folder, 'server.properties')), false, 'nothing was changed')
  for (const own of [checkpoint('001d'), checkpoint('001e').subarray(0, 43), Buffer.from('')]) {
    writeFileSync(join(log, 'bootstrap.checkpoint'), own)
    await kafka.prepare({ settings, folder, part: '' })
  }
})
