export { type RedisKeyVault, type RedisKeyVaultOptions, redisKeyVault } from './keyVault.ts'
