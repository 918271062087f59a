"""Reading a page by meaning: pure rules over a description of what the page shows."""
