const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** What a shell reports of a command that Ctrl-C ended. */
const INTERRUPTED = 130

/**
 * Lets a command end in good order when nobody reads its output any more (`kappa tail … | head -3`, or Ctrl-C that also
 * ends the `tee` behind it): writes to a closed pipe are dropped, and the first one stops the command as Ctrl-C does,
 * unless it is stopping already. Without this the process dies of EPIPE and leaves behind what it started.
 */
export function outliveClosedPipes(): void {
  let stopping = false
  for (const signal of SIGNALS)
    process.on(signal, () => {
      stopping = true
      // A command without a handler of its own ends at once, as it would without this one.
      if (process.listenerCount(signal) === 1) process.exit(INTERRUPTED)
    })
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (failure: NodeJS.ErrnoException) => {
      if (failure.code !== 'EPIPE') throw failure
      if (stopping) return
      stopping = true
      if (process.listenerCount('SIGINT') === 1) process.exit(0)
      process.emit('SIGINT')
    })
}
