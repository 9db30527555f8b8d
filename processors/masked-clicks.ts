import { processor } from '#engine'
import { clicks, maskedClicks } from '#schemas'

/** Clicks for everyone: the e-mail a pseudonym, the address of origin its network. */
export default processor('masked-clicks', ({ from }) =>
  from(clicks).mask({ email: 'emailPseudonym', ip: 'ipPrefix' }).to(maskedClicks),
)
