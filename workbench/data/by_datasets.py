"""What the `datasets` library reads for us, in a process of its own: files of kinds that we do not, and its own cache.

It writes Arrow files into its cache, and those are opened like any others. The process asks nothing of the network:
what it reads was downloaded before.
"""

import contextlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.children import Child
from workbench.errors import Missing
from workbench.hub.selection import few
from workbench.strict_json import dumps

_LONGEST = 200  # characters of a foreign error
_SHARD = re.compile(r"-\d{5}-of-\d{5}(?=\.arrow$)")


def read_files(label: str, folder: Path, files: Sequence[str]) -> Path:
    """Return what `datasets` makes of `files` in `folder`; `label` names them in errors. Raises Missing."""
    answer = _ask({"path": str(folder), "files": list(files)})
    if "files" not in answer:
        why = f"cannot read {few(files)}" + (f": {answer['error']}" if answer["error"] else "")
        raise Missing(f"{label}: `datasets` {why}", "name a set of JSON, CSV or Parquet files")
    return _place(answer["files"])


def read_cached(repo_id: str, part: str) -> Path | None:
    """Return the part of a data set of the Hub that is in the cache of `datasets`; None when none is."""
    configuration, _, split = part.rpartition("/")
    ways = [(configuration, split)] if configuration else [("", part), (part, "")] if part else [("", "")]
    for configuration, split in ways:
        answer = _ask({"path": repo_id, "configuration": configuration, "split": split})
        if "files" in answer:
            return _place(answer["files"])
    return None


def _place(files: Sequence[str]) -> Path:
    """One file, or the pattern of its shards."""
    return Path(files[0] if len(files) == 1 else _SHARD.sub("-*", files[0]))


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    child = Child("workbench.data.by_datasets", HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
    try:
        child.send(request)
        with open(child.stdout.fileno(), "rb", closefd=False) as lines:
            answer = lines.readline()
        return dict(json.loads(answer)) if answer else {"error": child.last_words()}
    finally:
        child.close()


def main() -> None:
    """Answer one request, {"path", "files"} or {"path", "configuration", "split"}, with {"files"} or {"error"}."""
    request = json.loads(sys.stdin.readline())
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        try:
            answer: dict[str, Any] = {"files": _prepared(**request)}
        except FileNotFoundError:
            answer = {"error": ""}  # its message lists hundreds of file names' endings
        except Exception as error:
            answer = {"error": (str(error).strip().splitlines() or [type(error).__name__])[0][:_LONGEST]}
    print(dumps(answer), file=answers, flush=True)


def _prepared(path: str, files: Sequence[str] = (), configuration: str = "", split: str = "") -> list[str]:
    """The Arrow files of one split."""
    from datasets import load_dataset_builder

    from workbench.data.splits import default_split

    builder = load_dataset_builder(path, configuration or None, data_files=list(files) or None)
    builder.download_and_prepare()
    data = builder.as_dataset(split or default_split({name: [] for name in builder.info.splits or {}}))
    return [file["filename"] for file in data.cache_files]


if __name__ == "__main__":
    main()
