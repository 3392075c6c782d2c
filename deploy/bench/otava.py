"""Looks for change points with Apache Otava, for `bench changepoints`.

Standard input is the corpus as JSON: a list of series with values. Standard output is JSON: the
version, and for each setting its CPU seconds and the points of each series. The import of
Otava and a first series, which loads its libraries, are not in the CPU time.
"""

import importlib.metadata
import json
import sys
import time

from otava.analysis import compute_change_points

# The defaults of Otava, then stricter ones. A magnitude is the smallest change, as a share.
SETTINGS = [(p, magnitude) for p in (0.001, 0.0001, 0.00001) for magnitude in (0.0, 0.02)]


def look(corpus, p, magnitude):
    began = time.process_time()
    points = [
        [int(point.index) for point in compute_change_points(series["values"], max_pvalue=p, min_magnitude=magnitude)[0]]
        for series in corpus
    ]
    return {"p": p, "magnitude": magnitude, "cpu_seconds": time.process_time() - began, "points": points}


def main():
    corpus = json.load(sys.stdin)
    compute_change_points(corpus[0]["values"])
    json.dump(
        {
            "version": importlib.metadata.version("apache-otava"),
            "runs": [look(corpus, p, magnitude) for p, magnitude in SETTINGS],
        },
        sys.stdout,
    )


main()
