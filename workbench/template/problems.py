"""What is wrong with an encoded row, in words: each stands before "this row" or "rows 3, 17", and has its fix."""

PROBLEMS = {
    "nothing-trained": ("no token is trained in", "give the row an answer, or change train_on"),
    "stop-not-trained": (
        "the stop token of an answer is not trained, so the model would never stop, in",
        "add the template's tokens (new_tokens: template; A in the app), or name another template",
    ),
    "bos-doubled": ("two BOS tokens at the beginning of", "take the BOS out of the row or of the template"),
    "answer-cut": ("the whole answer is lost to max_length in", "raise max_length, or allow_cut_answers: SHARE"),
    "sides-equal": (
        "both answers are the same tokens in",
        "take the row out, raise max_length, or allow_cut_answers: SHARE",
    ),
}
"""For these a run does not start."""

WARNINGS = {
    "control-token": "a control token written in a message is trained as plain text",
    "control-token-acts": "a control token written in plain text acts as such",
    "training-template": "earlier turns are written as they were generated, not as the model's template repeats them",
    "history-rewritten": "earlier turns are written differently once more follow, and trained as they then stand",
    "content-lost": "the template leaves out what a message says",
    "begins-inside": "an answer's first token holds the end of what precedes it, which no model that is asked sees",
    "stop-inside": "an answer goes on after its stop token",
    "truncated": "tokens behind max_length are cut",
}
