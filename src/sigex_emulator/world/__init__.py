"""The imitated state and its rules: organisations, settings, rights, documents, sessions, keys."""
