"""Scores of answers: by classifiers as they are, whatever shares a batch, from every kind of file with answers."""

import json
from pathlib import Path

import pytest

from tests.conftest import Bench
from workbench.errors import WrongUse
from workbench.models.score import label_of, scores

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "film", "was", "good", "bad", "great", "how", "is", "it", "?", "."]


@pytest.fixture(scope="module")
def sentiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of sentiment in the shape of lvwerra/distilbert-imdb: two labels, no chat template, no EOS."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("models") / "sentiment"
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = DistilBertConfig(
        vocab_size=len(WORDS), dim=16, hidden_dim=32, n_layers=2, n_heads=2, max_position_embeddings=32,
        id2label={0: "NEGATIVE", 1: "POSITIVE"}, label2id={"NEGATIVE": 0, "POSITIVE": 1}, initializer_range=0.5,
    )  # fmt: skip
    DistilBertForSequenceClassification(config).save_pretrained(folder)
    return folder


def by_hand(folder: Path, texts: list[str], label: int) -> list[float]:
    """The logit of a label for each text alone, as the classifier's own documentation has it."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        return [float(model(**tokenizer(text, return_tensors="pt")).logits[0, label]) for text in texts]


def test_a_classifier_of_sentiment_scores_by_the_logit_of_its_positive_label(bench: Bench, sentiment: Path) -> None:
    texts = ["The film was good .", "how is it ? bad", "great", "it was " + "bad " * 12]
    (bench.folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    found = bench("compare", "score", str(sentiment), "texts.jsonl", "--json").json
    positive = by_hand(sentiment, texts, 1)
    assert [row["score"] for row in found["rows"]] == pytest.approx(positive, abs=1e-5)
    assert found["mean"] == pytest.approx(sum(positive) / 4, abs=1e-5) and found["cut"] == 0
    other = bench("compare", "score", str(sentiment), "texts.jsonl", "--label", "negative", "--json").json
    assert [row["score"] for row in other["rows"]] == pytest.approx(by_hand(sentiment, texts, 0), abs=1e-5)


def test_pairs_and_recorded_answers_are_scored_side_by_side(bench: Bench, sentiment: Path) -> None:
    pair = {"prompt": "how is it ?", "chosen": " great", "rejected": " bad"}
    recorded = {"prompt": "how is it ?", "answers": {"base": " bad", "tuned": " good"}}
    for name, row in (("pair", pair), ("recorded", recorded)):
        (bench.folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    great, bad, good = by_hand(sentiment, [f"how is it ? {word}" for word in ("great", "bad", "good")], 1)
    found = bench("compare", "score", str(sentiment), "pair.jsonl", "--json").json
    assert found["rows"][0]["difference"] == pytest.approx(great - bad, abs=1e-5)
    assert found["accuracy"]["accuracy"] == float(great > bad)
    found = bench("compare", "score", str(sentiment), "recorded.jsonl", "--json").json
    assert found["rows"][0]["scores"] == pytest.approx({"base": bad, "tuned": good}, abs=1e-5)
    assert "standard deviation" in bench("compare", "score", str(sentiment), "recorded.jsonl").out


def test_what_has_no_score_is_refused_with_the_reason(bench: Bench) -> None:
    ran = bench("compare", "score", "tiny", "rows.jsonl", "--json")
    assert ran.code == 2 and "it is LlamaForCausalLM" in ran.json["error"]
    assert bench("compare", "score", "tiny", "absent.jsonl").code == 3


def test_the_label_that_stands_for_good_is_found_or_asked_for() -> None:
    assert label_of({0: "LABEL_0"}, None, "m") == 0
    assert label_of({0: "POS", 1: "NEG"}, None, "m") == 0
    assert label_of({0: "LABEL_0", 1: "LABEL_1"}, None, "m") == 1
    assert label_of({0: "joy", 1: "anger"}, "Joy", "m") == 0
    for labels, asked in (({0: "joy", 1: "anger"}, None), ({0: "LABEL_0", 1: "LABEL_1"}, "positive")):
        with pytest.raises(WrongUse, match=next(iter(labels.values()))):
            label_of(labels, asked, "m")


def test_a_score_does_not_depend_on_what_shares_the_batch(tiny: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(1)
    model = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=1)
    pad_id = model.config.pad_token_id = 256
    rows = [[65 + step % 20 for step in range(length)] for length in (3, 90, 17, 1)]
    together = scores(model, rows, pad_id=pad_id, dtype="float32")
    alone = [scores(model, [row], pad_id=pad_id, dtype="float32")[0] for row in rows]
    assert together == pytest.approx(alone, abs=1e-5)
