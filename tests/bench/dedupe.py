"""How fast and in how much memory a million short documents are de-duplicated, against datasketch in the same run.

300,000 of them are equal, 20,000 are one cluster of near copies, a tenth of the rest repeats another nearly. The peer
makes MinHashes of as many functions in the same bands and asks its LSH, on every k-th row; it verifies nothing.
Prints one JSON line; `ratio` above 1 means Workbench is faster.
    python -m tests.bench.dedupe [--rows 1000000] [--peer-rows 20000]        (needs: pip install datasketch)
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random

from workbench.data.minhash import bands_for

_NEAR = 0.85
_EQUAL, _CLUSTER, _REPEATS = 0.3, 0.02, 0.1


def documents(count: int) -> Iterator[str]:
    """Texts of 20 to 60 words from a vocabulary of 50,000, in which frequent words are frequent."""
    chance = Random(1)
    vocabulary = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(50_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    pool = chance.choices(vocabulary, weights, k=1 << 20)

    def words() -> list[str]:
        size, start = chance.randint(20, 60), chance.randrange(len(pool) - 60)
        return chance.sample(pool[start : start + 60], size)

    equal, centre, last = words(), words() + words(), words()
    for _ in range(count):
        draw = chance.random()
        if draw < _EQUAL:
            text = equal
        elif draw < _EQUAL + _CLUSTER:
            text = _changed(centre, chance)
        elif draw < _EQUAL + _CLUSTER + _REPEATS:
            text = _changed(last, chance)
        else:
            text = last = words()
        yield " ".join(text)


def _changed(words: list[str], chance: Random) -> list[str]:
    place = chance.randrange(len(words))
    return [*words[:place], f"other{chance.randrange(1 << 30)}", *words[place + 1 :]]


def ours(path: Path) -> tuple[float, dict[str, int]]:
    """Run the command: seconds from start to end, and what it found."""
    command = [sys.executable, "-m", "workbench", "data", "dedupe", str(path), str(path.with_name("out.jsonl"))]
    started = time.perf_counter()
    ran = subprocess.run([*command, "--near", str(_NEAR), "--json"], check=True, capture_output=True)
    seconds = time.perf_counter() - started
    found = json.loads(ran.stdout)
    return seconds, {key: found[key] for key in ("rows_in", "rows_out", "exact", "near")}


def theirs(path: Path, every: int) -> tuple[float, int]:
    """Seconds that datasketch takes for every `every`-th row, and how many rows these are."""
    from datasketch import MinHash, MinHashLSH

    bands = bands_for(_NEAR)
    size = bands.count * bands.rows
    started = time.perf_counter()
    with path.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"].split() for line in islice(file, 0, None, every)]
    shingles = [
        {" ".join(words[start : start + 5]).encode() for start in range(max(len(words) - 4, 1))} for words in texts
    ]
    index = MinHashLSH(num_perm=size, params=(bands.count, bands.rows))
    for number, sketch in enumerate(MinHash.bulk(shingles, num_perm=size)):
        if not index.query(sketch):
            index.insert(number, sketch, check_duplication=False)
    return time.perf_counter() - started, len(texts)


def main() -> None:
    """Make the documents, then measure both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=20_000)
    asked = parser.parse_args()
    if find_spec("datasketch") is None:
        sys.exit("the peer is not here: pip install datasketch")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documents.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in documents(asked.rows))
        seconds, found = ours(path)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        peer_seconds, peer_rows = theirs(path, max(asked.rows // asked.peer_rows, 1))
    mine, other = asked.rows / seconds, peer_rows / peer_seconds
    figures = {
        "seconds": round(seconds, 1),
        "peak_mb": round(peak),
        "rows_per_second": round(mine),
        "datasketch": round(other),
        "ratio": round(mine / other, 1),
    }
    print(json.dumps({"bench": "dedupe", **figures, **found}))


if __name__ == "__main__":
    main()
