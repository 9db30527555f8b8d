/** Flags with which this Node runs a file of TypeScript: none where it can by itself, else tsx. */
export const typescriptFlags: readonly string[] =
  'typescript' in process.features && process.features.typescript ? [] : ['--import', 'tsx']
