import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Answers } from './answers.ts'

const answer = (size: number) => ({ body: Buffer.alloc(size), headers: {} })

test('an answer is made once a version, also for those who ask at once, and again for a newer one', async () => {
  const answers = new Answers()
  let made = 0
  const ask = (version: string, question = 'q') =>
    answers.get('/a', version, question, async () => {
      made++
      return answer(10)
    })
  await Promise.all([ask('1'), ask('1'), ask('1')])
  await ask('1')
  assert.equal(made, 1)
  await ask('2')
  assert.equal(made, 2)
  await ask('1')
  assert.equal(made, 3, 'the older one was forgotten')
})

test('a failure is told to those who wait and is not kept', async () => {
  const answers = new Answers()
  const fail = () => answers.get('/a', '1', 'q', () => Promise.reject(new Error('away')))
  assert.equal((await Promise.allSettled([fail(), fail()])).filter(({ status }) => status === 'rejected').length, 2)
  assert.equal((await answers.get('/a', '1', 'q', async () => answer(1))).body.length, 1)
})

test('what was not asked for longest goes first; downloads are not kept', async () => {
  const answers = new Answers()
  const made: string[] = []
  const ask = (question: string, size: number) =>
    answers.get('/a', '1', question, async () => {
      made.push(question)
      return answer(size)
    })
  for (let n = 0; n < 64; n++) await ask(`q${n}`, 1_048_576)
  await ask('q0', 0)
  await ask('more', 1_048_576)
  made.length = 0
  for (const question of ['q0', 'q2', 'q1']) await ask(question, 1)
  assert.deepEqual(made, ['q1'])
  await ask('large', 1_048_577)
  await ask('large', 1_048_577)
  assert.deepEqual(made, ['q1', 'large', 'large'])
})
