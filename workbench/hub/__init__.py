"""The one place that talks to the Hugging Face Hub: pay per look.

`plan()` asks what a look would cost and downloads nothing; `fetch()` downloads exactly that, resumably.
Nothing here imports huggingface_hub before one of the two is called.
"""

from workbench.hub.download import fetch
from workbench.hub.look import Download, plan
from workbench.hub.refusals import Unreachable
from workbench.hub.selection import HubFile, NoDataFiles, What

__all__ = ["Download", "HubFile", "NoDataFiles", "Unreachable", "What", "fetch", "plan"]
