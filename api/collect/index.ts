export { type CollectServer, type CollectServerOptions, serveCollect } from './server.ts'
