"""The screen: the browser session, sign-in and the pages of the site."""
