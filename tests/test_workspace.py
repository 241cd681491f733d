"""The workspace: any folder; its settings are typed and unknown ones refused."""

from pathlib import Path

import pytest

from workbench.errors import Missing, WrongUse
from workbench.workspace import open_workspace, sample_data


def test_a_folder_without_settings_has_the_defaults_and_nothing_is_created(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    assert (workspace.settings.device, workspace.settings.checkpoints_kept) == ("auto", 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("devcie = 'cpu'", "devcie is not a known key"),
        ("device = 'gpu'", "device"),
        ("checkpoints_kept = 0", "checkpoints_kept"),
        ("device = ", "not TOML"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "workbench.toml").write_text(text)
    with pytest.raises(WrongUse, match=says):
        _ = open_workspace(tmp_path).settings


def test_a_workspace_must_exist(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="not a folder"):
        open_workspace(tmp_path / "absent")


def test_the_sample_data_is_found() -> None:
    assert (sample_data() / "starter" / "model.safetensors").is_file()
