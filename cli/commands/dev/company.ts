/**
 * Arguments of `kappa` that let the made-up company live: whatever the hour, every domain has something to tell within two
 * minutes.
 * @param eventsPerMinute of all domains, as text
 */
export const companyArgs = (eventsPerMinute: string): readonly string[] => [
  ...['produce', 'all', '--mode', 'stream', '--events-per-minute', eventsPerMinute],
  ...['--frequency', 'minutely', '--initial-customers', '2000'],
]

export const DEFAULT_EVENTS_PER_MINUTE = '800'
