"""Keys, passwords' kin and e-mail addresses in a text. What is found is never told whole."""

import re
from collections.abc import Iterator

from workbench.data.check.problems import Finding

_MARKS = (
    *(
        "@",
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "sk-",
        "xox",
        "-----BEGIN",
        "eyJ",
        "AIza",
        "hf_",
        "glpat-",
        "npm_",
        "sk_live_",
    ),
    *("AccountKey=", "SG."),
)
"""A text without any of these holds nothing."""
_SHOWN = 4  # characters of a secret
_EDGE, _END = r"(?<![A-Za-z0-9_/+-])", r"(?![A-Za-z0-9])"

_SECRETS = {
    "an AWS access key": r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    "a GitHub token": r"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})",
    "an API key": r"sk-(?:proj-|ant-|svcacct-|or-)?(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{20,250}",
    "a Slack token": r"xox[abeoprs]-[A-Za-z0-9-]{10,250}",
    "a Google API key": r"AIza[A-Za-z0-9_-]{35}",
    "a Hugging Face token": r"hf_[A-Za-z0-9]{30,60}",
    "a GitLab token": r"glpat-[A-Za-z0-9_-]{20,64}",
    "an npm token": r"npm_[A-Za-z0-9]{36}",
    "a Stripe key": r"[sr]k_live_[A-Za-z0-9]{20,120}",
    "a SendGrid key": r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}",
    "an Azure key": r"AccountKey=[A-Za-z0-9+/=]{60,}",
    "a JSON Web Token": r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
}
_SECRET = re.compile("|".join(f"(?P<k{at}>{_EDGE}{each}{_END})" for at, each in enumerate(_SECRETS.values())))
_NAMES = tuple(_SECRETS)
_PRIVATE = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=:,\s-]{40}")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+/:@-])[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_])?@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,5}[A-Za-z]{2,18}(?![A-Za-z0-9@(-]|:[\w/~])"
)
_PICTURE = re.compile(r"(?i)\.(?:png|jpe?g|gif|svg|webp)$")  # logo@2x.png


def look_at_secrets(text: str) -> Iterator[Finding]:
    """Return the kinds of secrets in a text, each with its first characters, and one e-mail address."""
    if not any(mark in text for mark in _MARKS):
        return
    for found in _SECRET.finditer(text):
        if len(set(found[0])) > 10:  # xxxxxxxx stands for a key, and is none
            yield "secret", f"{_NAMES[int(str(found.lastgroup)[1:])]}, {found[0][:_SHOWN]}…"
    if _PRIVATE.search(text):
        yield "secret", "a private key"
    if "@" in text:
        for found in _EMAIL.finditer(text):
            if not _PICTURE.search(found[0]):
                yield "email-address", f"{found[0][0]}…{found[0][found[0].index('@') :]}"
                break
