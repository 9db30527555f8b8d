import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KappaError } from '#engine/errors'
import { presentsCredentials } from './authentication.ts'
import { decodedBody } from './body.ts'
import type { Config } from './config.ts'
import { Engine, type Outcome } from './engine.ts'
import { prepareFolders } from './engineConfig.ts'
import { DatabaseError, databaseError, errorCode } from './errors.ts'
import { type Out, prepareConnection, runInsert, runOther, runRead } from './execute.ts'
import { Pipes } from './pipe.ts'
import { checkReader, onlyReads } from './reader.ts'
import { type Received, receive } from './receive.ts'
import { type Asked, readRequest } from './request.ts'
import { Answer } from './response.ts'
import { Running } from './running.ts'
import { Sessions } from './sessions.ts'
import { Spool } from './spool.ts'

/** ClickHouse's HTTP interface over the engine in this process. */
export class ClickHouseServer {
  readonly #config: Config
  readonly #engine: Engine
  readonly #sessions: Sessions
  readonly #running: Running
  readonly #pipes: Pipes
  readonly #spool: Spool
  readonly #http: Server

  /** Opens the data folder. Throws a KappaError where it cannot. */
  constructor(config: Config) {
    this.#config = config
    const folders = prepareFolders(config)
    this.#engine = new Engine(folders)
    this.#sessions = new Sessions(this.#engine)
    this.#running = new Running(this.#engine)
    this.#pipes = new Pipes(folders.spool)
    this.#spool = new Spool(folders.spool)
    this.#http = createServer((request, response) => void this.#serve(request, response))
    this.#http.requestTimeout = 0 // A large insert takes as long as it takes.
    this.#http.keepAliveTimeout = 10_000
  }

  get version(): string {
    return this.#engine.version
  }

  /** Resolves with the port when it listens. Throws BLOCKED where the port is taken. */
  async listen(): Promise<number> {
    const { host, port } = this.#config
    try {
      this.#http.listen(port, host)
      await once(this.#http, 'listening')
    } catch (cause) {
      throw new KappaError('BLOCKED', `listening on ${host}:${port}`, { cause })
    }
    return (this.#http.address() as AddressInfo).port
  }

  /** Takes nothing new, stops what reads, lets what writes finish and be answered, and closes the engine. */
  async close(): Promise<void> {
    const closed = this.#http.listening ? once(this.#http, 'close') : undefined
    this.#http.close()
    await this.#running.finish()
    // Answers are on their way now; a connection that is idle has had its own. One that lingers is cut.
    const idle = setInterval(() => this.#http.closeIdleConnections(), 10)
    const cut = setTimeout(() => this.#http.closeAllConnections(), 2_000)
    await closed
    clearInterval(idle)
    clearTimeout(cut)
    this.#sessions.close()
    await this.#engine.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, search] = split(request.url ?? '/')
    const url = { pathname: path, searchParams: new URLSearchParams(search) }
    if (isPing(request, url)) return void response.setHeader('Content-Type', 'text/html; charset=UTF-8').end('Ok.\n')
    const queryId = url.searchParams.get('query_id') ?? ''
    let answer = new Answer(response, this.version, queryId, { waitForEnd: false })
    try {
      if (url.pathname !== '/') return notFound(url.pathname, response)
      const asked = this.#admit(request, response, url.searchParams)
      answer = new Answer(response, this.version, asked.queryId, asked)
      await this.#answer(request, response, asked, answer)
    } catch (thrown) {
      if (hasUnreadBody(request) && !response.headersSent) response.setHeader('Connection', 'close')
      request.resume()
      answer.fail(databaseError(thrown))
    }
  }

  #admit(request: IncomingMessage, response: ServerResponse, url: URLSearchParams): Asked {
    try {
      return readRequest(request, url, this.#config.users)
    } catch (thrown) {
      if (!presentsCredentials(request, url))
        response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse server HTTP API"')
      throw thrown
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, asked: Asked, answer: Answer): Promise<void> {
    const body = decodedBody(request, this.#engine, this.#spool)
    const received = await receive(asked.query, body, this.#spool, (text) => admitStatement(text, asked))
    const kind = received.statement.kind
    try {
      const outcome = await this.#running.during(asked.queryId, kind === 'read' ? 'read' : 'write', (stop) =>
        this.#execute(received, asked, { answer, response, stop }),
      )
      // Only now does the client hear the end: what it asks next finds its session free and its query id unused.
      await answer.succeed(outcome, kind === 'insert' ? 'written' : kind === 'read' ? 'read' : 'none')
    } finally {
      await received.data?.remove()
    }
  }

  async #execute({ statement, data }: Received, asked: Asked, out: Out): Promise<Outcome> {
    const lease = this.#sessions.lease(asked)
    try {
      await prepareConnection(lease.connection, asked)
      if (statement.kind === 'read') return await runRead(statement, asked, lease.connection, this.#pipes, out)
      if (statement.kind === 'other') return await runOther(statement, asked, lease.connection, out.answer)
      if (data === undefined) throw new DatabaseError(errorCode.badArguments, 'INSERT without its data')
      return await runInsert(statement, data, lease.connection)
    } finally {
      await lease.giveBack([...asked.settings.keys()])
    }
  }
}

/** What a user, or a GET, may not ask at all. */
function admitStatement(text: string, asked: Asked): void {
  if (asked.user.readonly) checkReader(text, asked.settings.keys(), asked.parameters.values())
  if (asked.readOnlyMethod && !onlyReads(text))
    throw new DatabaseError(
      errorCode.readonly,
      'Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries',
    )
}

const hasUnreadBody = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers['content-length'] ?? headers['transfer-encoding'] ?? '0') !== '0'

/** A request's target as path and query; whatever it holds, it can be split. */
function split(target: string): [string, string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

interface Target {
  readonly pathname: string
  readonly searchParams: URLSearchParams
}

const isPing = (request: IncomingMessage, { pathname, searchParams }: Target): boolean => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  return pathname === '/ping' || pathname === '/replicas_status' || (pathname === '/' && !searchParams.has('query'))
}

function notFound(path: string, response: ServerResponse): void {
  response.statusCode = 404
  response.end(`There is no handle ${path}\n\nUse / or /ping for health checks.\nSend queries to /\n`)
}
