import { connect } from 'node:net'
import { host } from '../settings.ts'

const patience = 3_000

/** Sends `request` and resolves with the answer as soon as `complete` says that it is whole. */
export function ask(port: number, request: Buffer, complete: (answer: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    let answer = Buffer.alloc(0)
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(reason))
    }
    socket.setTimeout(patience, () => fail(`port ${port} does not answer`))
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => fail(`port ${port} closed the connection`))
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (!complete(answer)) return
      resolve(answer)
      socket.destroy()
    })
  })
}

/** Resolves with status and body of a GET, whatever the status. */
export async function get(port: number, path: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://${host}:${port}${path}`, { signal: AbortSignal.timeout(patience) })
  return { status: answer.status, body: await answer.text() }
}
