/** How an HTTP body can be compressed, with the name the engine knows it by. */
export const encodings = {
  zstd: 'zstd',
  lz4: 'lz4',
  gzip: 'gzip',
  deflate: 'deflate',
  br: 'br',
  xz: 'xz',
  bz2: 'bz2',
} as const
export type Encoding = keyof typeof encodings

export const isEncoding = (name: string): name is Encoding => Object.hasOwn(encodings, name)

/** The best of ours that `Accept-Encoding` allows, by our order; `undefined` where the answer is to go as it is. */
export function chooseEncoding(accepted: string): Encoding | undefined {
  const allowed = new Set<string>()
  for (const part of accepted.split(',')) {
    const [name = '', ...options] = part.split(';').map((text) => text.trim().toLowerCase())
    const refused = options.some((option) => /^q=0(\.0*)?$/.test(option))
    if (!refused) allowed.add(name === 'x-gzip' ? 'gzip' : name)
  }
  return (Object.keys(encodings) as Encoding[]).find((name) => allowed.has(name))
}
