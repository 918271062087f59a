"""Looking at somebody else's page without changing anything: what of the guide is recognised there,
and a file of locators for what is not."""
