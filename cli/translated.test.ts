import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'

const { translated } = (await import(new URL('translated.mjs', import.meta.url).href)) as {
  translated(root: string): Promise<string | undefined>
}

/** A house of two rooms. */
function house(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'kappa-translated-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'room'))
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text)
  write('package.json', JSON.stringify({ type: 'module', imports: { '#room': './room/index.ts' }, scripts: {} }))
  write(
    'main.ts',
    `import { told } from '#room'\nconst { later } = await import('./room/later.ts')
     export interface Told { readonly all: string }\nexport const all = [told, later]
     export const here: string = import.meta.url\nexport const said: string = 'as import.meta.url says'\nexport const add = (a: number, b: number): number => a + b`,
  )
  write('room/index.ts', `export { told } from './told.ts'`)
  write('room/told.ts', `export const told: string = 'first'`)
  write('room/later.ts', `export const later: string = 'later'`)
  let asked = 0
  const load = async (): Promise<Record<string, unknown>> => {
    const folder = await translated(root)
    assert.ok(folder)
    // A module is loaded once a process under one name: each look is a copy's.
    const copy = `${folder}-${++asked}`
    cpSync(folder, copy, { recursive: true })
    return (await import(pathToFileURL(join(copy, 'main.mjs')).href)) as Record<string, unknown>
  }
  return { root, write, load }
}

test('modules find one another, know where their source is, and are translated anew where it changed', async (t) => {
  const { root, write, load } = house(t)
  const { all, here, said, add } = await load()
  assert.deepEqual(all, ['first', 'later'])
  assert.equal(here, pathToFileURL(join(root, 'main.ts')).href)
  assert.equal(said, 'as import.meta.url says')
  assert.equal(String(add), '(a,b)=>a+b')
  const folder = (await translated(root)) ?? ''
  const made = (path: string): number => statSync(join(folder, path)).mtimeMs
  const before = made('main.mjs')
  const record = made('sources.json')
  await load()
  assert.equal(made('sources.json'), record)

  write('room/told.ts', `import { word } from './word.ts'\nexport const told: string = word`)
  write('room/word.ts', `export const word = 'second, "import"'`)
  assert.deepEqual((await load()).all, ['second, "import"', 'later'])
  assert.equal(made('main.mjs'), before)

  rmSync(join(root, 'room/word.ts'))
  await assert.rejects(load, /Cannot find module/)
  assert.ok(!existsSync(join(folder, 'room/word.mjs')))
  write('room/word.ts', `export const word = 'third'`)
  assert.deepEqual((await load()).all, ['third', 'later'])
})

test('a broken source, or a folder that cannot be written, is left to who loads the sources themselves', async (t) => {
  const { root, write } = house(t)
  write('room/told.ts', 'export const told = ')
  assert.equal(await translated(root), undefined)
  write('room/told.ts', `export const told = 'mended'`)
  assert.ok(await translated(root))
  rmSync(join(root, 'node_modules/.cache'), { recursive: true })
  writeFileSync(join(root, 'node_modules/.cache'), '')
  assert.equal(await translated(root), undefined)
})
