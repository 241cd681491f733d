"""A data set of the Hub opens by its name: its splits are chained, and only the part that is asked for is fetched."""

import gzip
import json
from pathlib import Path

import pytest

from tests.hub.looks import Person
from tests.hub_server import HubServer

_CLIENT = """
import json, sys
from workbench.data.rows import locate, open_rows
from workbench.errors import WorkbenchError

for name in sys.argv[1:]:
    said = []
    try:
        answer = {"rows": [row["n"] for row in open_rows(locate(name, said.append))]}
    except WorkbenchError as error:
        answer = {"error": error.what, "code": error.exit_code}
    print(json.dumps({**answer, "said": said}))
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
