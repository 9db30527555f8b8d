import { processor } from '#engine'
import { customers, maskedCustomers } from '#schemas'

/** Customers for everyone: the e-mail a pseudonym, the address its city; no name. */
export default processor('masked-customers', ({ from }) =>
  from(customers).mask({ email: 'emailPseudonym', name: null, address: 'city' }).to(maskedCustomers),
)
