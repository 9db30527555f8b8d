// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type AdChannel = 'SEARCH' | 'SOCIAL' | 'DISPLAY' | 'VIDEO' | 'EMAIL' | 'AFFILIATE'

/** An advertising campaign, as booked with its network. */
export interface AdCampaign {
  /** The campaign. */
  readonly campaignId: string
  /** As marketing calls it. */
  readonly name: string
  /** Where it is shown. */
  readonly channel: AdChannel
  /** Market in which it is shown, ISO 3166-1 alpha-2. */
  readonly country: string
  /** What marketing plans to spend a day, in euros. Unscaled: 2 decimal places. */
  readonly dailyBudget: bigint
  /** First instant on which it is shown. Milliseconds since 1970 UTC. */
  readonly startsAt: number
  /** First instant on which it is not any more. Milliseconds since 1970 UTC. */
  readonly endsAt: number
  /** When it was booked. Milliseconds since 1970 UTC. */
  readonly bookedAt: number
}

/** A click on an advertisement, with the visitor as the landing page met them. */
export interface AdClick {
  /** Unique per click. */
  readonly clickId: string
  /** The campaign. */
  readonly campaignId: string
  /** Where it is shown. */
  readonly channel: AdChannel
  /** Market in which it was shown, ISO 3166-1 alpha-2. */
  readonly country: string
  /** The browser or app installation that landed in the shop. */
  readonly visitorId: string
  /** What the network charges for it, in euros. Unscaled: 2 decimal places. */
  readonly cost: bigint
  /** When it was clicked. Milliseconds since 1970 UTC. */
  readonly clickedAt: number
}

/** What a network reports of a campaign for a period: impressions, clicks and their cost. A later report of the same period replaces the earlier one. */
export interface AdSpend {
  /** The campaign. */
  readonly campaignId: string
  /** Where it is shown. */
  readonly channel: AdChannel
  /** Market in which it was shown, ISO 3166-1 alpha-2. */
  readonly country: string
  /** How often it was shown. */
  readonly impressions: number
  /** How often it was clicked: as many as ads.ad-clicks.v1 holds. */
  readonly clicks: number
  /** What the network charges, in euros. Unscaled: 2 decimal places. */
  readonly spend: bigint
  /** First instant of the period. Milliseconds since 1970 UTC. */
  readonly periodStart: number
  /** First instant behind it; reported then. Milliseconds since 1970 UTC. */
  readonly periodEnd: number
}

/** ads.ad-campaigns.v1: An advertising campaign, as booked with its network. */
export const adCampaigns: Topic<AdCampaign> = topic<AdCampaign>({
  type: "record",
  name: "AdCampaign",
  namespace: "ads",
  doc: "An advertising campaign, as booked with its network.",
  topic: {"name":"ads.ad-campaigns.v1","kind":"table","key":"campaignId","time":"bookedAt","id":"campaignId","partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"campaignId","type":"string","doc":"The campaign.","rule":{"notEmpty":true}},
    {"name":"name","type":"string","doc":"As marketing calls it.","rule":{"notEmpty":true}},
    {"name":"channel","type":{"type":"enum","name":"AdChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE"]},"doc":"Where it is shown."},
    {"name":"country","type":"string","doc":"Market in which it is shown, ISO 3166-1 alpha-2.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"dailyBudget","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What marketing plans to spend a day, in euros.","rule":{"min":0}},
    {"name":"startsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant on which it is shown."},
    {"name":"endsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant on which it is not any more."},
    {"name":"bookedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was booked."},
  ],
})

/** ads.ad-clicks.v1: A click on an advertisement, with the visitor as the landing page met them. */
export const adClicks: Topic<AdClick> = topic<AdClick>({
  type: "record",
  name: "AdClick",
  namespace: "ads",
  doc: "A click on an advertisement, with the visitor as the landing page met them.",
  topic: {"name":"ads.ad-clicks.v1","kind":"facts","key":"campaignId","time":"clickedAt","id":"clickId","partitions":12,"retention":"400 days","owner":"marketing"},
  fields: [
    {"name":"clickId","type":"string","doc":"Unique per click.","rule":{"notEmpty":true}},
    {"name":"campaignId","type":"string","doc":"The campaign.","rule":{"notEmpty":true}},
    {"name":"channel","type":{"type":"enum","name":"AdChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE"]},"doc":"Where it is shown."},
    {"name":"country","type":"string","doc":"Market in which it was shown, ISO 3166-1 alpha-2.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation that landed in the shop.","rule":{"notEmpty":true}},
    {"name":"cost","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the network charges for it, in euros.","rule":{"min":0}},
    {"name":"clickedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was clicked."},
  ],
})

/** ads.ad-spend.v1: What a network reports of a campaign for a period: impressions, clicks and their cost. A later report of the same period replaces the earlier one. */
export const adSpend: Topic<AdSpend> = topic<AdSpend>({
  type: "record",
  name: "AdSpend",
  namespace: "ads",
  doc: "What a network reports of a campaign for a period: impressions, clicks and their cost. A later report of the same period replaces the earlier one.",
  topic: {"name":"ads.ad-spend.v1","kind":"results","key":"campaignId","time":"periodEnd","id":["campaignId","periodStart"],"partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"campaignId","type":"string","doc":"The campaign.","rule":{"notEmpty":true}},
    {"name":"channel","type":{"type":"enum","name":"AdChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE"]},"doc":"Where it is shown."},
    {"name":"country","type":"string","doc":"Market in which it was shown, ISO 3166-1 alpha-2.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"impressions","type":"long","doc":"How often it was shown.","rule":{"min":0}},
    {"name":"clicks","type":"long","doc":"How often it was clicked: as many as ads.ad-clicks.v1 holds.","rule":{"min":0}},
    {"name":"spend","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the network charges, in euros.","rule":{"min":0}},
    {"name":"periodStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant of the period."},
    {"name":"periodEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant behind it; reported then."},
  ],
})
