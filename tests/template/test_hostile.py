"""A chat template is a stranger's program: what it tries ends with a clear error, and the next row is answered."""

from pathlib import Path

import pytest

from tests.small import make_tokenizer
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.template.client import EncoderWorker
from workbench.template.spec import EncoderSpec

UNSAFE, LOADER = "is unsafe", "no loader"
MEMORY, NESTING = "too much memory", "too much nesting"
LONG = "characters of this row; 16,777,216 are the most"

REFUSED = {
    "classes": ("{{ ''.__class__.__mro__[1].__subclasses__() }}", UNSAFE),
    "filter": ("{{ (''|attr('__class__')).__mro__ }}", UNSAFE),
    "format": ("{{ '{0.__class__.__mro__}'.format('') }}", UNSAFE),
    "globals": ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", UNSAFE),
    "self": ("{{ self.__init__.__globals__ }}", UNSAFE),
    "change": ("{{ messages.append(messages[0]) }}", UNSAFE),
    "include": ("{% include '/etc/passwd' %}", LOADER),
    "import": ("{% import 'os' as os %}{{ os.environ }}", LOADER),
    "range": ("{% for n in range(999999999) %}{% endfor %}", "Range too big"),
    "recursion": ("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}", NESTING),
    "loop": ("{% for n in [[1]] recursive %}{{ loop([n]) }}{% endfor %}", NESTING),
    "list": ("{{ ((range(99999) | list) * 99999) | length }}", MEMORY),
    "filler": ("{{ 'x' | center(9999999999) }}", MEMORY),
    "digits": ("{{ '%9999999999d' % 1 }}", MEMORY),
    "replace": ("{{ (messages[0].content * 9000000) | replace('', 'y' * 10000) }}", MEMORY),
    "output": ("{{ messages[0].content * 9000000 }}", LONG),
    "pieces": ("{% for n in range(99999) %}{{ 'x' * 400 }}{% endfor %}", LONG),
}
"""What is refused at once, and what the error says."""

EMPTY = {
    "class": "{{ ''.__class__ }}",
    "function": "{{ raise_exception.__globals__ }}{{ lipsum.__globals__ }}{{ strftime_now.__code__ }}",
    "map": "{{ [''] | map(attribute='__class__') | join }}",
    "format-map": "{{ '{a.__class__}'.format_map({'a': ''}) }}",
}
"""What is nothing to a template: it may ask for it, and sees an undefined value."""

ENDLESS = {
    "spin": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "double": "{% set n = namespace(x='x') %}{% for a in range(99999) %}{% set n.x = n.x + n.x %}"
    "{{ n.x | wordcount }}{% endfor %}",
    "power": "{{ (messages | length + 7) ** (9 ** (messages | length + 7)) }}",
}


def of_words(folder: Path, cases: dict[str, str]) -> EncoderSpec:
    """A template that does what the first message names, and then writes it."""
    branches = "".join("{% elif messages[0].content == '" + word + "' %}" + case for word, case in cases.items())
    path = folder / "hostile.jinja"
    path.write_text("{% if false %}" + branches + "{% endif %}{{ messages[0].content }}")
    return EncoderSpec(template=str(path), train_on="all")


def asking(word: str) -> dict[str, str]:
    return {"prompt": word, "completion": "x"}


def test_tricks_are_refused_with_what_is_wrong_and_the_next_row_is_answered(tmp_path: Path) -> None:
    spec = of_words(tmp_path, {word: template for word, (template, _) in REFUSED.items()})
    rows = [asking(word) for trick in REFUSED for word in (trick, "fine")]
    with EncoderWorker(make_tokenizer(tmp_path / "t"), spec) as worker:
        answers = list(worker.encode(rows))
    told = {word: answers[2 * at].get("error", "") for at, word in enumerate(REFUSED)}
    assert {word: what for word, (_, what) in REFUSED.items() if what not in told[word]} == {}, told
    assert all(len(error) < 400 for error in told.values())
    assert all(len(answer["input_ids"]) == len("fine") for answer in answers[1::2])


def test_what_a_template_may_not_see_is_nothing_to_it(tmp_path: Path) -> None:
    with EncoderWorker(make_tokenizer(tmp_path / "t"), of_words(tmp_path, EMPTY)) as worker:
        texts = {word: worker.look(asking(word))["text"] for word in EMPTY}
    assert texts == {word: word for word in EMPTY}


def test_what_would_not_end_is_ended_and_the_rows_around_it_are_answered(tmp_path: Path) -> None:
    rows = [asking(word) for endless in ENDLESS for word in (endless, "fine")]
    with EncoderWorker(
        make_tokenizer(tmp_path / "t"), of_words(tmp_path, ENDLESS), Settings(render_seconds=0.5)
    ) as worker:
        answers = list(worker.encode(rows))
        with pytest.raises(WorkbenchError, match=r"did not end within 0\.5 s"):
            worker.look(asking("spin"))
        assert worker.look(asking("fine"))["text"] == "fine"
        (prompt,) = worker.prompts([asking("spin")])
    assert all("did not end within 0.5 s" in answer["error"] and answer["fix"] for answer in [*answers[::2], prompt])
    assert all(len(answer["input_ids"]) == len("fine") for answer in answers[1::2])


def test_a_template_that_never_ends_cannot_be_probed_and_says_so(tmp_path: Path) -> None:
    template = tmp_path / "spin.jinja"
    template.write_text("{% if messages[0].content[0] == '\\n' %}" + ENDLESS["spin"] + "{% endif %}")
    folder, spec = make_tokenizer(tmp_path / "t"), EncoderSpec(template=str(template))
    worker = EncoderWorker(folder, spec, Settings(render_seconds=0.5))
    with worker, pytest.raises(WorkbenchError, match=r"did not end within 0\.5 s"):
        worker.probe()


def test_a_template_that_never_ends_is_an_error_when_it_is_opened(tmp_path: Path) -> None:
    template = tmp_path / "spin.jinja"
    template.write_text(ENDLESS["spin"])
    folder, spec = make_tokenizer(tmp_path / "t"), EncoderSpec(template=str(template))
    with pytest.raises(WorkbenchError, match=r"did not end within 0\.5 s"):
        EncoderWorker(folder, spec, Settings(render_seconds=0.5))


@pytest.mark.parametrize(
    "template",
    ["{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}", "{% if 1 %}" * 3000 + "{% endif %}" * 3000],
    ids=["brackets", "blocks"],
)
def test_a_template_too_deep_to_read_is_an_error(tmp_path: Path, template: str) -> None:
    (tmp_path / "deep.jinja").write_text(template)
    spec = EncoderSpec(template=str(tmp_path / "deep.jinja"))
    with pytest.raises(WorkbenchError, match=NESTING):
        EncoderWorker(make_tokenizer(tmp_path / "t"), spec)


def test_what_a_template_says_is_shown_in_part_and_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from workbench.cli.main import run

    folder = make_tokenizer(tmp_path / "model")
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "rows.jsonl").write_text('{"prompt": "a", "completion": "b"}\n')
    (tmp_path / "loud.jinja").write_text("{{ raise_exception('\x1b[2J\x07no' + 'o' * 9000000) }}")
    command = ["template", "show", str(tmp_path / "rows.jsonl"), "--model", str(folder)]
    assert run([*command, "--template", str(tmp_path / "loud.jinja")]) == 1
    told = capsys.readouterr().err
    assert "refuses this row" in told and "nooo" in told and len(told) < 1000
    assert "\x1b" not in told and "\x07" not in told


def test_marks_that_a_template_writes_itself_are_text(tmp_path: Path) -> None:
    """A template cannot speak for a control token that a row holds by writing the mark that stands for it."""
    forged = tmp_path / "forged.jinja"
    forged.write_text("{% for m in messages %}{{ m.content }}\ue0f00\ue0f1\ue0f07\ue0f1<|im_end|>{% endfor %}")
    spec = EncoderSpec(template=str(forged), train_on="all")
    with EncoderWorker(make_tokenizer(tmp_path / "t"), spec) as worker:
        plain, planted = worker.encode([asking("a"), asking("a<|im_end|>")])
        assert worker.look(asking("a"))["text"].startswith("a\ue0f00\ue0f1\ue0f07\ue0f1<|im_end|>")
    stop = 257
    assert plain["input_ids"].count(stop) == 2 and planted["input_ids"].count(stop) == 2
