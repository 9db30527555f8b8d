import type { KeyUse } from './contract.ts'

/** An API key that goes out with requests and nowhere else. */
export interface ApiKey {
  /** The address and headers of a request, with the key. */
  sign(url: string): { readonly url: string; readonly headers: Readonly<Record<string, string>> }
  /** The text without the key, plain or percent-encoded. */
  redact(text: string): string
}

const HIDDEN = '***'

export function apiKey(use: KeyUse | undefined, key: string | undefined): ApiKey {
  if (use === undefined || key === undefined) return { sign: (url) => ({ url, headers: {} }), redact: (text) => text }
  const spellings = [...new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])]
  return {
    sign(url) {
      if (use.in === 'bearer') return { url, headers: { authorization: `Bearer ${key}` } }
      const signed = new URL(url)
      signed.searchParams.set(use.name ?? 'key', key)
      return { url: signed.href, headers: {} }
    },
    redact: (text) => spellings.reduce((rest, spelling) => rest.replaceAll(spelling, HIDDEN), text),
  }
}
