"""From files to analysed images: uploads, archives, batches, the pipeline."""
