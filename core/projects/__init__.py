"""Projects: a set of images, the model that analyses them, and who may see them."""
