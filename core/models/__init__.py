"""The models there are: the catalogue's, and those that people brought."""
