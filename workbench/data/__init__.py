"""What is in a file: open it, recognise its schema, map its columns, query it."""
