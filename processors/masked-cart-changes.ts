import { processor } from '#engine'
import { cartChanges, maskedCartChanges } from '#schemas'

/** Cart changes for everyone: the e-mail a pseudonym, the address of origin its network. */
export default processor('masked-cart-changes', ({ from }) =>
  from(cartChanges).mask({ email: 'emailPseudonym', ip: 'ipPrefix' }).to(maskedCartChanges),
)
