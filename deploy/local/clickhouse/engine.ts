import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { drainPending, Session } from 'chdb'
import { KappaError } from '#engine/errors'
import { maxConcurrentStatements } from './command.ts'
import type { Folders } from './engineConfig.ts'
import { databaseError } from './errors.ts'
import { stringLiteral } from './literal.ts'
import { Turns } from './turns.ts'

/** What the engine says of a statement that ran. */
export interface Outcome {
  /** What it answered, formatted; empty where the answer went to a file. */
  readonly bytes: Uint8Array
  readonly seconds: number
  /** Rows and bytes that the client's side saw: of the result, or of the data inserted. */
  readonly rows: number
  readonly bytesSeen: number
}

/**
 * One connection to the engine: its own settings, parameters, role, database and temporary tables, and at most one
 * statement at a time. Opening costs less than a millisecond, so a request takes a fresh one and nothing can leak.
 */
export class Connection {
  readonly #session: Session
  readonly #turns: Turns

  constructor(session: Session, turns: Turns) {
    this.#session = session
    this.#turns = turns
  }

  /** Runs on a thread of its own. Throws a DatabaseError. */
  async run(sql: string, format = 'TabSeparated'): Promise<Outcome> {
    const leave = await this.#turns.take()
    try {
      const result = await this.#session.queryAsync(sql, { format })
      const { elapsed, rowsRead, bytesRead } = result
      return { bytes: result.bytes(), seconds: elapsed, rows: rowsRead, bytesSeen: bytesRead }
    } catch (thrown) {
      throw databaseError(thrown)
    } finally {
      leave()
    }
  }

  close(): void {
    this.#session.close()
  }
}

/** The one owner of the engine and its data folder in this process. */
export class Engine {
  readonly version: string
  readonly #folder: string
  readonly #control: Session
  readonly #turns = new Turns(maxConcurrentStatements)

  /**
   * Opens the folder and everything in it. Throws STORE where it will not open, as when another process holds it: the
   * engine has then written its reason to the standard error output.
   */
  constructor(folders: Folders) {
    this.#folder = folders.engine
    try {
      this.#control = new Session(this.#folder, {
        connectionArgs: [`--config-file=${folders.configFile}`, '--async_load_databases=0'],
      })
      this.#plainDefault()
      this.version = this.#control.query('SELECT version()', 'TabSeparated').trim()
    } catch (cause) {
      throw new KappaError(
        'STORE',
        `opening ClickHouse's data folder ${this.#folder} (the engine's reason stands above)`,
        { cause },
      )
    }
  }

  /**
   * The engine opens with the database `default` laid over the file system, where a file's path is a table's name. A
   * plain Atomic one takes its place: the one whose tables are there, or, where there never was a table, a new one. The
   * engine finds the former again by the folder of its tables' metadata.
   */
  #plainDefault(): void {
    const metadata = join(this.#folder, 'metadata')
    this.#control.query('DETACH DATABASE default')
    if (existsSync(join(metadata, 'default'))) {
      this.#control.query('ATTACH DATABASE default')
    } else {
      rmSync(join(metadata, 'default.sql'), { force: true })
      this.#control.query('CREATE DATABASE default ENGINE = Atomic')
    }
  }

  open(): Connection {
    return new Connection(new Session(this.#folder), this.#turns)
  }

  /**
   * Tells the statement that carries this id to stop, and returns at once; it stops at its next block. On the calling
   * thread, so that it also works when every other one is taken.
   */
  kill(id: string): void {
    this.#control.query(`KILL QUERY WHERE Settings['log_comment'] = ${stringLiteral(id)} ASYNC`)
  }

  /** After the last statement; waits for whatever still runs. */
  async close(): Promise<void> {
    await drainPending()
    this.#control.close()
    await drainPending()
  }
}
