export { type RawAnswer, type RedisAnswers, redisAnswers } from './answers.ts'
export { type RedisKeyVault, type RedisKeyVaultOptions, redisKeyVault } from './keyVault.ts'
export { RedisDestination, type ServingView, servingView } from './view/destination.ts'
