export { type RedisKeyVault, type RedisKeyVaultOptions, redisKeyVault } from './keyVault.ts'
export { RedisDestination, type ServingView, servingView } from './view/destination.ts'
