"""Folders and buckets of the server as sources of images: looked at, listed, watched."""
