import type { Command } from 'commander'
import { register as api } from './api/index.ts'
import { register as complete } from './complete/index.ts'
import { register as dev } from './dev/index.ts'
import { register as explain } from './explain/index.ts'
import { register as flow } from './flow/index.ts'
import { register as imports } from './import/index.ts'
import { register as ingest } from './ingest/index.ts'
import { register as lookup } from './lookup/index.ts'
import { register as marts } from './marts/index.ts'
import { register as produce } from './produce/index.ts'
import { register as quality } from './quality/index.ts'
import { register as replay } from './replay/index.ts'
import { register as run } from './run/index.ts'
import { register as schedule } from './schedule/index.ts'
import { register as schemas } from './schemas/index.ts'
import { register as settle } from './settle/index.ts'
import { register as sink } from './sink/index.ts'
import { register as sources } from './sources/index.ts'
import { register as stack } from './stack/index.ts'
import { register as tail } from './tail/index.ts'
import { register as topology } from './topology/index.ts'
import { register as trace } from './trace/index.ts'
import { register as train } from './train/index.ts'
import { register as verify } from './verify/index.ts'

/** Every command of `kappa`, in the order of its help. */
export const commands: readonly ((program: Command) => void)[] = [
  dev,
  stack,
  schemas,
  produce,
  imports,
  ingest,
  sources,
  run,
  topology,
  replay,
  sink,
  tail,
  lookup,
  trace,
  verify,
  quality,
  complete,
  explain,
  settle,
  schedule,
  train,
  marts,
  flow,
  api,
]
