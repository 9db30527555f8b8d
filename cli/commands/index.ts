import type { Command } from 'commander'

/** Every command of `kappa`, in the order of its help. */
export const commands: readonly ((program: Command) => void)[] = []
