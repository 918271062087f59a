"""What the notebook's cells show: accessible tables and pictures, in Russian.

Each view is a value; Jupyter calls `_ipython_display_`, everybody else reads `outputs()`. Tables
come as HTML with a text fallback, pictures as PNG with their alt text in the output's metadata.
"""
