/**
 * How often a scenario kills its connector: as often as the whole test run has time for, or as `npm run crash -- --suite
 * connectors --kills N` says.
 */
export const kills = (usual: number): number => Number(process.env.KAPPA_TEST_KILLS ?? usual)

/** What a scenario of a connector found, in the words that the suite reads. */
export const foundText = (
  connector: string,
  found: { readonly kills: number; readonly events: number; readonly deadLetters: number },
): string => `connector ${connector}: ${found.kills} kills, ${found.events} events, ${found.deadLetters} dead letters`

/** What such words say; undefined for others. */
export function foundIn(line: string) {
  const match = /connector ([a-z-]+): (\d+) kills, (\d+) events, (\d+) dead letters/.exec(line)
  if (match === null) return undefined
  const [, connector = '', kills, events, deadLetters] = match
  return { connector, kills: Number(kills), events: Number(events), deadLetters: Number(deadLetters) }
}
