"""The command line: a text and a model in, one HTML file out."""
