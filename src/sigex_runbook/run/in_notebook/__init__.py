"""A run that a notebook leads by itself: a person in JupyterLab, or plain papermill."""
