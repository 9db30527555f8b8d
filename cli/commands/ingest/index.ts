import type { Command } from 'commander'
import { register as collect } from './collect.ts'
import { register as files } from './files.ts'
import { register as http } from './http.ts'
import { register as pages } from './pages.ts'
import { register as sql } from './sql.ts'

/** `kappa ingest …` and `kappa collect`: data that comes from elsewhere, exactly once. */
export function register(program: Command): void {
  const ingest = program
    .command('ingest')
    .description('take in data from elsewhere: exactly once, going on where it was')
  files(ingest)
  http(ingest)
  pages(ingest)
  sql(ingest)
  collect(program)
}
