"""How the judge of a run does by now, with all that it and people said of the set."""

from workbench.label.collecting import collect
from workbench.label.judge import trial_of
from workbench.label.store import existing_store
from workbench.label.trial import Trial
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines
from workbench.runs.task import JudgeTask
from workbench.workspace import Workspace


def trial_of_run(run: RunFolder) -> Trial:
    """Return the trial of a judge's run.

    Raises Missing where the set or its file is gone, and what is wrong with either.
    """
    collect(Workspace(run.path.parent.parent))
    task = run.spec.task
    assert isinstance(task, JudgeTask)
    questions, _ = read_lines(run.questions_file)
    annotator = str(questions[0].get("annotator")) if questions else ""
    with existing_store(run.path.parent.parent / "labels.db", task.set) as store:
        return trial_of(store, task.set, annotator, task.kappa, task.criterion)
