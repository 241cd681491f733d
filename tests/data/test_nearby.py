"""Data files are found by their names, near before far, and nothing else is looked into."""

import os

from workbench.data.nearby import data_files


def tree(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def names(folder, **options):
    return [str(path.relative_to(folder)) for path in data_files(folder, **options)]


def test_the_nearest_come_first_and_prose_last(tmp_path):
    tree(tmp_path, "far/away/c.parquet", "far/b.csv", "notes.txt", "z.jsonl", "A.JSON", "image.png")
    assert names(tmp_path) == ["A.JSON", "z.jsonl", "notes.txt", "far/b.csv", "far/away/c.parquet"]


def test_runs_environments_hidden_folders_and_models_are_passed_over(tmp_path):
    tree(
        tmp_path,
        *("runs/first/journal.jsonl", ".venv/a.csv", "venv/a.csv", "node_modules/a.json", ".git/a.json", ".a.csv"),
        *("__pycache__/a.json", "model/config.json", "model/vocab.txt", "model/train.jsonl", "package.json"),
    )
    assert names(tmp_path) == ["model/train.jsonl"]


def test_links_in_a_circle_end_and_what_is_gone_is_not_listed(tmp_path):
    tree(tmp_path, "data/a.csv")
    (tmp_path / "data" / "up").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "data")
    (tmp_path / "broken.csv").symlink_to(tmp_path / "nowhere.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert names(tmp_path) == ["again/a.csv"]


def test_no_more_than_the_limit_and_no_deeper_than_four_folders(tmp_path):
    tree(tmp_path, *(f"{n:02}.csv" for n in range(30)), "1/2/3/4/e.csv", "1/2/3/4/5/f.csv")
    assert names(tmp_path, limit=3) == ["00.csv", "01.csv", "02.csv"]
    assert names(tmp_path)[30:] == ["1/2/3/4/e.csv"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert data_files(tmp_path / "nowhere") == []
