"""A mapping is chosen part by part, and only said where the same is not recognised anyway."""

from workbench.data.mapping import MappingDraft
from workbench.data.schema import recognise
from workbench.data.table import columns_of

ROWS = [{"frage": "A?", "antwort": "a", "info": {"lang": "de"}, "liste": ["x", "y", "z"]}]
ENGLISH = [{"question": "A?", "answer": "a", "topic": "t"}]


def draft(rows):
    columns = columns_of(rows)
    return MappingDraft.of(columns, rows, recognise(columns, rows))


def test_columns_and_places_inside_them_can_be_chosen():
    assert draft(ROWS).sources == ["frage", "antwort", "info", "liste", "info.lang", "liste.0", "liste.1"]


def test_an_unknown_file_begins_as_question_and_answer_without_columns():
    one = draft(ROWS)
    assert (one.targets[:2], one.result()[2]) == (("prompt", "completion"), "prompt and completion need a column")
    one.turn("prompt", 1)
    one.turn("completion", 1)
    one.turn("completion", 1)
    mapping, schema, wrong = one.result()
    assert (mapping, schema.name, wrong) == ({"prompt": "frage", "completion": "antwort"}, "prompt-completion", "")


def test_what_is_recognised_anyway_needs_no_mapping():
    one = draft(ENGLISH)
    assert one.chosen == {"prompt": "question", "completion": "answer"}
    assert one.result()[0] == {}
    one.turn("prompt", -1)
    one.turn("prompt", 1)
    assert one.result()[0] == {}
    one.turn("prompt", 1)
    one.turn("prompt", 1)
    assert one.result()[0] == {"prompt": "topic", "completion": "answer"}


def test_another_kind_keeps_what_it_has_a_part_for():
    one = draft(ENGLISH)
    while one.targets[:2] != ("text", "label"):
        one.turn_kind(1)
    assert one.chosen == {}
    assert one.result()[2] == "text and label need a column"
    one.turn("text", 1)
    one.turn("label", -1)
    mapping, schema, wrong = one.result()
    assert (mapping, schema.name, wrong) == ({"text": "question", "label": "topic"}, "classification", "")
