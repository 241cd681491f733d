"""SQuAD's own nesting, data → paragraphs → questions, as one row per question."""

from pathlib import Path
from typing import Any

from workbench.data.table import BadFile, Row


def is_squad(articles: list[Any]) -> bool:
    """Whether `articles` is what SQuAD keeps under "data"."""
    return isinstance(articles[0], dict) and isinstance(articles[0].get("paragraphs"), list)


def flattened(path: Path, articles: list[Any]) -> list[Row]:
    """Return one row per question, with the answers as {"text": [...], "answer_start": [...]}."""
    try:
        return [
            _row(article, paragraph, question)
            for article in articles
            for paragraph in article["paragraphs"]
            for question in paragraph["qas"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        detail = f"no {error.args[0]}" if isinstance(error, KeyError) else str(error)
        raise BadFile(f"{path}: like SQuAD, but broken: {detail}", "compare with a SQuAD file") from error


def _row(article: Row, paragraph: Row, question: Row) -> Row:
    row: Row = {"id": question.get("id")}
    if "title" in article:
        row["title"] = article["title"]
    row["context"] = paragraph["context"]
    row["question"] = question["question"]
    answers = question.get("answers", [])
    row["answers"] = {
        "text": [answer["text"] for answer in answers],
        "answer_start": [answer.get("answer_start") for answer in answers],
    }
    if "is_impossible" in question:
        row["is_impossible"] = question["is_impossible"]
    return row
