/**
 * Currencies that the company is paid in, and about what a euro costs in each: good enough to tell a price from one whose
 * point was moved. Another code is a currency never seen.
 */
export const USUAL_RATES: Readonly<Record<string, number>> = {
  EUR: 1,
  USD: 1.1,
  GBP: 0.86,
  PLN: 4.3,
  JPY: 160,
}
