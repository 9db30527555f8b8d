import { parquetReadObjects } from 'hyparquet'
import { addHashes, type RowSum } from '#engine/delivery'
import { BronzeArchive } from './archive.ts'
import type { FoldedCut, SilverFile } from './ledger/head.ts'
import { cutsOf, foldedCut, readState, silverFiles } from './ledger/state.ts'
import type { ObjectStore } from './object-store.ts'

/** What S3 holds of a topic. */
export interface S3Tally {
  readonly bronze: RowSum
  readonly silver: RowSum
  /** Objects that a manifest names and that are missing, or not of the size it says. */
  readonly broken: readonly string[]
  /** Rows that retention took away: they were there, and are not missing. */
  readonly expired: { readonly bronze: RowSum; readonly silver: RowSum }
}

type Counted = Pick<S3Tally, 'bronze' | 'silver' | 'broken'>

const none: RowSum = { rows: 0, hashSum: '0' }
const plus = (sum: RowSum, rows: number, hashSum: string): RowSum => ({
  rows: sum.rows + rows,
  hashSum: addHashes(sum.hashSum, hashSum),
})

/**
 * Counts a generation's cuts up to the given ones by their manifests, and only objects that are there in full.
 * @param deep opens every object and counts what is in it
 */
export async function tallyTopic(
  store: ObjectStore,
  topic: string,
  generation: number,
  cuts: Readonly<Record<number, number>>,
  deep: boolean,
): Promise<S3Tally> {
  const { head, tail } = await readState(store, topic)
  const late = tail.flatMap(({ manifest }) => {
    const { generation: own, number, lane } = manifest.cut
    return own === generation && number <= (cuts[lane] ?? 0) ? [manifest] : []
  })
  const folded = await cutsOf(store, { head, tail: [] })
  const visible: Visible = {
    cuts: [...folded.filter((cut) => cut.generation === generation), ...late.map(foldedCut)],
    silver: [...head.silver.filter((file) => file.generation === generation), ...late.flatMap(silverFiles)],
  }
  const counted = deep ? await tallyContents(store, topic, visible) : await tallyListing(store, topic, visible)
  return { ...counted, expired: head.expired[generation] ?? { bronze: none, silver: none } }
}

interface Visible {
  readonly cuts: readonly FoldedCut[]
  readonly silver: readonly SilverFile[]
}

async function tallyListing(store: ObjectStore, topic: string, { cuts, silver: files }: Visible): Promise<Counted> {
  const objects = [...(await store.list(`bronze/${topic}/`)), ...(await store.list(`silver/${topic}/`))]
  const sizes = new Map(objects.map(({ key, bytes }) => [key, bytes]))
  const broken: string[] = []
  const whole = ({ object, bytes }: { object: string; bytes: number }): boolean => {
    if (sizes.get(object) === bytes) return true
    broken.push(object)
    return false
  }
  let [bronze, silver] = [none, none]
  for (const cut of cuts)
    for (const range of cut.bronze) if (whole(range)) bronze = plus(bronze, range.count, range.hashSum)
  for (const file of files) if (whole(file)) silver = plus(silver, file.rows, file.hashSum)
  return { bronze, silver, broken }
}

async function tallyContents(store: ObjectStore, topic: string, { cuts, silver: files }: Visible): Promise<Counted> {
  const archive = new BronzeArchive(store)
  const broken: string[] = []
  let [bronze, silver] = [none, none]
  for (const cut of cuts)
    for (const range of cut.bronze)
      try {
        await archive.read(topic, range)
        bronze = plus(bronze, range.count, range.hashSum)
      } catch (thrown) {
        broken.push(thrown instanceof Error ? thrown.message : range.object)
      }
  for (const { object } of files) {
    const found = await silverSum(store, object)
    if (found === undefined) broken.push(object)
    else silver = plus(silver, found.rows, found.hashSum)
  }
  return { bronze, silver, broken }
}

async function silverSum(store: ObjectStore, object: string): Promise<RowSum | undefined> {
  const bytes = await store.get(object)
  if (bytes === undefined) return undefined
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  try {
    const rows = await parquetReadObjects({ file, columns: ['_hash'] })
    const sum = rows.reduce((total, { _hash }) => BigInt.asUintN(64, total + BigInt(_hash as bigint)), 0n)
    return { rows: rows.length, hashSum: sum.toString() }
  } catch {
    return undefined
  }
}
