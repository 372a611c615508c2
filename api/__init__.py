"""HTTP routes beside the pages: media, binary data, uploads, downloads. Core does the work."""
