"""What people decide: tags, attributes, saved selections."""
