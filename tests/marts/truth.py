"""What gold must be, by pandas and plain Python over the raw rows; in cents, so that nothing is rounded but where gold is."""

import datetime
import math
from decimal import ROUND_HALF_UP, Decimal

import numpy
import pandas

import marketing
import recommended

ZONE = "Europe/Paris"
DAY = datetime.timedelta(days=1)


def average(cents, by):
    """Cents by a number, half away from zero."""
    return int((Decimal(cents) / by).quantize(Decimal(1), ROUND_HALF_UP)) if by else None


def ratio(part, whole):
    return part / whole if whole else None


def month_after(day, months=1):
    at = day.year * 12 + day.month - 1 + months
    return datetime.date(at // 12, at % 12 + 1, 1)


def lines_of(raw):
    frame = pandas.DataFrame(raw["achats"])
    frame["copies"] = frame.groupby("idAchat")["idAchat"].transform("count")
    frame = frame.drop_duplicates("idAchat", keep="first").rename(columns={"idAchat": "id_achat", "montant": "cents"})
    frame["id_commande"] = frame["id_achat"].str.replace(r"-\d+$", "", regex=True)
    frame["id_client"] = frame["idClient"].replace("", "unknown")
    frame["produit"] = frame["produit"].replace("", "unknown")
    frame["at"] = pandas.to_datetime(frame["dateAchat"], unit="ms", utc=True)
    local = frame["at"].dt.tz_convert(ZONE)
    frame["jour"] = local.dt.date
    frame["heure"] = frame["at"].dt.floor("h")
    frame["hour"] = local.dt.hour
    frame["mois"] = [day.replace(day=1) for day in frame["jour"]]
    frame["semaine"] = [day - DAY * day.weekday() for day in frame["jour"]]
    return frame


def period_facts(lines, column, end_of):
    last = lines["at"].max()
    facts = {}
    for key, own in lines.groupby(column):
        negative = own.loc[own["cents"] < 0, "cents"].sum()
        counts = (len(own), own["id_commande"].nunique(), own["id_client"].nunique())
        facts[(key,)] = (int(own["cents"].sum()), int(negative), *counts, end_of(key) <= last, last)
    return facts


def local_midnight(day):
    return pandas.Timestamp(day).tz_localize(ZONE)


def fifths(values, worse):
    """1 to 5 by how many are strictly worse."""
    return {key: 1 + sum(worse(other, own) for other in values.values()) * 5 // len(values) for key, own in values.items()}


def segment(r, f):
    if r >= 4 and f >= 4:
        return "Champions"
    if r >= 3 and f >= 4:
        return "Fidèles"
    if r >= 4:
        return "Récents" if f <= 2 else "Prometteurs"
    if r == 3:
        return "À surveiller"
    if f >= 4:
        return "À risque"
    return "En sommeil" if r == 2 else "Perdus"


def classes(ordered, total):
    """A, B or C by the share of those before."""
    found, before = {}, 0
    for key, cents in ordered:
        found[key] = "C" if cents <= 0 or before * 100 >= total * 95 else "A" if before * 100 < total * 80 else "B"
        before += cents
    return found


def concentration(cents):
    ascending = sorted(value for value in cents if value > 0)
    n, total = len(ascending), sum(ascending)
    gini = sum(abs(a - b) for a in ascending for b in ascending) / (2 * n * total)
    descending = ascending[::-1]
    top = sum(descending[: math.ceil(n / 5)]) / total
    needed, before = 0, 0
    for value in descending:
        needed += before * 100 < total * 80
        before += value
    return n, total, gini, top, needed / n


def clusters(recency, frequency, money):
    """Lloyd's k-means by numpy, from the middles of the quarters by money."""
    keys = sorted(money)
    features = [[recency[key], math.log1p(frequency[key]), math.log1p(max(money[key] / 100, 0))] for key in keys]
    points = numpy.array(features)
    points = (points - points.mean(axis=0)) / points.std(axis=0)
    order = sorted(range(len(keys)), key=lambda i: (points[i][2], keys[i]))
    centres = numpy.array([points[order[len(keys) * (2 * n - 1) // 8]] for n in (1, 2, 3, 4)])
    distances = lambda: ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    for _ in range(25):
        nearest = distances().argmin(axis=1)
        centres = numpy.array([points[nearest == n].mean(axis=0) if (nearest == n).any() else centres[n] for n in range(4)])
    centres = centres[numpy.argsort(-centres[:, 2])]
    found = distances()
    return {(key,): (int(found[i].argmin()) + 1, float(math.sqrt(found[i].min()))) for i, key in enumerate(keys)}


def expected(raw):
    """Every mart: key → values, in the order of COLUMNS in marts_reader.py."""
    lines = lines_of(raw)
    known = lines[lines["id_client"] != "unknown"]
    first, last = lines["jour"].min(), lines["jour"].max()
    last_at = lines["at"].max()
    total = int(lines["cents"].sum())
    gold = {}

    gold["fact_achats"] = {
        (row.id_achat,): (row.id_commande, row.id_client, row.produit, row.at, row.jour, row.cents, row.cents < 0, row.copies)
        for row in lines.itertuples()
    }
    gold["fact_ca_heure"] = period_facts(lines, "heure", lambda hour: hour + pandas.Timedelta(hours=1))
    gold["fact_ca_jour"] = period_facts(lines, "jour", lambda day: local_midnight(day + DAY))
    gold["fact_ca_semaine"] = period_facts(lines, "semaine", lambda day: local_midnight(day + 7 * DAY))
    gold["fact_ca_mois"] = period_facts(lines, "mois", lambda day: local_midnight(month_after(day)))

    table = {row["idClient"]: row for row in raw["clients"]}
    customers = set(table) | set(lines["id_client"]) | {"unknown"}
    country = {customer: table[customer]["pays"] if customer in table else "unknown" for customer in customers}
    by_client = {key: own for key, own in lines.groupby("id_client")}
    gold["dim_clients"] = {}
    for customer in customers:
        own = by_client.get(customer)
        bought = (None, None, 0) if own is None else (own["jour"].min(), own["jour"].max(), len(own))
        registered = table[customer]["dateInscription"] if customer in table else None
        at = None if registered is None else pandas.Timestamp(registered, unit="ms", tz="UTC")
        gold["dim_clients"][(customer,)] = (customer in table, at, country[customer], *bought)
    lines["pays"] = lines["id_client"].map(country)
    gold["fact_ca_pays"] = {
        (key,): (
            int(own["cents"].sum()), int(own.loc[own["cents"] < 0, "cents"].sum()), len(own), own["id_commande"].nunique(),
            own["id_client"].nunique(), ratio(int(own["cents"].sum()), total), last_at,
        )
        for key, own in lines.groupby("pays")
    }
    gold["fact_ca_pays_mois"] = {
        key: (int(own["cents"].sum()), len(own), own["id_commande"].nunique(), own["id_client"].nunique())
        for key, own in lines.groupby(["pays", "mois"])
    }

    items = {item["name"]: item for item in raw["items"]}
    products = set(items) | set(lines["produit"]) | {"unknown"}
    gold["dim_produits"] = {
        (name,): (item["productId"], True, item["category"], item["listPrice"], item["unitCost"], item["supplier"])
        if (item := items.get(name)) else ("unknown", False, "unknown", None, None, "unknown")
        for name in products
    }

    days = pandas.date_range(datetime.date(first.year, 1, 1), datetime.date(last.year, 12, 31)).date
    gold["dim_temps"] = {
        (day,): (
            day.year, (day.month + 2) // 3, day.month, day.replace(day=1), day.isocalendar()[0], day.isocalendar()[1],
            day - DAY * day.weekday(), day.isoweekday(), day.weekday() >= 5,
        )
        for day in days
    }

    buyers = {key: own for key, own in known.groupby("id_client")}
    recency = {key: (last - own["jour"].max()).days for key, own in buyers.items()}
    frequency = {key: own["id_commande"].nunique() for key, own in buyers.items()}
    money = {key: int(own["cents"].sum()) for key, own in buyers.items()}
    r = fifths(recency, lambda other, own: other > own)
    f, m = fifths(frequency, lambda other, own: other < own), fifths(money, lambda other, own: other < own)
    gold["dim_rfm"] = {
        (key,): (recency[key], frequency[key], money[key], r[key], f[key], m[key], segment(r[key], f[key]), recency[key] > 90, last)
        if key in buyers else (None, 0, 0, 0, 0, 0, "Sans achat", False, last)
        for key in customers - {"unknown"}
    }
    by_segment = pandas.DataFrame([(values[6], values[2], values[0]) for values in gold["dim_rfm"].values()], columns=["s", "cents", "days"])
    everything = int(by_segment["cents"].sum())
    gold["analyse_segments_rfm"] = {
        (key,): (len(own), len(own) / len(by_segment), int(own["cents"].sum()), ratio(int(own["cents"].sum()), everything),
                 None if own["days"].isna().all() else float(own["days"].median()))
        for key, own in by_segment.groupby("s")
    }

    gold["analyse_clusters_rfm"] = clusters(recency, frequency, money)

    gold["kpi_clv"] = {}
    for key, own in buyers.items():
        begun = own["jour"].min()
        tenure = (last - begun).days + 1
        year = int(own.loc[[day < begun + 365 * DAY for day in own["jour"]], "cents"].sum())
        gold["kpi_clv"][(key,)] = (
            country[key], begun, tenure, frequency[key], average(money[key], frequency[key]), money[key], year,
            average(money[key] * 365, max(tenure, 30)),
        )

    months = [day.date() for day in pandas.date_range(first.replace(day=1), last, freq="MS")]
    active = {month: set(known.loc[known["mois"] == month, "id_client"]) for month in months}
    gold["kpi_retention"], seen, before = {}, set(), set()
    for month in months:
        own = active[month]
        new, kept, lost = own - seen, own & before, before - own
        gold["kpi_retention"][(month,)] = (
            len(own), len(new), len(kept), len(own - new - kept), len(lost), ratio(len(kept), len(before)), ratio(len(lost), len(before)),
        )
        seen, before = seen | own, own
    revenue = {month: int(lines.loc[lines["mois"] == month, "cents"].sum()) for month in months}
    gold["kpi_croissance"] = {}
    for month in months:
        last_month, last_year = revenue.get(month_after(month, -1)), revenue.get(month_after(month, -12))
        change = lambda then: ratio(revenue[month] - then, then) if then else None
        gold["kpi_croissance"][(month,)] = (
            revenue[month], last_month, change(last_month), last_year, change(last_year), local_midnight(month_after(month)) <= last_at,
        )

    by_product = {key: own for key, own in lines.groupby("produit")}
    sold = {name: int(by_product[name]["cents"].sum()) if name in by_product else 0 for name in products}
    ordered = sorted(sold.items(), key=lambda item: (-item[1], item[0].encode()))
    product_class = classes(ordered, total)
    gold["kpi_produits"] = {}
    for name in products:
        own = by_product.get(name, lines.iloc[:0])
        within = lambda least, most: int(own.loc[[least < (last - day).days + 1 <= most for day in own["jour"]], "cents"].sum()) if len(own) else 0
        now, then = within(0, 30), within(30, 60)
        gold["kpi_produits"][(name,)] = (
            gold["dim_produits"][(name,)][2], sold[name], len(own), own["id_client"].nunique(), int((own["cents"] < 0).sum()),
            ratio(sold[name], total), 1 + sum(other > sold[name] for other in sold.values()), product_class[name], now, then,
            ratio(now - then, then), own["jour"].max() if len(own) else None,
        )

    no_client = lines[~lines["id_client"].isin(table)]
    no_product = lines[~lines["produit"].isin(items)]
    doubled, negative = lines[lines["copies"] > 1], lines[lines["cents"] < 0]
    counted = lambda own: (len(own), int(own["cents"].sum()), len(own) / len(lines))
    without = sum(key not in buyers for key in customers - {"unknown"})
    unsold = sum(name not in by_product for name in products - {"unknown"})
    gold["kpi_qualite"] = {
        ("achats",): counted(lines), ("client inconnu",): counted(no_client), ("pays inconnu",): counted(no_client),
        ("produit inconnu",): counted(no_product), ("montant négatif",): counted(negative), ("envoyé plusieurs fois",): counted(doubled),
        ("client sans achat",): (without, 0, without / len(customers - {"unknown"})),
        ("produit sans achat",): (unsold, 0, unsold / len(products - {"unknown"})),
    }

    born = {key: own["mois"].min() for key, own in buyers.items()}
    gold["analyse_cohortes"] = {}
    for cohort in sorted(set(born.values())):
        members = {key for key, month in born.items() if month == cohort}
        so_far = 0
        for since in range((last.year - cohort.year) * 12 + last.month - cohort.month + 1):
            month = month_after(cohort, since)
            own = known[(known["mois"] == month) & known["id_client"].isin(members)]
            so_far += int(own["cents"].sum())
            alive = own["id_client"].nunique()
            gold["analyse_cohortes"][(cohort, since)] = (month, len(members), alive, alive / len(members), int(own["cents"].sum()), so_far)

    paying = sorted(((key, cents) for key, cents in money.items() if cents > 0), key=lambda item: (-item[1], item[0]))
    paid = sum(cents for _, cents in paying)
    customer_class = classes(paying, paid)
    gold["analyse_pareto"], so_far = {}, 0
    for rank, (key, cents) in enumerate(paying, 1):
        so_far += cents
        gold["analyse_pareto"][(rank,)] = (key, cents, so_far, rank / len(paying), so_far / paid, customer_class[key])
    gold["analyse_concentration"] = {
        ("clients",): concentration(money.values()),
        ("produits",): concentration([cents for name, cents in sold.items() if name != "unknown"]),
    }

    span = [day.date() for day in pandas.date_range(first, last)]
    cycles = {"mois": lambda day: day.month, "jour_semaine": lambda day: day.isoweekday()}
    gold["analyse_saisonnalite"] = {}
    places = {("heure", hour): (len(span), lines[lines["hour"] == hour]) for hour in range(24)}
    for cycle, place_of in cycles.items():
        on = lines["jour"].map(place_of)
        for place in {place_of(day) for day in span}:
            places[(cycle, place)] = (sum(place_of(day) == place for day in span), lines[on == place])
    for (cycle, place), (count, own) in places.items():
        cents = int(own["cents"].sum())
        usual = total / len(span) / (24 if cycle == "heure" else 1)
        gold["analyse_saisonnalite"][(cycle, place)] = (count, cents, len(own), average(cents, count), cents / count / usual)

    inactive = sum(days > 90 for days in recency.values())
    orders = lines["id_commande"].nunique()
    gold["kpi_synthese"] = {
        (last,): (
            total, orders, len(lines), len(buyers), average(total, orders), inactive, inactive / len(buyers),
            average(sum(money.values()), len(buyers)), gold["analyse_concentration"][("clients",)][2],
        )
    }
    return {**gold, **stores(raw), **marketing.expected(raw, lines, table)}


def stores(raw):
    """The retailer's stores, whose calendar is New York's."""
    lines = pandas.DataFrame(raw["lines"])
    lines["at"] = pandas.to_datetime(lines["purchasedAt"], unit="ms", utc=True)
    lines["day"] = lines["at"].dt.tz_convert("America/New_York").dt.date
    lines["discount"] = lines["retailDiscount"] + lines["couponDiscount"] + lines["couponMatchDiscount"]
    table = {row["productId"]: row for row in raw["products"]}
    told = {row["householdId"]: row for row in raw["households"]}
    department = lambda product: (table[product]["department"] if product in table else None) or "unknown"
    lines["department"] = lines["productId"].map(department)
    counted = lambda own: (len(own), int(own["salesValue"].sum()))
    return {
        "fact_purchase_lines": {
            (row.householdId, row.basketId, row.productId, row.at): (
                row.storeId, row.day, row.quantity, row.salesValue, row.discount, row.quantity <= 0
            )
            for row in lines.itertuples()
        },
        "dim_store_products": {
            (product,): (product in table, department(product), "National" if product in table else "unknown", "unknown")
            for product in set(table) | set(lines["productId"])
        },
        "dim_households": {
            (household,): (
                household in told, (told[household]["age"] if household in told else None) or "unknown", "unknown", "unknown",
                len(own := lines[lines["householdId"] == household]), own["basketId"].nunique(), int(own["salesValue"].sum()),
            )
            for household in set(told) | set(lines["householdId"])
        },
        "fact_store_revenue_day": {
            key: (len(own), int(own["quantity"].sum()), int(own["salesValue"].sum()))
            for key, own in lines.groupby(["day", "department"])
        },
        "kpi_store_quality": {
            ("purchase lines",): counted(lines),
            ("no quantity",): counted(lines[lines["quantity"] <= 0]),
            ("unknown product",): counted(lines[~lines["productId"].isin(table)]),
            ("unknown household",): counted(lines[~lines["householdId"].isin(told)]),
            ("household without purchases",): (len(set(told) - set(lines["householdId"])), 0),
        },
        **recommended.expected(lines, raw, lambda at: pandas.Timestamp(at, unit="ms", tz="UTC")),
    }
