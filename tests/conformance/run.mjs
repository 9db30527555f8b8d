#!/usr/bin/env node
// Starts `run.ts` as it is on Node 24, and through tsx where Node cannot run TypeScript by itself.
if (!process.features.typescript) (await import('tsx/esm/api')).register()
await import('./run.ts')
