"""Reward training, over TRL's RewardTrainer fed with pairs that the one encoder made.

Reads from top to bottom: pairs, model, trainer, train, judge, save.
"""

from workbench.models.find import ModelFolder, Need, find_model
from workbench.runs.task import RewardTask
from workbench.train.pair_rows import encode_pairs
from workbench.train.run import Run


def train(run: Run, device: str) -> None:
    """Train a reward model as the run's specification asks; its output folder is complete when this returns."""
    task = run.spec.task
    assert isinstance(task, RewardTask)
    found = find_model(run.spec.model, Need.WEIGHTS, run.note)
    if found.adapter is not None:
        found = _merged(run, found, device)
    rows = encode_pairs(run, found)
    run.check_stop()

    from trl import RewardConfig, RewardTrainer

    from workbench.train.judged import facts, judge
    from workbench.train.prepare import arguments, prepare
    from workbench.train.trainer import fit, make_trainer, save

    ready = prepare(run, rows, found, device)
    config = RewardConfig(
        **arguments(ready),
        center_rewards_coefficient=task.center_rewards_coefficient or None,
        disable_dropout=not getattr(run.spec.tuning, "dropout", 0),  # it would disable that of the adapters too
    )
    fit(make_trainer(RewardTrainer, ready, config), ready)
    result = judge(ready, rows)
    save(ready, facts(result), pad_id=ready.tokenizer.pad_token_id)


def _merged(run: Run, found: ModelFolder, device: str) -> ModelFolder:
    """The output of a run that trained an adapter, as a model: a score head needs one to stand on."""
    from workbench.models.load import compute_dtype
    from workbench.models.merge import merge

    run.note(f"merging {found.name} with its base model")
    return merge(found, run.folder.base, dtype=compute_dtype(run.spec.dtype, device), device=device)
