"""What the marts of marketing must be, from raw events by pandas and plain Python: no code of the processors or of the SQL is used."""

import math
from bisect import bisect_right
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pandas

ZONE = "Europe/Paris"
DAY = 86_400_000
MODELS = ("first_touch", "last_touch", "linear", "time_decay")
KEYS = {
    "fact_attribution": 3, "fact_marketing_spend": 4, "kpi_marketing_day": 5, "kpi_channels": 2, "kpi_campaigns": 2,
    "kpi_influencers": 2, "kpi_product_channels": 3, "attribution_truth": 2,
}
FIRST = {
    "fact_attribution": ["order_id", "model", "touch_number"],
    "fact_marketing_spend": ["day", "channel", "campaign_id", "influencer_id"],
    "kpi_marketing_day": ["day", "model", "channel", "campaign_id", "influencer_id"],
    "kpi_channels": ["channel", "model"],
    "kpi_campaigns": ["campaign_id", "model"],
    "kpi_influencers": ["influencer_id", "model"],
    "kpi_product_channels": ["product", "model", "channel"],
}
ORGANIC = {None: "DIRECT", "search.example": "ORGANIC_SEARCH", "social.example": "ORGANIC_SOCIAL"}


def instant(milliseconds):
    return pandas.Timestamp(milliseconds, unit="ms", tz="UTC")


def day_of(milliseconds):
    return instant(milliseconds).tz_convert(ZONE).date()


def touches_by_customer(raw):
    """Every touch whose visitor is known by then, or becomes known within thirty days; and every code."""
    known = defaultdict(set)
    for event in raw["pageViews"] + raw["purchases"]:
        if event["customerId"] is not None:
            known[event["visitorId"]].add((event["occurredAt"], event["customerId"]))
    known = {visitor: sorted(times) for visitor, times in known.items()}

    found = [(c["visitorId"], c["clickedAt"], "click:" + c["clickId"], c["channel"], c["campaignId"]) for c in raw["clicks"]]
    views = pandas.DataFrame(raw["pageViews"])
    landings = views.sort_values("occurredAt", kind="stable").drop_duplicates(["visitorId", "sessionId"])
    for view in landings.astype(object).where(landings.notna(), None).to_dict("records"):
        if view["referrer"] != "ads.example":
            channel = ORGANIC.get(view["referrer"], "REFERRAL")
            found.append((view["visitorId"], view["occurredAt"], "visit:" + view["sessionId"], channel, None))

    touches = defaultdict(list)
    for visitor, at, touch, channel, campaign in found:
        times = known.get(visitor, [])
        place = bisect_right(times, (at, chr(0x10FFFF)))
        if place > 0:
            customer = times[place - 1][1]
        elif times and times[0][0] - at <= 30 * DAY:
            customer = times[0][1]
        else:
            continue
        touches[customer].append((at, touch, channel, campaign or "none", "none"))
    owner = {code["code"]: code["influencerId"] for code in raw["codes"]}
    for used in raw["redemptions"]:
        influencer = owner.get(used["code"], "unknown")
        touches[used["customerId"]].append((used["redeemedAt"], "code:" + used["redemptionId"], "INFLUENCER", "none", influencer))
    return touches


def parts(whole, weights):
    """A whole number shared out: what the running total, rounded half up, grows by."""
    total, running, given, found = sum(weights), 0, 0, []
    for weight in weights:
        running += weight
        until = math.floor(Fraction(whole * running, total) + Fraction(1, 2))
        found.append(until - given)
        given = until
    return found


def weights_of(ages):
    one, n = 10**9, len(ages)
    decay = [max(1, math.floor(2.0 ** (-age / (7 * DAY)) * one + 0.5)) for age in ages]
    return {
        "first_touch": [one] + [0] * (n - 1), "last_touch": [0] * (n - 1) + [one], "linear": parts(one, [1] * n),
        "time_decay": parts(one, decay),
    }


def attribution(raw, lines, table):
    touches = touches_by_customer(raw)
    placed = {o["orderId"]: o for o in raw["orders"] if o["status"] == "PLACED"}
    lost = {o["orderId"] for o in raw["orders"] if o["status"] in ("CANCELLED", "RETURNED")}
    orders, seen = [], set()
    for order, own in lines.sort_values(["at", "id_achat"]).groupby("id_commande"):
        own = own.sort_values(["at", "id_achat"])
        orders.append((own["at"].iloc[0], order, own["id_client"].iloc[0], own["jour"].min(), int(own["cents"].sum())))
    rows = []
    for at, order, customer, day, cents in sorted(orders):
        registered = table[customer]["dateInscription"] if customer in table else None
        first = customer not in seen
        seen.add(customer)
        since = None if registered is None else (at - instant(registered)).total_seconds()
        new = first and since is not None and 0 <= since < 86_400
        led = []
        if order in placed:
            paid = placed[order]["placedAt"]
            led = sorted(t for t in touches.get(placed[order]["customerId"], []) if 0 <= paid - t[0] <= 30 * DAY)
        weights = weights_of([paid - t[0] for t in led]) if led else {model: [10**9] for model in MODELS}
        for model in MODELS:
            money = parts(cents, weights[model])
            for n, weight in enumerate(weights[model]):
                touched, _, channel, campaign, influencer = led[n] if led else (None, None, "UNATTRIBUTED", "none", "none")
                rows.append({
                    "order": order, "model": model, "number": n + 1 if led else 0, "customer": customer, "at": at, "day": day,
                    "new": new, "kept": order not in lost, "channel": channel, "campaign": campaign, "influencer": influencer,
                    "touched": None if touched is None else instant(touched), "weight": weight, "cents": money[n],
                })
    return rows


def spend_of(raw):
    reports = {(s["campaignId"], s["periodStart"]): s for s in raw["spend"]}
    spent = defaultdict(lambda: [0, 0, 0])
    for s in reports.values():
        own = spent[day_of(s["periodStart"]), s["channel"], s["campaignId"], "none"]
        for n, field in enumerate(("spend", "impressions", "clicks")):
            own[n] += s[field]
    for fee in raw["fees"]:
        spent[day_of(fee["bookedAt"]), "INFLUENCER", "none", fee["influencerId"]][0] += fee["amount"]
    return spent


def billionths(count):
    return Decimal(count).scaleb(-9)


def ratio(part, whole):
    return part / whole if whole else None


def figures(sums):
    """Spend, impressions, clicks, orders and new customers in billionths, revenue and net revenue in cents; and the ratios."""
    spend, impressions, clicks, orders, new, cents, net = sums
    return (
        *(spend, impressions, clicks, billionths(orders), billionths(new), cents, net),
        *(ratio(spend / 100, new / 1e9), ratio(cents, spend), ratio(net - spend, spend)),
    )


def uplifts(raw):
    firsts = [line for line in raw["orderLines"] if line["lineNumber"] == 1]
    latest = max(line["placedAt"] for line in raw["orderLines"])
    truth = {effect["promotionId"]: effect["orderFactor"] for effect in raw["effects"]}
    found = {}
    for one in raw["promotions"]:
        if one["endsAt"] > latest:
            continue
        counts = [0, 0, 0, 0]
        for line in firsts:
            during = one["startsAt"] <= line["placedAt"] < one["endsAt"]
            before = one["startsAt"] - 14 * DAY <= line["placedAt"] < one["startsAt"]
            if line["category"] == one["category"] and (during or before):
                counts[(0 if line["country"] in one["countries"] else 2) + (0 if during else 1)] += 1
        told = (one["category"], one["discountPercent"], instant(one["startsAt"]), instant(one["endsAt"]), *counts)
        true = truth.get(one["promotionId"])
        if 0 in counts:
            found[(one["promotionId"],)] = (*told, None, None, None, true, None, None)
            continue
        a, b, c, d = counts
        uplift = (a / b) / (c / d)
        spread = 1.96 * math.sqrt(sum(1 / count for count in counts))
        low, high = uplift * math.exp(-spread), uplift * math.exp(spread)
        judged = (None, None) if true is None else (uplift - true, low <= true <= high)
        found[(one["promotionId"],)] = (*told, uplift, low, high, true, *judged)
    return found


def expected(raw, lines, table):
    """Every mart of marketing: key → values, as truth.expected has them."""
    rows = attribution(raw, lines, table)
    spent = spend_of(raw)
    gold = {
        "fact_attribution": {
            (r["order"], r["model"], r["number"]): (
                r["customer"], r["at"], r["day"], r["new"], r["kept"], r["channel"], r["campaign"], r["influencer"], r["touched"],
                billionths(r["weight"]), r["cents"], r["cents"] if r["kept"] else 0,
            )
            for r in rows
        },
        "fact_marketing_spend": {key: tuple(values) for key, values in spent.items()},
        "promotion_uplift": uplifts(raw),
    }

    days = defaultdict(lambda: [0] * 7)
    for (day, channel, campaign, influencer), values in spent.items():
        for model in MODELS:
            own = days[day, model, channel, campaign, influencer]
            for n, value in enumerate(values):
                own[n] += value
    for r in rows:
        own = days[r["day"], r["model"], r["channel"], r["campaign"], r["influencer"]]
        own[3] += r["weight"]
        own[4] += r["weight"] if r["new"] else 0
        own[5] += r["cents"]
        own[6] += r["cents"] if r["kept"] else 0
    gold["kpi_marketing_day"] = {key: figures(sums) for key, sums in days.items()}
    for name, place, every in (("kpi_channels", 2, True), ("kpi_campaigns", 3, False), ("kpi_influencers", 4, False)):
        totals = defaultdict(lambda: [0] * 7)
        for key, sums in days.items():
            if every or key[place] != "none":
                own = totals[key[place], key[1]]
                for n, value in enumerate(sums):
                    own[n] += value
        gold[name] = {key: figures(sums) for key, sums in totals.items()}

    by_order = defaultdict(list)
    for r in rows:
        by_order[r["order"], r["model"]].append(r)
    products = defaultdict(lambda: [0, 0])
    for line in lines.itertuples():
        for model in MODELS:
            led = by_order[line.id_commande, model]
            for r, cents in zip(led, parts(line.cents, [r["weight"] for r in led])):
                own = products[line.produit, model, r["channel"]]
                own[0] += r["weight"]
                own[1] += cents
    sold = defaultdict(int)
    for (product, model, _), (_, cents) in products.items():
        sold[product, model] += cents
    author = {post["postId"]: post["influencerId"] for post in raw["posts"]}
    causes = {cause["orderId"]: cause for cause in raw["causes"]}
    judged = defaultdict(lambda: [0, 0, 0, 0])
    for r in rows:
        if (cause := causes.get(r["order"])) is None:
            continue
        own = judged[r["model"], cause["cause"]]
        given = (r["campaign"], r["influencer"])
        really = (cause["campaignId"] or "none", author.get(cause["postId"], "none"))
        right = given == really if cause["cause"] == "ORGANIC" else any(a == b != "none" for a, b in zip(given, really))
        own[0] += r["weight"]
        own[2] += r["cents"]
        if right:
            own[1] += r["weight"]
            own[3] += r["cents"]
    gold["attribution_truth"] = {
        key: (billionths(o), billionths(r), r / o, cents, right) for key, (o, r, cents, right) in judged.items()
    }

    gold["kpi_product_channels"] = {
        key: (billionths(weight), cents, ratio(cents, sold[key[0], key[1]])) for key, (weight, cents) in products.items()
    }

    seen_campaigns = {r["campaign"] for r in rows} | {key[2] for key in spent} | {"none"}
    seen_influencers = {r["influencer"] for r in rows} | {key[3] for key in spent} | {"none"}
    booked = {c["campaignId"]: c for c in raw["campaigns"]}
    listed = {i["influencerId"]: i for i in raw["influencers"]}
    gold["dim_campaigns"] = {
        (key,): (True, c["name"], c["channel"], c["country"], instant(c["startsAt"]), instant(c["endsAt"]))
        if (c := booked.get(key)) else (False, "unknown", "unknown", "unknown", None, None)
        for key in seen_campaigns | set(booked)
    }
    gold["dim_influencers"] = {
        (key,): (True, i["platform"], i["country"], i["category"], i["followers"])
        if (i := listed.get(key)) else (False, "unknown", "unknown", "unknown", 0)
        for key in seen_influencers | set(listed)
    }
    return gold
