import { processor } from '#engine'
import { clients, maskedClients } from '#schemas'

/** Clients for everyone: the e-mail a pseudonym; no name. */
export default processor('masked-clients', ({ from }) =>
  from(clients).mask({ email: 'emailPseudonym', nom: null }).to(maskedClients),
)
