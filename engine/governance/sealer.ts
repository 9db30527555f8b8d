import { KappaError } from '#engine/errors'
import type { Contract, Pii, Topic } from '#engine/schema'
import type { KeyVault } from './contract.ts'
import { ERASED, sealText } from './seal.ts'

export interface SealedField {
  readonly name: string
  readonly pii: Pii
}

/** The fields of a contract that producers seal. Throws SCHEMA_INVALID for one that is not text or whose subject is no field. */
export function sealedFields(contract: Contract): readonly SealedField[] {
  return contract.fields.flatMap(({ name, pii, type }) => {
    if (!pii?.sealed) return []
    const doing = `reading ${contract.topic.name} field ${name}`
    if (type.kind !== 'string') throw new KappaError('SCHEMA_INVALID', `${doing}: only text can be sealed`)
    if (!contract.fields.some((field) => field.name === pii.subject))
      throw new KappaError('SCHEMA_INVALID', `${doing}: its subject '${pii.subject}' is no field`)
    return [{ name, pii }]
  })
}

/** The subject a field is about, as the vault and the associated data name it; null where the event has none. */
export function subjectOf(value: Readonly<Record<string, unknown>>, pii: Pii): string | null {
  const subject = value[pii.subject]
  return subject === null || subject === undefined || subject === '' ? null : String(subject)
}

/** Every subject that the fields of these values are about, once. */
export function subjectsOf(
  values: readonly Readonly<Record<string, unknown>>[],
  fields: readonly SealedField[],
): string[] {
  const subjects = new Set<string>()
  for (const value of values) {
    for (const { name, pii } of fields) {
      const subject = value[name] === null || value[name] === undefined ? null : subjectOf(value, pii)
      if (subject !== null) subjects.add(subject)
    }
  }
  return [...subjects]
}

/**
 * Seals a batch before it is encoded: copies of the values, with every `pii.sealed` field sealed under its subject's key.
 * One round trip to the vault a batch. Null stays null. The field of an erased subject reads `erased`, and so does one
 * whose event names no subject: nobody could ever ask for its erasure, so it is not kept at all.
 * Throws retriable SERVICE_UNAVAILABLE while the vault is away: nothing was sealed, nothing may be sent.
 */
export function sealer<V>(topic: Topic<V>, vault: KeyVault): (values: readonly V[]) => Promise<readonly V[]> {
  const fields = sealedFields(topic.contract)
  if (fields.length === 0) return async (values) => values
  return async function seal(values) {
    const records = values as readonly Readonly<Record<string, unknown>>[]
    const secrets = await vault.secrets(subjectsOf(records, fields))
    return records.map((record) => {
      const copy: Record<string, unknown> = { ...record }
      for (const { name, pii } of fields) {
        const plaintext = record[name]
        if (plaintext === null || plaintext === undefined) continue
        const subject = subjectOf(record, pii)
        const secret = subject === null ? null : secrets.get(subject)
        if (secret === undefined)
          throw new KappaError(
            'SERVICE_UNAVAILABLE',
            `sealing ${topic.name} field ${name}: the vault left a subject out`,
            { retriable: true },
          )
        copy[name] =
          subject === null || secret === null
            ? ERASED
            : sealText(secret, { topic: topic.contract.topic.name, field: name, subject }, String(plaintext))
      }
      return copy as V
    })
  }
}
