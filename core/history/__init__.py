"""The append-only history of a project, and the undo that is made from it."""
