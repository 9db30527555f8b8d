import { InvalidArgumentError } from 'commander'

/** A port from the command line; 0 is a free one. */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It is not a port.')
  return Number(text)
}

/** Sites from the command line, one more each time. */
export function origin(text: string, before: readonly string[]): readonly string[] {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text) || new URL(text).origin !== text)
    throw new InvalidArgumentError('It is not an origin like https://shop.example.')
  return [...before, text]
}
