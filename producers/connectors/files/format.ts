import type { CsvOptions } from './csv.ts'
import type { Encoding } from './encoding.ts'

export const FORMATS = ['csv', 'json', 'ndjson', 'parquet', 'avro'] as const

/** How a file is cut into records. */
export type FileFormat =
  | ({ readonly format: 'csv' } & CsvOptions)
  | { readonly format: 'json' | 'ndjson'; readonly encoding: Encoding }
  | { readonly format: 'parquet' | 'avro' }
