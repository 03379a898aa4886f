"""The program: command line, composition root, supervision tree, operator surfaces."""
