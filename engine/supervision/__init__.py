"""Supervision: children, their lives, the tree, and the rule that judges each end of a life."""
