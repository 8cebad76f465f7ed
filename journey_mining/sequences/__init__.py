"""Whole paths, and what is inside them: variants, frequent sequences, those of success, and next steps."""
