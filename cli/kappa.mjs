#!/usr/bin/env -S node --max-semi-space-size=64
// Starts `cli/main.ts` as it is on Node 24, and through tsx where Node cannot run TypeScript by itself.
// The thread pool must be sized before the first native call: librdkafka's blocking calls share it (engine.md).
process.env.UV_THREADPOOL_SIZE ??= '128'
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  const known = ['TimeoutNegativeWarning', 'ExperimentalWarning', 'NodeVersionSupportWarning']
  if (!known.includes(warning.name) && !known.some((name) => warning.message.startsWith(name)))
    console.error(`${warning.name}: ${warning.message}`)
})
if (!process.features.typescript) (await import('tsx/esm/api')).register()
const { main } = await import('./main.ts')
await main(process.argv)
