"""The rules for values of settings, and the words of a refusal."""
