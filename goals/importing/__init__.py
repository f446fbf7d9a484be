"""Rules for imported goals and check-ins: values in, judgements out, no database (product.md §1.6)."""
