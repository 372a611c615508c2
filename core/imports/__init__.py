"""What comes with the images: metadata, labels, boxes and feature vectors, matched by name."""
