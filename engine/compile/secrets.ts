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

  /** The subject's secret; null where it was erased. The latest answer counts: an erasure is never undone by an older one. */
  of(subject: string): SubjectSecret | null {
    const latest = this.#current.get(subject)
    const secret = latest === undefined ? this.#previous.get(subject) : latest
    if (secret !== undefined) return secret
    throw new NotPrepared()
  }
}

/** A slice was taken without being prepared: a fault of the caller, never of the record. */
export class NotPrepared extends KappaError {
  constructor() {
    super('STATE_MISMATCH', "taking a record before 'prepare' fetched its subject's secret")
  }
}
