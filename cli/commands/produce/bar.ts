import cliProgress from 'cli-progress'

export interface Bar {
  update(value: number, note?: string): void
  stop(): void
}

/** A progress bar on the terminal's error output, so that results can be piped; none where it is no terminal, or `quiet`. */
export function progressBar(what: string, total: number, unit: string, quiet = false): Bar {
  if (quiet || !process.stderr.isTTY || total <= 0) return { update() {}, stop() {} }
  const format = `  ${what} [{bar}] {percentage}% | {value}/{total} ${unit} | {speed}/s | {eta_formatted} left {note}`
  const bar = new cliProgress.SingleBar({
    format,
    hideCursor: true,
    barsize: 28,
    etaBuffer: 50,
    stream: process.stderr,
  })
  const begun = performance.now()
  bar.start(total, 0, { speed: 0, note: '' })
  return {
    update(value, note = '') {
      const seconds = Math.max(0.001, (performance.now() - begun) / 1_000)
      bar.update(Math.min(value, total), { speed: Math.round(value / seconds), note })
    },
    stop: () => bar.stop(),
  }
}
