"""What a run's tokens and weights come from, so that a resumed run goes on from the same and from nothing else."""

import hashlib
from pathlib import Path

from workbench.data.hashes import data_hash, file_hash
from workbench.data.rows import locate
from workbench.errors import WorkbenchError
from workbench.models.find import ModelFolder
from workbench.template.client import EncoderWorker
from workbench.train.run import Run

_ENDS = 1 << 16


def settle_identity(run: Run, model: ModelFolder, worker: EncoderWorker) -> None:
    """Write the identity into resolved.json; raise WorkbenchError when a resumed run finds another one there."""
    data = run.spec.data
    now = {
        "data": data_hash(locate(data.train, run.note)),
        "validation data": data_hash(locate(data.validation, run.note)) if data.validation else None,
        "template": worker.template_hash,
        "tokenizer": file_hash(model.folder / "tokenizer.json"),
        "model": model.revision or weights_hash(model.folder),
    }
    before = run.folder.resolved.get("identity", now)
    changed = [name for name, value in now.items() if run.resume_from and before.get(name) != value]
    if changed:
        raise WorkbenchError(
            f"the {' and the '.join(changed)} changed since the run began, so it cannot go on from its checkpoint",
            "restore what changed, or start a new run",
        )
    run.resolve(identity=now)


def weights_hash(folder: Path) -> str:
    """SHA-256 of a model's configuration and of its weight files' names, sizes and both ends.

    The ends hold the shapes and some of the values; reading a large model whole would take minutes.
    """
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        with path.open("rb") as file:
            digest.update(f"{path.name} {size}".encode() + file.read(_ENDS))
            file.seek(max(0, size - _ENDS))
            digest.update(file.read())
    return digest.hexdigest()
