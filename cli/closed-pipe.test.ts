import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { typescriptFlags } from '../deploy/local/processes/typescript.ts'

const folder = mkdtempSync(join(tmpdir(), 'kappa-pipe-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const module = new URL('./closed-pipe.ts', import.meta.url).href

/** A command that writes for ever and tidies up when it is stopped; `close` says when its output is closed. */
async function command(program: string, stop: (child: ReturnType<typeof spawn>) => void) {
  const source = `import { outliveClosedPipes } from '${module}'; outliveClosedPipes(); ${program}`
  const args = [...typescriptFlags, '--input-type=module', '--eval', source]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += String(data)
  })
  child.stdout.once('data', () => stop(child))
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, errors }
}

const writing = `setInterval(() => process.stdout.write('row\\n'), 20);`
const tidying = (file: string) => `process.once('SIGINT', () => setTimeout(() => {
  process.stdout.write('stopped\\n'); require('node:fs').writeFileSync('${file}', ''); process.exit(0) }, 200));`
const require = `import { createRequire } from 'node:module'; const require = createRequire('/');`

test('output that nobody reads stops a command in good order', async () => {
  const file = join(folder, 'one')
  const { code, errors } = await command(`${require}${tidying(file)}${writing}`, ({ stdout }) => stdout?.destroy())
  assert.deepEqual({ code, errors, tidied: existsSync(file) }, { code: 0, errors: '', tidied: true })
})

test('Ctrl-C that also ends the reader is one stop, not two', async () => {
  const file = join(folder, 'two')
  const { code, errors } = await command(`${require}${tidying(file)}${writing}`, (child) => {
    child.kill('SIGINT')
    child.stdout?.destroy()
  })
  assert.deepEqual({ code, errors, tidied: existsSync(file) }, { code: 0, errors: '', tidied: true })
})

test('a command that listens to no signal just ends', async () => {
  assert.deepEqual(await command(writing, ({ stdout }) => stdout?.destroy()), { code: 0, errors: '' })
  assert.equal((await command(writing, (child) => child.kill('SIGINT'))).code, 130)
})
