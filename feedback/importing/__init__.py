"""Feedback out of files: columns, what the cells mean, and what is wrong with a row (product.md §1.6)."""
