import { processor } from '#engine'
import { maskedPurchases, purchases } from '#schemas'

/** Checkouts for everyone: the e-mail a pseudonym, the address of origin its network, the delivery address its city; no name. */
export default processor('masked-purchases', ({ from }) =>
  from(purchases).mask({ email: 'emailPseudonym', ip: 'ipPrefix', address: 'city', name: null }).to(maskedPurchases),
)
