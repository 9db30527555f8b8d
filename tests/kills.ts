/**
 * How often a scenario kills what it is about: as often as the test suite has time for, or as `npm run crash -- --suite
 * connectors` says.
 */
export const kills = (usual: number): number => Number(process.env.KAPPA_TEST_KILLS ?? usual)
