"""Parts of the verb `batch`: what is asked of it, and its plan."""
