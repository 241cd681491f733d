"""Find, load, save and run models and tokenizers."""
