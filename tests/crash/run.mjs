#!/usr/bin/env node
// Starts `run.ts` as it is on Node 24, and through tsx where Node cannot run TypeScript by itself.
process.env.UV_THREADPOOL_SIZE ??= '64'
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
if (!process.features.typescript) (await import('tsx/esm/api')).register()
await import('./run.ts')
