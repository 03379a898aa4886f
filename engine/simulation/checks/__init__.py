"""The invariants, each as something that watches a simulation and knows both truths."""
