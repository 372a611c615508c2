"""What people say is in an image: ground truth that came with it, and corrections by hand."""
