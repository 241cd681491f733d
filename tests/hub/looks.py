"""Looks at a Hub from a process of its own, because huggingface_hub reads its settings when it is imported."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hub_server import HubServer

_CLIENT = """
import json, sys
from workbench.errors import WorkbenchError

def looked(repo_id, what, **options):
    from workbench.hub import What, fetch, plan
    download = plan(repo_id, What(what), **options)
    said = []
    folder = fetch(download, said.append)
    return {"folder": str(folder), "total": download.bytes_total, "cached": download.bytes_cached,
            "revision": download.revision, "files": [file.name for file in download.files], "said": said}

def found(name, need):
    from workbench.models.find import Need, find_model
    model = find_model(name, Need(need), print)
    return {"folder": str(model.folder), "source": model.source, "revision": model.revision,
            "adapter": model.adapter and str(model.adapter), "tokenizer_folder": str(model.tokenizer_folder)}

answers = []
for call, arguments, options in json.loads(sys.argv[1]):
    try:
        answers.append(globals()[call](*arguments, **options))
    except WorkbenchError as error:
        answers.append({"error": error.what, "fix": error.fix, "code": error.exit_code})
print("ANSWERS" + json.dumps(answers))
"""


@dataclass
class Person:
    """Somebody with a cache of their own, who uses `hub`."""

    hub: HubServer
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def looks(self, repo_id: str, what: str, **options: Any) -> dict[str, Any]:
        """Plan and fetch; the answer has either `folder` and what was said, or `error`, `fix` and `code`."""
        return self._asks([("looked", [repo_id, what], options)])[0]

    def finds(self, *wanted: tuple[str, str]) -> list[dict[str, Any]]:
        """Find models by name and need, one after the other."""
        return self._asks([("found", list(pair), {}) for pair in wanted])

    def runs(self, script: str, *arguments: str) -> str:
        """Run Python and return what it printed; with its errors when it failed."""
        environment = self.hub.environment(self.home, **self.environment)
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def _asks(self, calls: Sequence[tuple[str, list[str], dict[str, Any]]]) -> list[dict[str, Any]]:
        return json.loads(self.runs(_CLIENT, json.dumps(calls)).partition("ANSWERS")[2])
