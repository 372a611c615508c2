"""HTTP routes beside the pages: media, binary data, uploads, downloads. Thin: core does the work."""
