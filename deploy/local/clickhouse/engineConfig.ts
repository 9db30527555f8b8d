import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from './config.ts'

/** Where the process keeps what it needs, all under the one data folder. */
export interface Folders {
  /** The engine's own. */
  readonly engine: string
  /** Bodies and pipes of requests that are running; emptied at each start. */
  readonly spool: string
  readonly configFile: string
}

/**
 * Writes the engine's own configuration. Its one user, `default`, holds no right of itself but two roles: `writer` has
 * every grant, `reader` may only read and has none on sources outside the database. Each statement takes one of them.
 * Throws where the folder cannot be written.
 */
export function prepareFolders(config: Config): Folders {
  const root = resolve(config.dataFolder)
  const folders = { engine: join(root, 'engine'), spool: join(root, 'spool'), configFile: join(root, 'engine.xml') }
  mkdirSync(folders.engine, { recursive: true })
  rmSync(folders.spool, { recursive: true, force: true })
  mkdirSync(folders.spool, { recursive: true, mode: 0o700 })
  const usersFile = join(root, 'users.xml')
  writeFileSync(usersFile, usersXml(config))
  writeFileSync(folders.configFile, engineXml(config, usersFile))
  return folders
}

/* An acknowledged insert has been handed to the disk, not only to the page cache (docs/decisions/0002). */
const engineXml = (config: Config, usersFile: string) => `<clickhouse>
  <timezone>UTC</timezone>
  <max_server_memory_usage>${config.maxServerMemory}</max_server_memory_usage>
  <users_config>${xml(usersFile)}</users_config>
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
  </merge_tree>
</clickhouse>
`

/*
 * Inserts and definitions are over when they are answered: no asynchronous inserts, no background materialisation of
 * what a client believes done. `mutations_sync` stays ClickHouse's own default, so a client decides.
 */
const usersXml = (config: Config) => `<clickhouse>
  <profiles>
    <default>
      <max_memory_usage>${config.maxQueryMemory}</max_memory_usage>
      <async_insert>0</async_insert>
      <fsync_metadata>1</fsync_metadata>
      <database_atomic_wait_for_drop_and_detach_synchronously>1</database_atomic_wait_for_drop_and_detach_synchronously>
    </default>
  </profiles>
  <quotas><default/></quotas>
  <roles>
    <writer><grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants></writer>
    <reader>
      <grants>
        <query>GRANT SELECT, SHOW, dictGet, CREATE TEMPORARY TABLE ON *.*</query>
      </grants>
    </reader>
  </roles>
  <users>
    <default>
      <password></password>
      <profile>default</profile>
      <quota>default</quota>
      <networks><ip>::/0</ip></networks>
      <grants><query>GRANT writer</query><query>GRANT reader</query></grants>
    </default>
  </users>
</clickhouse>
`

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
