"""The bytes of tokens, put together, are the bytes of the text."""

from pathlib import Path

from tests.small import make_tokenizer
from workbench.template.encoder import open_encoder
from workbench.template.lens import look
from workbench.template.spec import EncoderSpec
from workbench.template.token_bytes import bytes_of

TEXT = "Otter\t«ok» 🦦 größe\n漢字"


def test_tokens_of_a_byte_level_vocabulary_are_the_bytes_of_the_text(tmp_path: Path) -> None:
    encoder = open_encoder(make_tokenizer(tmp_path), EncoderSpec())
    seen = look(encoder, {"prompt": TEXT, "completion": TEXT})
    assert b"".join(bytes.fromhex(token["bytes"]) for token in seen["tokens"]) == seen["text"].encode()


def test_tokens_of_a_sentencepiece_vocabulary_too(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "b", "é", "▁ab"]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    model = models.BPE(vocabulary, [], byte_fallback=True, unk_token="<unk>")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>")
    ids = fast("a bé漢", add_special_tokens=False)["input_ids"]
    assert b"".join(bytes_of(fast, token) for token in ids) == "a bé漢".encode()
