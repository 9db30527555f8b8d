import type { MaskedPurchase } from '#schemas'

/** The i-th purchase of the sinks' benchmarks. */
export const purchase = (i: number): MaskedPurchase => ({
  eventId: `01890a5d-ac96-774b-bcce-${String(i).padStart(12, '0')}`,
  sessionId: `s-${(i * 7919) % 99_991}`,
  visitorId: `v-${(i * 31) % 50_021}`,
  customerId: `c-${(i * 17) % 20_011}`,
  country: ['DE', 'FR', 'US', 'GB', 'ES', 'IT', 'NL', 'PL'][i % 8] ?? 'DE',
  device: i % 3 === 0 ? 'MOBILE' : 'DESKTOP',
  orderId: `o-${i}`,
  status: i % 20 === 0 ? 'REFUSED' : 'PAID',
  amount: BigInt((i * 7919) % 50_000),
  currency: 'EUR',
  items: 1 + (i % 5),
  paymentMethod: 'CARD',
  refusalReason: i % 20 === 0 ? 'insufficient funds' : null,
  emailPseudonym: `p-${(i * 17) % 20_011}`,
  ipPrefix: `10.${i % 200}.${(i * 3) % 256}.0/24`,
  city: ['Berlin', 'München', 'Paris', 'Lyon'][i % 4] ?? '',
  occurredAt: 1_735_689_600_000 + i * 20,
})
