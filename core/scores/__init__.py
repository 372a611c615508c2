"""What the feature vectors say of an image among all others of its project."""
