import { KappaError } from '#engine/errors'
import type { KeyVault, SubjectSecret } from '#engine/governance'

/** Subjects' secrets of the slices at hand. Nothing is kept longer: an erasure takes effect with the next slice. */
export class Secrets {
  readonly #vault: KeyVault | undefined
  #current: ReadonlyMap<string, SubjectSecret | null> = new Map()
  #previous: ReadonlyMap<string, SubjectSecret | null> = new Map()

  constructor(vault: KeyVault | undefined) {
    this.#vault = vault
  }

  /** One round trip for every subject of a slice. Throws retriable SERVICE_UNAVAILABLE while the vault is away. */
  async fetch(subjects: ReadonlySet<string>): Promise<void> {
    if (subjects.size === 0 || !this.#vault) return
    const fetched = await this.#vault.secrets([...subjects])
    this.#previous = this.#current
    this.#current = fetched
  }

  /** The subject's secret; null where it was erased. */
  of(subject: string): SubjectSecret | null {
    const secret = this.#current.get(subject) ?? this.#previous.get(subject)
    if (secret !== undefined) return secret
    if (this.#current.has(subject) || this.#previous.has(subject)) return null
    throw new NotPrepared()
  }
}

/** A slice was taken without being prepared: a fault of the caller, never of the record. */
export class NotPrepared extends KappaError {
  constructor() {
    super('STATE_MISMATCH', "taking a record before 'prepare' fetched its subject's secret")
  }
}
