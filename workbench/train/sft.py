"""Supervised fine-tuning, over TRL's SFTTrainer fed with rows that the one encoder made.

Reads from top to bottom: rows, model, trainer, train, save.
"""

from workbench.models.find import Need, find_model
from workbench.train.rows import encode_rows
from workbench.train.run import Run
from workbench.train.stopping import stop_test


def train(run: Run, device: str) -> None:
    """Train what the run's specification asks for on `device`; its output folder is complete when this returns."""
    found = find_model(run.spec.model, Need.WEIGHTS, run.note)
    rows = encode_rows(run, found)
    run.check_stop()

    from trl import SFTConfig, SFTTrainer

    from workbench.train.prepare import arguments, prepare
    from workbench.train.trainer import fit, make_trainer, save

    ready = prepare(run, rows, found, device)
    config = SFTConfig(**arguments(ready), dataset_kwargs={"skip_prepare_dataset": True})
    fit(make_trainer(SFTTrainer, ready, config), ready)

    stop_ids = sorted(ready.tokenizer.convert_tokens_to_ids(rows.stop_tokens))
    ready.model.generation_config.eos_token_id = stop_ids or None
    save(ready, {}, stop_ids=stop_ids)
    try:
        stop_test(run, ready.model, ready.tokenizer, rows)
    except Exception as error:  # the result is on disk: what tells about it must not make it a failure
        run.warn(
            "stop-test", f"whether the model ends its answers could not be tested: {type(error).__name__}: {error}"
        )
