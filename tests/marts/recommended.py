"""What households may like and what is bought together, from the raw rows of the stores."""

import itertools
import math
from collections import Counter

KEYS = {"recommendations": 2, "related_products": 2}
FIRST = {"recommendations": ["household_id", "rank"], "related_products": ["product_id", "related_id"]}


def expected(lines, told, instant):
    """Pairs are counted from the lines; of the lists, which are a model's, each household's latest is taken apart."""
    bought = lines[lines["quantity"] > 0]
    baskets = [set(own) for _, own in bought.groupby("basketId")["productId"]]
    times = Counter(product for basket in baskets for product in basket)
    pairs = Counter(pair for basket in baskets for pair in itertools.permutations(basket, 2))
    alike = {
        (a, b): (together, times[a], times[b], together / times[a], together / math.sqrt(times[a] * times[b]))
        for (a, b), together in pairs.items()
        if together >= 2
    }
    rank = {}
    for a in times:
        others = sorted((-figures[-1], b) for (one, b), figures in alike.items() if one == a)
        rank.update({(a, b): place for place, (_, b) in enumerate(others, 1)})
    related = told["related"][0]["asOf"]
    latest = {}
    for row in sorted(told["recommended"], key=lambda row: row["asOf"]):
        latest[row["householdId"]] = row
    scores, to_be_lost = latest_scores(told["churn"])
    promising, to_be_raised = latest_scores(told["upsell"])
    kinds = {row["householdId"]: row for row in sorted(told["segments"], key=lambda row: row["asOf"])}
    return {
        "churn_scores": {
            (household,): (
                row["probability"], to_be_lost.index(household) + 1, row["recencyDays"], row["baskets28"],
                row["baskets90"], row["spend90"], row["modelVersion"], instant(row["asOf"]),
            )
            for household, row in scores.items()
        },
        "upsell_scores": {
            (household,): (
                row["probability"], to_be_raised.index(household) + 1, row["recencyDays"], row["baskets28"],
                row["baskets90"], row["spend90"], row["spend90"] / 100 / row["baskets90"], row["modelVersion"],
                instant(row["asOf"]),
            )
            for household, row in promising.items()
        },
        "segment_ml": {
            (household,): (
                row["segment"], row["distance"], row["rfmSegment"], row["recencyDays"], row["baskets90"],
                row["spend90"], row["products90"], row["modelVersion"], instant(row["asOf"]),
            )
            for household, row in kinds.items()
        },
        "related_products": {
            pair: (category_of(pair[1]), *figures, rank[pair], instant(related)) for pair, figures in alike.items()
        },
        "recommendations": {
            (household, place): (product, category_of(product), score, row["modelVersion"], instant(row["asOf"]))
            for household, row in latest.items()
            for place, (product, score) in enumerate(zip(row["products"], row["scores"]), 1)
        },
    }


def latest_scores(rows):
    """Each household's latest, and the households by them, the highest first."""
    scores = {row["householdId"]: row for row in sorted(rows, key=lambda row: row["asOf"])}
    return scores, sorted(scores, key=lambda household: (-scores[household]["probability"], household))


def category_of(_):
    """The raw products have none."""
    return "unknown"
