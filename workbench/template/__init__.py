"""The one encoder: messages → text → tokens + labels, shared by preview and training."""
