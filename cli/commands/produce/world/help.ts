import { INCIDENT_KINDS } from '../../../../producers/shop/index.ts'

/** What `kappa produce NAME --help` says below the options. */
export const help = (name: string): string => `
One world: the same --seed, --events-per-day, --initial-customers, --world-start and --incident are the same people,
products, orders and campaigns in every domain, batch or stream, day by day: the shopper in the web log is the customer in
the CRM and in the orders. One domain's events are its share of --events-per-day. Tables (customers, campaigns, products)
come as they are at the start, then as they change.

Batch to Kafka goes in exactly once: killed, the same command goes on behind its last transaction; finished, it changes
nothing. Another command with some of the same events (web, then all) puts those there again. Days are UTC's, both
included. Stream: what the batch over the same day has, each event when its time has come.

Incidents, as kind@start+duration (s, m, h, d), repeatable: ${INCIDENT_KINDS.join(', ')}.

Files, below --out: Staging/ (orders as CSV, interactions as JSON; the same facts as in data/raw once more), data/raw/{web,
crm,advertising,influencers,inventory,flights,weather}/, data/sources/{clients,achats}.csv, truth/. One a day or hour
(--frequency), ending in .part until it is complete. With --flaws some are as files really are; truth/flaws.csv says which.

Personal fields are sealed on their way to Kafka; elsewhere they are in the clear. People are made up.

Examples:
  kappa produce ${name} --mode batch --start-date 2025-01-01 --end-date 2025-01-31
  kappa produce ${name} --mode batch --start-date 2025-01-01 --end-date 2025-12-31 --events-per-day 27400 --seed 7
  kappa produce ${name} --mode stream --events-per-minute 600 --duration 60
  kappa produce ${name} --mode batch --start-date 2025-03-01 --end-date 2025-03-01 --to stdout | head -3
  kappa produce ${name} --mode batch --start-date 2025-01-01 --end-date 2025-01-07 --to files --out ./data --flaws all`
