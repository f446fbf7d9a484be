"""One folder per adapter: a declaration and a generator (architecture.md §1). `base` is their contract."""
