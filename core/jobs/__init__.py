"""Long work: durable jobs, their progress, and the worker that runs them."""
