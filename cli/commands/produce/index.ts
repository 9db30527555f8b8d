import type { Command } from 'commander'
import { registerShop } from './shop.ts'
import { registerWorld } from './world/index.ts'

/** `kappa produce …`: sources that make events up. */
export function register(program: Command): void {
  const produce = program.command('produce').description('generate events')
  registerShop(produce)
  registerWorld(produce)
}
