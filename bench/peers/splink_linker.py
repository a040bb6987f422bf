"""Splink 4 on DuckDB, trained on the reports it links: how a careful user of the library would set it up.

    python -m bench.peers.splink_linker REPORTS.csv TRUTH.csv

Prints JSON: B-cubed F and pair precision at the best of a few thresholds, and processor seconds.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

import pandas as pd
import splink.comparison_library as cl
from mapper.fusion.metrics import compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)


def main() -> None:
    """Link one file and print how well."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    reports, truth = sys.argv[1:3]
    started = time.perf_counter(), time.process_time()
    frame = frame_of(reports)
    linker = trained(frame)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    of_truth = pd.read_csv(truth, dtype=str).set_index("report_id")["incident_id"]
    best: dict[str, Any] = {}
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
        found = clusters.as_pandas_dataframe()
        found = found[found["unique_id"].isin(of_truth.index)]
        right = compare(found["cluster_id"].tolist(), of_truth[found["unique_id"]].tolist())
        if right.bcubed_f > best.get("bcubed_f", 0.0):
            best = {"bcubed_f": round(right.bcubed_f, 4), "pair_precision": round(right.pair_precision, 4)}
            best["threshold"] = threshold
    best |= {
        "seconds": round(time.perf_counter() - started[0], 1),
        "processor_seconds": round(time.process_time() - started[1], 1),
    }
    print(json.dumps(best))


def frame_of(path: str) -> pd.DataFrame:
    """Return the reports with what splink blocks by: a square of 0.01 degrees, a day, words."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame = frame.rename(columns={"report_id": "unique_id", "location_text": "place", "text": "words"})
    for name in ("lat", "lon"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    moment = pd.to_datetime(frame.pop("reported_at"), utc=True, format="ISO8601")
    frame["day"] = moment.dt.strftime("%Y-%m-%d")
    frame["square"] = frame["lat"].round(2).astype(str) + " " + frame["lon"].round(2).astype(str)
    frame.loc[frame["lat"].isna(), "square"] = None
    for name in ("place", "words", "category"):
        frame[name] = frame[name].str.strip().str.lower().replace("", None)
    return frame


def trained(frame: pd.DataFrame) -> Linker:
    """Return a linker with estimated parameters."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("square"),
            block_on("place", "day"),
            block_on("words", "day"),
        ],
        comparisons=[
            cl.DistanceInKMAtThresholds("lat", "lon", [0.1, 0.3, 1, 3]),
            cl.AbsoluteDateDifferenceAtThresholds(
                "day", input_is_string=True, metrics=["day", "day", "day"], thresholds=[1, 3, 7]
            ),
            cl.JaccardAtThresholds("words", [0.9, 0.7]),
            cl.ExactMatch("category"),
            cl.JaroWinklerAtThresholds("place", [0.9]),
        ],
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(DuckDBAPI().register(frame), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("words", "square", "day")], recall=0.3
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("square"), block_on("words")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


if __name__ == "__main__":
    main()
