import type { Command } from 'commander'
import { registerServe } from './serve.ts'
import { registerTokens } from './token.ts'

/** `kappa api`, and `kappa api token …`. */
export function register(program: Command): void {
  registerTokens(registerServe(program))
}
