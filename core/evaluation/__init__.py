"""How well models do: against ground truth, and against each other."""
