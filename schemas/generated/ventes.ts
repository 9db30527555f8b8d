// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

/** A purchase, as the retailer’s database has it: one row per line of an order of crm.orders.v1. */
export interface Achat {
  /** Order and line: unique. */
  readonly idAchat: string
  /** Who bought. */
  readonly idClient: string
  /** When it was paid for. Milliseconds since 1970 UTC. */
  readonly dateAchat: number
  /** Paid for this line, tax included, in euros. Unscaled: 2 decimal places. */
  readonly montant: bigint
  /** The product, by the name in inventory.catalogue-items.v1. */
  readonly produit: string
}

/** A client of the shop, as the retailer’s database has them. Personal fields are sealed by the producer; subscribe to ventes.masked-clients.v1 instead. */
export interface Client {
  /** The client: the customer of crm.customers.v1. */
  readonly idClient: string
  /** Name as given at registration, sealed. Personal (idClient), sealed. */
  readonly nom: string
  /** As given at registration, sealed. Personal (idClient), sealed. */
  readonly email: string
  /** When the client registered. Milliseconds since 1970 UTC. */
  readonly dateInscription: number
  /** Country, ISO 3166-1 alpha-2. */
  readonly pays: string
}

/** A client of the shop. Personal fields are masked. */
export interface MaskedClient {
  /** The client: the customer of crm.customers.v1. */
  readonly idClient: string
  /** Stands for the e-mail: equal for equal addresses of one client, `erased` after an erasure. Personal (idClient). */
  readonly emailPseudonym: string | null
  /** When the client registered. Milliseconds since 1970 UTC. */
  readonly dateInscription: number
  /** Country, ISO 3166-1 alpha-2. */
  readonly pays: string
}

/** ventes.achats.v1: A purchase, as the retailer’s database has it: one row per line of an order of crm.orders.v1. */
export const achats: Topic<Achat> = topic<Achat>({
  type: "record",
  name: "Achat",
  namespace: "ventes",
  doc: "A purchase, as the retailer’s database has it: one row per line of an order of crm.orders.v1.",
  topic: {"name":"ventes.achats.v1","kind":"facts","key":"idClient","time":"dateAchat","id":"idAchat","partitions":12,"retention":"forever","owner":"ventes"},
  fields: [
    {"name":"idAchat","type":"string","doc":"Order and line: unique.","rule":{"notEmpty":true}},
    {"name":"idClient","type":"string","doc":"Who bought.","rule":{"notEmpty":true}},
    {"name":"dateAchat","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was paid for."},
    {"name":"montant","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Paid for this line, tax included, in euros.","rule":{"min":0}},
    {"name":"produit","type":"string","doc":"The product, by the name in inventory.catalogue-items.v1.","rule":{"notEmpty":true}},
  ],
})

/** ventes.clients.v1: A client of the shop, as the retailer’s database has them. Personal fields are sealed by the producer; subscribe to ventes.masked-clients.v1 instead. */
export const clients: Topic<Client> = topic<Client>({
  type: "record",
  name: "Client",
  namespace: "ventes",
  doc: "A client of the shop, as the retailer’s database has them. Personal fields are sealed by the producer; subscribe to ventes.masked-clients.v1 instead.",
  topic: {"name":"ventes.clients.v1","kind":"table","key":"idClient","time":"dateInscription","id":"idClient","partitions":12,"retention":"forever","owner":"ventes"},
  fields: [
    {"name":"idClient","type":"string","doc":"The client: the customer of crm.customers.v1.","rule":{"notEmpty":true}},
    {"name":"nom","type":"string","doc":"Name as given at registration, sealed.","confluent:tags":["PII"],"pii":{"subject":"idClient","strategy":"drop","sealed":true}},
    {"name":"email","type":"string","doc":"As given at registration, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"idClient","strategy":"pseudonym","sealed":true}},
    {"name":"dateInscription","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the client registered."},
    {"name":"pays","type":"string","doc":"Country, ISO 3166-1 alpha-2.","rule":{"pattern":"^[A-Z]{2}$"}},
  ],
})

/** ventes.masked-clients.v1: A client of the shop. Personal fields are masked. */
export const maskedClients: Topic<MaskedClient> = topic<MaskedClient>({
  type: "record",
  name: "MaskedClient",
  namespace: "ventes",
  doc: "A client of the shop. Personal fields are masked.",
  topic: {"name":"ventes.masked-clients.v1","kind":"table","key":"idClient","time":"dateInscription","id":"idClient","partitions":12,"retention":"forever","owner":"data-protection"},
  fields: [
    {"name":"idClient","type":"string","doc":"The client: the customer of crm.customers.v1.","rule":{"notEmpty":true}},
    {"name":"emailPseudonym","type":["null","string"],"default":null,"doc":"Stands for the e-mail: equal for equal addresses of one client, `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"idClient","strategy":"pseudonym","sealed":false}},
    {"name":"dateInscription","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the client registered."},
    {"name":"pays","type":"string","doc":"Country, ISO 3166-1 alpha-2.","rule":{"pattern":"^[A-Z]{2}$"}},
  ],
})
