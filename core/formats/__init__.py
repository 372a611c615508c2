"""Taking images out: tables as CSV and Parquet, originals as a zip."""
