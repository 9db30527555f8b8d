import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'
import { exitCodeOf } from '../../exit.ts'
import { register } from './index.ts'

/** The exit code and message of a command line that ends before any service is asked. */
async function refusal(args: readonly string[]): Promise<{ code: number; message: string }> {
  const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  register(program)
  try {
    await program.parseAsync(['ingest', 'pages', ...args], { from: 'user' })
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : ''
    return { code: thrown instanceof CommanderError ? 2 : exitCodeOf(thrown), message }
  }
  return assert.fail('it was accepted')
}

test('a source, a flag, a config or a browser that cannot be used ends in exit 2 and is named', async (t) => {
  const config = join(temporaryFolder(t), 'pages.yml')
  writeFileSync(config, 'sources: [{ name: shop, url: "http://shop.example", pages: [{ name: products }] }]')
  const before = process.env.KAPPA_CHROMIUM
  t.after(() => {
    if (before === undefined) delete process.env.KAPPA_CHROMIUM
    else process.env.KAPPA_CHROMIUM = before
  })
  process.env.KAPPA_CHROMIUM = '/no/such/browser'
  const shop = ['--source', 'supplier-shop']
  for (const [args, message] of [
    [[], /--source/],
    [['--source', 'shopp'], /source 'shopp': there are supplier-shop/],
    [[...shop, '--url', 'shop.example'], /--url/],
    [[...shop, '--interval', 'soon'], /--interval/],
    [[...shop, '--rate', '0'], /--rate/],
    [['--source', 'shop', '--config', config], /pages\.yml: source shop: page products: start/],
    [shop, /KAPPA_CHROMIUM: \/no\/such\/browser is no program/],
  ] as const) {
    const refused = await refusal(args)
    assert.equal(refused.code, 2, `${args.join(' ')}: ${refused.message}`)
    assert.match(refused.message, message)
  }
})
