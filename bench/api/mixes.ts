/** Requests of one kind of use; `paths` gives the next. */
export interface Mix {
  readonly name: string
  readonly says: string
  readonly paths: () => string
}

const WORDS = [
  'cotton shirts',
  'rustic bag',
  'coton shrit',
  'métal toys',
  'wooden kitch',
  'silk jacket',
  'granite book',
]
const FIGURES = [
  '/kpis',
  '/gold/fact_ca_jour',
  '/gold/fact_ca_mois',
  '/gold/kpi_retention',
  '/gold/analyse_segments_rfm',
]

/** What dashboards ask, and the same where no question is ever asked twice. */
export function mixes(customers: readonly string[]): readonly Mix[] {
  const turn = (n: number, of: readonly string[]): string => of[n % of.length] ?? ''
  let n = 0
  const customer = (at: number) => encodeURIComponent(turn(at * 7, customers))
  return [
    {
      name: 'dashboards',
      says: '40 % customers as documents, 20 % purchase lines of one, 20 % figures, 20 % product search',
      paths() {
        const at = n++
        switch (at % 5) {
          case 0:
          case 1:
            return `/clients/${customer(at)}`
          case 2:
            return `/achats?id_client=${customer(at)}&limit=50`
          case 3:
            return turn(at, FIGURES)
          default:
            return `/products?search=${encodeURIComponent(turn(at, WORDS))}&limit=20`
        }
      },
    },
    {
      name: 'never the same',
      says: 'the same, each question new, so that nothing is answered from memory',
      paths() {
        const at = n++
        // A bound that no amount is below, another one each time.
        const other = `montant_min=-${1_000_000 + at}`
        switch (at % 5) {
          case 0:
          case 1:
            return `/achats?id_client=${customer(at)}&limit=200&${other}`
          case 2:
            return `/achats?limit=50&${other}`
          case 3:
            return `/gold/fact_ca_jour?ca_min=-${1_000_000 + at}`
          default:
            return `/products?search=${encodeURIComponent(turn(at, WORDS))}&limit=20&price_max=${10_000 + at}`
        }
      },
    },
  ]
}
