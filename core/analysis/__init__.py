"""What the models found: predictions, boxes and feature vectors."""
