"""One run and many: the notebook's kernel, the scenarios, the employee, the pack that is left."""
