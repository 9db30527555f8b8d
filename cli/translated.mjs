// Node 20 cannot run TypeScript by itself, and to translate module by module while they load takes seconds of every start. So
// the house lies translated beside the packages, file by file; a start looks whether any source is newer, and translates that.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * A folder that holds every TypeScript file of the house as JavaScript (`cli/main.ts` as `cli/main.mjs`), up to date. Each
 * is translated as tsx does it, so that the text of its functions is the same, and keeps its source's `import.meta`.
 * Undefined where it cannot be made, be it that a source is broken or node_modules is not to be written: who loads the
 * sources through tsx is told why.
 *
 * @param {string} place where package.json and node_modules are
 * @returns {Promise<string | undefined>}
 */
export async function translated(place) {
  const root = resolve(place)
  // By the place of the sources, for node_modules may be copied with what lies in it; by Node, for whom it is written.
  const key = `${root} ${process.version} ${stampOf(import.meta.filename)}`
  const folder = join(root, 'node_modules/.cache/kappa', createHash('sha256').update(key).digest('hex').slice(0, 12))
  const before = recordOf(folder)
  const isSame = ([path, stamp]) => stampOf(join(root, path)) === stamp
  if (before.length > 0 && before.every(isSame)) return folder
  try {
    const now = [...stamps(root)]
    await translate(root, folder, new Map(before), now)
    replace(join(folder, RECORD), JSON.stringify(now))
    return folder
  } catch {
    return undefined
  }
}

/** What a module may ask about itself: where its source is. */
const OWN = ['url', 'filename', 'dirname']

const RECORD = 'sources.json'
const recordOf = (folder) => {
  try {
    return JSON.parse(readFileSync(join(folder, RECORD), 'utf8'))
  } catch {
    return []
  }
}

/** What changes with a file, or with the names in a folder; of one that is gone nothing. */
function stampOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.size} ${stats.mtimeMs}`
}

/** Path and stamp of every source, and of every folder, in which others may come to be. */
function* stamps(root, folder = '') {
  yield [folder || '.', stampOf(join(root, folder))]
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* stamps(root, path)
    else if (path.endsWith('.ts') || path === 'package.json') yield [path, stampOf(join(root, path))]
  }
}

async function translate(root, folder, before, now) {
  const there = new Set(now.map(([path]) => path))
  for (const path of before.keys())
    if (!there.has(path)) rmSync(join(folder, path.replace(/\.ts$/, '.mjs')), { recursive: true, force: true })
  const newer = now.filter(([path, stamp]) => before.get(path) !== stamp).map(([path]) => path)
  if (newer.includes('package.json')) {
    const { type, imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    replace(join(folder, 'package.json'), JSON.stringify({ type, imports }).replaceAll('.ts"', '.mjs"'))
  }
  const entryPoints = newer.filter((path) => path.endsWith('.ts'))
  if (entryPoints.length === 0) return
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outbase: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    write: false,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    keepNames: true,
    minifyWhitespace: true,
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'silent',
    // Names for now: in strings these words stay what they are.
    define: Object.fromEntries(OWN.map((name) => [`import.meta.${name}`, `kappaOwn_${name}`])),
  })
  for (const { path, text } of outputFiles) {
    const source = join(root, relative(folder, path)).replace(/\.mjs$/, '.ts')
    const own = { url: pathToFileURL(source).href, filename: source, dirname: dirname(source) }
    const translation = text
      .replace(/(\b(?:from|import\(?)")(\.{1,2}\/[^"\n]+)\.ts"/g, '$1$2.mjs"')
      .replace(/\bkappaOwn_(\w+)/g, (_, name) => JSON.stringify(own[name]))
    replace(path, translation)
  }
}

/** Whole or not at all, and never the file that a copied node_modules shares with another. */
function replace(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text)
  renameSync(draft, path)
}
