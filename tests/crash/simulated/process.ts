import type { Owner, VirtualTime } from './virtual-time.ts'

/** A worker's process in the simulation: it can be stopped and go on, and it can die at any moment. */
export class SimulatedProcess implements Owner {
  readonly name: string
  readonly #time: VirtualTime
  readonly #onSilence: (() => void)[] = []
  readonly #onSpeech: (() => void)[] = []
  #state: 'running' | 'stopped' | 'dead' = 'running'
  #held: (() => void)[] = []

  constructor(name: string, time: VirtualTime) {
    this.name = name
    this.#time = time
  }

  get state(): 'running' | 'stopped' | 'dead' {
    return this.#state
  }

  /** What must happen when the process falls silent, and when it speaks again: its heartbeats. */
  heart(silence: () => void, speech: () => void): void {
    this.#onSilence.push(silence)
    this.#onSpeech.push(speech)
    // What it asked for may come about when it is gone.
    if (this.#state !== 'running') silence()
  }

  /** Runs code as this process. */
  run<T>(act: () => T): T {
    return this.#time.as(this, act)
  }

  deliver(act: () => void): void {
    if (this.#state === 'running') act()
    else if (this.#state === 'stopped') this.#held.push(act)
  }

  /** An answer from outside reaches the process when it runs, and never when it is dead. */
  receive<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.deliver(() => resolve(value)),
        (thrown) => this.deliver(() => reject(thrown)),
      )
    })
  }

  /** SIGKILL. */
  kill(): void {
    if (this.#state === 'dead') return
    const spoke = this.#state === 'running'
    this.#state = 'dead'
    this.#held = []
    if (spoke) this.#fallSilent()
  }

  /** SIGSTOP. */
  stop(): void {
    if (this.#state !== 'running') return
    this.#state = 'stopped'
    this.#fallSilent()
  }

  /** SIGCONT: everything that came in the meantime comes now, in its order. */
  go(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'running'
    const held = this.#held
    this.#held = []
    for (const act of held) this.#time.as(undefined, () => act())
    this.#time.as(undefined, () => {
      for (const speak of this.#onSpeech) speak()
    })
  }

  #fallSilent(): void {
    this.#time.as(undefined, () => {
      for (const silence of this.#onSilence) silence()
    })
  }
}
