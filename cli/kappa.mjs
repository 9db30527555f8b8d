#!/usr/bin/env -S node --max-semi-space-size=64
// Starts `cli/main.ts` as it is on Node 24, and translated where Node cannot run TypeScript by itself.
// The thread pool must be sized before the first native call: librdkafka's blocking calls share it (engine.md).
import module from 'node:module'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { translated } from './translated.mjs'

process.env.UV_THREADPOOL_SIZE ??= '128'
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  const known = ['TimeoutNegativeWarning', 'ExperimentalWarning', 'NodeVersionSupportWarning']
  if (!known.includes(warning.name) && !known.some((name) => warning.message.startsWith(name)))
    console.error(`${warning.name}: ${warning.message}`)
})
const { main } = await load()
await main(process.argv)

async function load() {
  if (process.features.typescript) {
    module.enableCompileCache?.()
    return await import('./main.ts')
  }
  // Processors of one's own import the same modules as the commands: both come from the translation, or both through tsx.
  const root = fileURLToPath(new URL('..', import.meta.url))
  const own = process.env.KAPPA_PROCESSORS && relative(root, resolve(process.env.KAPPA_PROCESSORS))
  const folder = own?.startsWith('..') ? undefined : await translated(root)
  if (folder) {
    if (own) process.env.KAPPA_PROCESSORS = join(folder, own.replace(/\.ts$/, '.mjs'))
    process.setSourceMapsEnabled(true)
    return await import(pathToFileURL(join(folder, 'cli/main.mjs')).href)
  }
  ;(await import('tsx/esm/api')).register()
  return await import('./main.ts')
}
