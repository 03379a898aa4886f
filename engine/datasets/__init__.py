"""Datasets on disk: read, written, and imported from the files of others."""
