"""Events at the venue that a test or simulation can cause, and the catalogue of all faults."""
