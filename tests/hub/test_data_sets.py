"""A data set of the Hub opens by its name: its splits are chained, and only the part that is asked for is fetched."""

import gzip
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.hub.looks import Person
from tests.hub_server import HubServer, Repo

_CLIENT = """
import json, sys
from workbench.data.rows import locate, open_rows
from workbench.errors import WorkbenchError

for name in sys.argv[1:]:
    said = []
    try:
        answer = {"rows": [row.get("n", row.get("n.txt")) for row in open_rows(locate(name, said.append))]}
    except WorkbenchError as error:
        answer = {"error": error.what, "code": error.exit_code}
    print(json.dumps({**answer, "said": said}))
"""

_DATASETS = """
import sys
import datasets

datasets.disable_progress_bars()
datasets.load_dataset(sys.argv[1])
"""

README = """---
configs:
- config_name: main
  data_files:
  - {split: train, path: main/*.jsonl}
  - {split: test, path: held/x.jsonl}
- config_name: extra
  data_files: extra.jsonl
---
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "set"


def fill(folder: Path, **files: list[int]) -> None:
    for name, numbers in files.items():
        lines = "".join(json.dumps({"n": number}) + "\n" for number in numbers).encode()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)


def opened(person: Person, *names: str) -> list[dict]:
    return [json.loads(line) for line in person.runs(_CLIENT, *names).splitlines()]


def test_the_files_of_a_split_are_one_set_and_the_others_stay_where_they_are(folder: Path, tmp_path: Path) -> None:
    shards = {f"data/train-{n:05}-of-00003.jsonl.gz": [2 * n, 2 * n + 1] for n in range(3)}
    fill(folder, **shards, **{"data/test-00000-of-00001.jsonl": [9]})
    with HubServer(datasets={"acme/rows": folder}) as hub:
        person = Person(hub, tmp_path / "home", {"XDG_CACHE_HOME": str(tmp_path / "cache")})
        (unnamed,) = opened(person, "acme/rows")
        assert unnamed["rows"] == [0, 1, 2, 3, 4, 5]
        assert unnamed["said"] == ["acme/rows: the split train; others: acme/rows:test"]
        assert hub.downloaded("datasets/acme/rows") == list(shards)
        named, file, absent = opened(person, "acme/rows:test", f"acme/rows:{next(iter(shards))}", "acme/rows:dev")
        assert (named["rows"], file["rows"]) == ([9], [0, 1])
        assert (absent["code"], absent["error"]) == (2, "acme/rows has no part dev: it has train, test")
    offline = Person(hub, tmp_path / "home", {"HF_HUB_OFFLINE": "1"})
    assert opened(offline, "acme/rows:train")[0]["rows"] == [0, 1, 2, 3, 4, 5]
    assert opened(offline, "acme/other")[0]["code"] == 3


def test_the_configurations_of_a_readme_are_parts(folder: Path, tmp_path: Path) -> None:
    fill(folder, **{"main/a.jsonl": [1], "main/b.jsonl": [2], "held/x.jsonl": [3], "extra.jsonl": [4]})
    (folder / "README.md").write_text(README)
    with HubServer(datasets={"acme/rows": folder}) as hub:
        person = Person(hub, tmp_path / "home")
        told = opened(person, "acme/rows", "acme/rows:main/test", "acme/rows:extra")
        assert [answer["rows"] for answer in told] == [[1, 2], [3], [4]]
        commit = hub.repos["datasets/acme/rows"].commit()
        assert opened(person, f"acme/rows@{commit}:main/test")[0]["rows"] == [3]


def test_a_set_of_files_that_are_not_read_here_is_read_from_the_parquet_copy_of_the_hub(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "script.py").write_text("raise SystemExit('never run')")
    for name, numbers in {"train/0000": [1, 2], "train/0001": [3], "test/0000": [4]}.items():
        path = tmp_path / "copy" / "default" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"n": numbers}), path)
    with HubServer(datasets={"acme/rows": tmp_path / "set"}) as hub:
        hub.repos["datasets/acme/rows"].branches["refs/convert/parquet"] = Repo(tmp_path / "copy")
        train, test = opened(Person(hub, tmp_path / "home"), "acme/rows", "acme/rows:test")
    assert (train["rows"], test["rows"]) == ([1, 2, 3], [4])
    assert train["said"][-1] == "acme/rows: read from the Parquet copy of the Hub"
    assert "acme/rows:test" in train["said"][0]


def test_what_else_datasets_can_read_it_reads_and_its_cache_answers_without_a_connection(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with tarfile.open(tmp_path / "set" / "train-000.tar", "w") as tar:
        for number in range(3):
            content = str(number).encode()
            member = tarfile.TarInfo(f"{number:03}.n.txt")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    with HubServer(datasets={"acme/rows": tmp_path / "set"}) as hub:
        (online,) = opened(Person(hub, tmp_path / "home"), "acme/rows")
        Person(hub, tmp_path / "other").runs(_DATASETS, "acme/rows")
    assert online["said"] == ["acme/rows: `datasets` reads 1 file"]
    offline = Person(hub, tmp_path / "other", {"HF_HUB_OFFLINE": "1"})
    shutil.rmtree(tmp_path / "other" / "hub")
    cached, absent = opened(offline, "acme/rows:train", "acme/rows:test")
    assert online["rows"] == cached["rows"] == ["0", "1", "2"]
    assert cached["said"] == ["acme/rows: as `datasets` once loaded it; the Hub was not asked"]
    assert absent["code"] == 3
    assert "HF_HUB_OFFLINE is set" in absent["error"]
